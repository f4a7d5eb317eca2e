"""Response of a network to known changes of ECGs.

Names load on first use, so that the help of commands stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .doses import Changed, Dose, Marked, Unchangeable, applied, change, in_turn, marked
    from .library import measure_network
    from .measurement import Measurement
    from .sheet import DataSheet

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "doses": "Changed Dose Marked Unchangeable applied change in_turn marked",
        "library": "measure_network",
        "measurement": "Measurement",
        "sheet": "DataSheet",
    },
)
