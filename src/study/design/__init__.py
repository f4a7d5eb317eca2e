"""A study before anybody votes: what is shown to whom, in which order."""

from .item import Item, Turn
from .material import Material
from .settings import Settings

__all__ = ["Item", "Material", "Settings", "Turn"]
