"""What the evaluations with a number per ECG found, drawn and put into words for the page."""

from .section import PanelSection

__all__ = ["PanelSection"]
