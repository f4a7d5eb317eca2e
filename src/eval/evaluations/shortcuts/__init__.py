"""Shortcuts: how much relevance lies outside the heart's signal."""

from .audit import Audit, audit, flags
from .evaluation import Shortcuts
from .measures import MEASURES
from .rule import ODDS, Judged, judged, limit_of

__all__ = [
    "MEASURES",
    "ODDS",
    "Audit",
    "Judged",
    "Shortcuts",
    "audit",
    "flags",
    "judged",
    "limit_of",
]
