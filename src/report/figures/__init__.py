"""Figures, from numbers to matplotlib."""

from .curves import apart, curves_figure, quiet
from .ecg import averaged, draw_key, highlight, shown
from .intervals import forest_figure
from .maps import draw_bands
from .paper import (
    CLEAR,
    GAP,
    LETTER,
    MARGIN,
    MM_PER_MS,
    MM_PER_MV,
    Cell,
    Sheet,
    draw_marks,
    draw_name,
    draw_paper,
    draw_trace,
    lay_out,
    paper_figure,
    places,
    small_multiples,
    time_axis,
    twelve_leads,
)
from .pictures import inline_svg, png, printable, small_png, vector

__all__ = [
    "CLEAR",
    "GAP",
    "LETTER",
    "MARGIN",
    "MM_PER_MS",
    "MM_PER_MV",
    "Cell",
    "Sheet",
    "apart",
    "averaged",
    "curves_figure",
    "draw_bands",
    "draw_key",
    "draw_marks",
    "draw_name",
    "draw_paper",
    "draw_trace",
    "forest_figure",
    "highlight",
    "inline_svg",
    "lay_out",
    "paper_figure",
    "places",
    "png",
    "printable",
    "quiet",
    "shown",
    "small_multiples",
    "small_png",
    "time_axis",
    "twelve_leads",
    "vector",
]
