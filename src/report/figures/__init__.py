"""Figures, from numbers to matplotlib."""

from typing import TYPE_CHECKING

from ...extras import lazy
from ...former import handed_on

if TYPE_CHECKING:
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
        SQUARE,
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

load, __dir__, __all__ = lazy(__name__)
MOVED = {
    "averaged_rows_figure": "ecglens_paper.figures",
    "lead_figure": "ecglens_reproductions.storas_figures",
}
__getattr__ = handed_on(__name__, MOVED, load)
