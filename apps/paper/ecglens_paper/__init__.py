"""For an author's paper: methods, settings, flow of exclusions and references, from the facts."""

from .section import MethodsSection, methods_sections

__all__ = ["MethodsSection", "methods_sections"]
