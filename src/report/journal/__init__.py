"""Figures and tables of a run for an article: at a journal's width, as PDF, SVG and LaTeX."""

from ..figures.column import TooNarrow
from .figures import HEATMAPS, Form, Offered, offered, write_figure, write_table_of
from .heatmaps import Choice, check_choice

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
