"""Named, graded changes of ECGs with their size and a record of what else changed."""

from ..catalogue import Dose, doses
from .applied import Changed, InTurn, applied, change, in_turn
from .dose import Unchangeable
from .marking import Marked, marked, median_of_strip

__all__ = [
    "Changed",
    "Dose",
    "InTurn",
    "Marked",
    "Unchangeable",
    "applied",
    "change",
    "doses",
    "in_turn",
    "marked",
    "median_of_strip",
]
