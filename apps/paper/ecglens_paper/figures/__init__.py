"""Figures and tables of a run for an article: at a journal's width, as PDF, SVG and LaTeX."""

from .column import TooNarrow
from .heatmaps import Choice, check_choice
from .offered import HEATMAPS, Form, Offered, offered, write_figure, write_table_of
from .panels import averaged_rows_figure

__all__ = [
    "HEATMAPS",
    "Choice",
    "Form",
    "Offered",
    "TooNarrow",
    "averaged_rows_figure",
    "check_choice",
    "offered",
    "write_figure",
    "write_table_of",
]
