"""Figures and tables of a run for an article: at a journal's width, as PDF, SVG and LaTeX."""

from ..figures.column import TooNarrow
from ..views.choice import Choice, check_choice
from .offered import HEATMAPS, Offered, offered
from .write import Form, write_figure, write_table_of

__all__ = [
    "HEATMAPS",
    "Choice",
    "Form",
    "Offered",
    "TooNarrow",
    "check_choice",
    "offered",
    "write_figure",
    "write_table_of",
]
