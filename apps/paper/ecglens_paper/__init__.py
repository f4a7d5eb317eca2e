"""For an author's paper: figures, methods, settings, flow of exclusions and references.

Names load on first use, so that the help of commands stays quick.
"""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .section import MethodsSection, methods_sections

__getattr__, __dir__, __all__ = lazy(__name__)
