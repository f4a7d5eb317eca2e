"""What the sanity experiments found, drawn and put into words for the page."""

from .lights import lights
from .section import FindingSection, finding_sections

__all__ = ["FindingSection", "finding_sections", "lights"]
