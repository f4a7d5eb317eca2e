"""Weights & Biases: panels, tables, ten summary values, and artifacts."""

from typing import TYPE_CHECKING

from ...extras import lazy

if TYPE_CHECKING:
    from .log import HEATMAPS, METHODS, PAGE, SWEEP_PAGE
    from .opened import answers
    from .panels import CHART, CHART_TABLE, SUMMARY

__getattr__, __dir__, __all__ = lazy(__name__)
