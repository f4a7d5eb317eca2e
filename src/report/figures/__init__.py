"""Figures, from numbers to matplotlib."""

from ...former import handed_on
from .curves import apart, curves_figure, quiet
from .ecg import LOWERS, RAISES, averaged, colours, draw_key, highlight, shown
from .intervals import Mark, draw_interval, forest_figure, method_rows
from .paper import (
    CLEAR,
    CLINICAL,
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
from .pictures import inline_svg, png, printable, small_png, small_pngs, vector

__getattr__ = handed_on(
    __name__,
    {
        "averaged_rows_figure": "ecglens_paper.figures",
        "lead_figure": "ecglens_reproductions.storas_figures",
    },
)

__all__ = [
    "CLEAR",
    "CLINICAL",
    "GAP",
    "LETTER",
    "LOWERS",
    "MARGIN",
    "MM_PER_MS",
    "MM_PER_MV",
    "RAISES",
    "Cell",
    "Mark",
    "Sheet",
    "apart",
    "averaged",
    "colours",
    "curves_figure",
    "draw_interval",
    "draw_key",
    "draw_marks",
    "draw_name",
    "draw_paper",
    "draw_trace",
    "forest_figure",
    "highlight",
    "inline_svg",
    "lay_out",
    "method_rows",
    "paper_figure",
    "places",
    "png",
    "printable",
    "quiet",
    "shown",
    "small_multiples",
    "small_png",
    "small_pngs",
    "time_axis",
    "twelve_leads",
    "vector",
]
