"""Named, graded changes of ECGs with their size and a record of what else changed."""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from ..catalogue import Dose, doses
    from .applied import Changed, InTurn, applied, change, in_turn
    from .dose import Unchangeable
    from .marking import Marked, marked, median_of_strip

__getattr__, __dir__, __all__ = lazy(__name__)
