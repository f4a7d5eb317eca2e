"""Storage of a study in progress: one SQLite file and a folder of drawings.

Every vote is on disk before the next page is shown.
"""

from .database import ASSETS, FILE, Decided, Entry, Refused
from .drawings import Drawings
from .guesses import GuessItem
from .people import ORGANISER, Progress, Session, check_name
from .study_storage import StudyStorage
from .voting import LONGEST_COMMENT, Vote

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
