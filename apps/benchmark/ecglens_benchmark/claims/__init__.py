"""Claims lab: published claims about scores of heatmaps, decided where the truth is known."""

from .laboratory import Decision, Found, claim, decided, kept
from .pages import write_page
from .rules import EVERY, Answer, Claim, Part, claims

__all__ = [
    "EVERY",
    "Answer",
    "Claim",
    "Decision",
    "Found",
    "Part",
    "claim",
    "claims",
    "decided",
    "kept",
    "write_page",
]
