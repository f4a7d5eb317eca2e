"""One sheet per ECG: what a network reads from it, how wrong it may be, and a heatmap if any."""

from .content import EcgSheet, Supported, TrainingRange
from .known import KnownNetwork, evaluated, unevaluated
from .write import SheetWriter, Written, write_sheets

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
