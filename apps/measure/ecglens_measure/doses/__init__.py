"""Named, graded changes of ECGs with their size and a record of what else changed."""

from .applied import Changed, applied, change
from .catalogue import doses
from .dose import Dose, Unchangeable
from .marking import Marked, marked

__all__ = ["Changed", "Dose", "Marked", "Unchangeable", "applied", "change", "doses", "marked"]
