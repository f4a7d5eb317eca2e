"""One sheet per ECG: what a network reads from it, how wrong it may be, and a heatmap if any."""

from .content import EcgSheet, TrainingRange
from .write import SheetWriter

__all__ = ["EcgSheet", "SheetWriter", "TrainingRange"]
