"""Figures, from numbers to matplotlib."""

from .curve_labels import apart
from .curves import curves_figure, quiet
from .display import averaged
from .drawn_paper import lead_figure
from .forest import forest_figure
from .maps import averaged_rows_figure
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
