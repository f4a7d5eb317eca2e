"""Figures and tables of a run for an article: at a journal's width, as PDF, SVG and LaTeX."""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .column import TooNarrow
    from .heatmaps import Choice, check_choice
    from .offered import HEATMAPS, Form, Offered, offered, write_figure, write_table_of
    from .panels import averaged_rows_figure

__getattr__, __dir__, __all__ = lazy(__name__)
