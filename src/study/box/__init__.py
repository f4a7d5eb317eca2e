"""Where the ballots of a study lie: one SQLite file, durable before anything else is shown."""

from .audit import Entry
from .box import BallotBox, GuessItem
from .live import LiveKappa
from .people import ORGANISER, Session, check_name
from .progress import Progress
from .refusal import Decided, Refused
from .vote import LONGEST_COMMENT, Vote

__all__ = [
    "LONGEST_COMMENT",
    "ORGANISER",
    "BallotBox",
    "Decided",
    "Entry",
    "GuessItem",
    "LiveKappa",
    "Progress",
    "Refused",
    "Session",
    "Vote",
    "check_name",
]
