"""Heatmaps made once and kept, the order of their points, and their beats laid over each other."""

from typing import TYPE_CHECKING

from ...extras import lazy

if TYPE_CHECKING:
    from .attributions import ATTRIBUTIONS, WHOLE, heatmaps, kept_attributions, method_key
    from .explained import Heatmaps, check_finite, predictions, same_maps
    from .folding import MOMENTS, aligned, fold, windows
    from .probe import CHUNK, Probe, probe_of

__getattr__, __dir__, __all__ = lazy(__name__)
