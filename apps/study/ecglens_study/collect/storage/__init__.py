"""Storage of a study in progress: one SQLite file and a folder of drawings.

Every vote is on disk before the next page is shown.
"""

from .drawings import Drawings
from .guesses import GuessItem
from .log import Entry
from .people import ORGANISER, Session, check_name
from .progress import Progress
from .refusal import Decided, Refused
from .schema import ASSETS, FILE
from .study_storage import StudyStorage
from .vote import LONGEST_COMMENT, Vote

__all__ = [
    "ASSETS",
    "FILE",
    "LONGEST_COMMENT",
    "ORGANISER",
    "Decided",
    "Drawings",
    "Entry",
    "GuessItem",
    "Progress",
    "Refused",
    "Session",
    "StudyStorage",
    "Vote",
    "check_name",
]
