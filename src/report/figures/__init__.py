"""Figures, from numbers to matplotlib."""

from .curve_labels import apart
from .curves import quiet
from .display import averaged
from .forest import forest_figure
from .paper import (
    CLEAR,
    LETTER,
    MM_PER_MS,
    MM_PER_MV,
    Cell,
    Sheet,
    small_multiples,
    time_axis,
    twelve_leads,
)
from .pictures import inline_svg, png, vector

__all__ = [
    "CLEAR",
    "LETTER",
    "MM_PER_MS",
    "MM_PER_MV",
    "Cell",
    "Sheet",
    "apart",
    "averaged",
    "forest_figure",
    "inline_svg",
    "png",
    "quiet",
    "small_multiples",
    "time_axis",
    "twelve_leads",
    "vector",
]
