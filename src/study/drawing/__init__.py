"""Drawing of ECG sheets and heatmaps as PNG images."""

from .heat import heat_of
from .sheets import Picture, sheet_of

__all__ = ["Picture", "heat_of", "sheet_of"]
