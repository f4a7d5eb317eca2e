"""Heatmaps made once and kept, the order of their points, and their beats laid over each other."""

from .attributions import ATTRIBUTIONS, WHOLE, heatmaps, kept_attributions, method_key
from .explained import Heatmaps, check_finite, predictions, same_maps
from .folding import MOMENTS, aligned, fold, windows
from .probe import CHUNK, Probe, probe_of

__all__ = [
    "ATTRIBUTIONS",
    "CHUNK",
    "MOMENTS",
    "WHOLE",
    "Heatmaps",
    "Probe",
    "aligned",
    "check_finite",
    "fold",
    "heatmaps",
    "kept_attributions",
    "method_key",
    "predictions",
    "probe_of",
    "same_maps",
    "windows",
]
