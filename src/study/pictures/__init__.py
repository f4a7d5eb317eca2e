"""The sheets and heatmaps of a study as pictures, each drawn once."""

from .heat import heat_of
from .sheets import Picture, sheet_of

__all__ = ["Picture", "heat_of", "sheet_of"]
