"""Two runs side by side: what differs in their settings, and in their answers."""

from .page import Run, write_comparison

__all__ = ["Run", "write_comparison"]
