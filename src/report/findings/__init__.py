"""What the sanity experiments found, drawn and put into words for the page."""

from .lights import lights
from .section import FindingSection

__all__ = ["FindingSection", "lights"]
