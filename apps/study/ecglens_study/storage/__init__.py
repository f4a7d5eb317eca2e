"""Storage of a study in progress: one SQLite file and a folder of drawings.

Every vote is on disk before the next page is shown.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .database import ASSETS, FILE, Decided, Entry, Refused
    from .drawings import Drawings
    from .guesses import GuessItem
    from .people import ORGANISER, Progress, Session, check_name
    from .study_storage import StudyStorage
    from .voting import LONGEST_COMMENT, Vote

__getattr__, __dir__, __all__ = lazy(__name__)
