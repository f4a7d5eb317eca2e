"""AUROC while points are deleted, never without that of the mask of what was deleted."""

from .mask import mask_auroc
from .table import Deletions, deletions, tells_classes

__all__ = ["Deletions", "deletions", "mask_auroc", "tells_classes"]
