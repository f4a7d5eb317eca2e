"""Heatmaps made once and kept, the order of their points, and their beats laid over each other."""

from .attributions import WHOLE, kept_attributions
from .probe import CHUNK, Probe, probe_of

__all__ = ["CHUNK", "WHOLE", "Probe", "kept_attributions", "probe_of"]
