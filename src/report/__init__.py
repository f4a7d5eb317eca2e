"""Numbers and heatmaps to figures, tables and one page; the only room that draws or publishes."""

from .page import write_report

__all__ = ["write_report"]
