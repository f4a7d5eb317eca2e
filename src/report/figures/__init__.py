"""Figures, from numbers to matplotlib."""

from .curve_labels import apart
from .curves import quiet
from .display import LEVELS, averaged, colours, quantised
from .drawn_paper import bare_paper, draw_marks, draw_name, draw_trace
from .ecg import HALO
from .forest import forest_figure
from .paper import (
    CLEAR,
    LETTER,
    MM_PER_MS,
    MM_PER_MV,
    SQUARE,
    Cell,
    Sheet,
    small_multiples,
    time_axis,
    twelve_leads,
)
from .pictures import COLOURS, METHOD, inline_svg, png, vector

__all__ = [
    "CLEAR",
    "COLOURS",
    "HALO",
    "LETTER",
    "LEVELS",
    "METHOD",
    "MM_PER_MS",
    "MM_PER_MV",
    "SQUARE",
    "Cell",
    "Sheet",
    "apart",
    "averaged",
    "bare_paper",
    "colours",
    "draw_marks",
    "draw_name",
    "draw_trace",
    "forest_figure",
    "inline_svg",
    "png",
    "quantised",
    "quiet",
    "small_multiples",
    "time_axis",
    "twelve_leads",
    "vector",
]
