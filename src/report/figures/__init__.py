"""Figures, from numbers to matplotlib."""

from .curves import apart, curves_figure, quiet
from .ecg import averaged
from .intervals import forest_figure
from .maps import averaged_rows_figure
from .paper import (
    CLEAR,
    LETTER,
    MM_PER_MS,
    MM_PER_MV,
    Cell,
    Sheet,
    lead_figure,
    small_multiples,
    time_axis,
    twelve_leads,
)
from .pictures import inline_svg, png, small_png, vector

__all__ = [
    "CLEAR",
    "LETTER",
    "MM_PER_MS",
    "MM_PER_MV",
    "Cell",
    "Sheet",
    "apart",
    "averaged",
    "averaged_rows_figure",
    "curves_figure",
    "forest_figure",
    "inline_svg",
    "lead_figure",
    "png",
    "quiet",
    "small_multiples",
    "small_png",
    "time_axis",
    "twelve_leads",
    "vector",
]
