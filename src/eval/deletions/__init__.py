"""AUROC while points are deleted, never without that of the mask of what was deleted."""

from .mask import mask_values
from .table import Deletions, deletions, tells_classes

__all__ = ["Deletions", "deletions", "mask_values", "tells_classes"]
