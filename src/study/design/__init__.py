"""A study before anybody votes: what is shown to whom, in which order."""

from .catch import maps_of, planted
from .choose import HOW, choose
from .item import Item, Turn
from .items import items, methods_of
from .material import Material
from .schedule import least_distance, turns
from .settings import Settings

__all__ = [
    "HOW",
    "Item",
    "Material",
    "Settings",
    "Turn",
    "choose",
    "items",
    "least_distance",
    "maps_of",
    "methods_of",
    "planted",
    "turns",
]
