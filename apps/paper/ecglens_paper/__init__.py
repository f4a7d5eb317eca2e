"""For an author's paper: figures, methods, settings, flow of exclusions and references."""

from .section import MethodsSection, methods_sections

__all__ = ["MethodsSection", "methods_sections"]
