"""Heatmaps made once and kept, the order of their points, and their beats laid over each other."""

from .attributions import WHOLE, heatmaps, kept_attributions
from .explained import same_maps
from .folding import MOMENTS, windows
from .probe import CHUNK, Probe, probe_of

__all__ = [
    "CHUNK",
    "MOMENTS",
    "WHOLE",
    "Probe",
    "heatmaps",
    "kept_attributions",
    "probe_of",
    "same_maps",
    "windows",
]
