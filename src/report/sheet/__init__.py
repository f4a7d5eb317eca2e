"""One sheet per ECG: what a network reads from it, how wrong it may be, and a heatmap if any."""

from .content import EcgSheet, Supported, TrainingRange
from .known import KnownNetwork, evaluated, unevaluated
from .sheets import Written, write_sheets
from .write import SheetWriter

__all__ = [
    "EcgSheet",
    "KnownNetwork",
    "SheetWriter",
    "Supported",
    "TrainingRange",
    "Written",
    "evaluated",
    "unevaluated",
    "write_sheets",
]
