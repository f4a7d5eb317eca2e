"""Response of a network to known changes of ECGs.

Names load on first use, so that the help of commands stays quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .doses import Changed, Dose, Marked, Unchangeable, applied, change, in_turn, marked
    from .library import measure_network
    from .measurement import Measurement
    from .sheet import DataSheet

__all__ = [
    "Changed",
    "DataSheet",
    "Dose",
    "Marked",
    "Measurement",
    "Unchangeable",
    "applied",
    "change",
    "in_turn",
    "marked",
    "measure_network",
]
MODULE_OF = {
    "DataSheet": ".sheet",
    "Measurement": ".measurement",
    "measure_network": ".library",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(MODULE_OF.get(name, ".doses"), __name__), name)
