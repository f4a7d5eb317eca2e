"""ECG sheets and heatmaps as the data that the page draws."""

from .heat import heat_of
from .sheets import Paper, sheet_of

__all__ = ["Paper", "heat_of", "sheet_of"]
