"""Response of a network to known changes of ECGs.

Names load on first use, so that the help of commands stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .doses import Changed, Dose, Marked, Unchangeable, applied, change, in_turn, marked
    from .known import of_prepared
    from .library import measure_network
    from .measurement import Measurement
    from .sheet import DataSheet
    from .whatif import signed
    from .words import amount, printed, upper_first

__getattr__, __dir__, __all__ = lazy(__name__)
