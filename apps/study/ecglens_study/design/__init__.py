"""The design of a study: which ECGs and maps each expert sees, and in which order."""

from .catch import maps_of, planted
from .choose import SAMPLINGS, choose
from .item import Item, Turn
from .items import items, methods_of
from .practice import sources
from .schedule import least_distance, turns
from .settings import Settings
from .streams import stream
from .study_input import StudyInput

__all__ = [
    "SAMPLINGS",
    "Item",
    "Settings",
    "StudyInput",
    "Turn",
    "choose",
    "items",
    "least_distance",
    "maps_of",
    "methods_of",
    "planted",
    "sources",
    "stream",
    "turns",
]
