"""Shortcuts: how much relevance lies outside the heart's signal."""

from .evaluation import MEASURES, ODDS, Audit, Judged, Shortcuts, audit, flags, judged, limit_of

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
