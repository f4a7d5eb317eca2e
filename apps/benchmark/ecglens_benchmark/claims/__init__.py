"""Claims lab: published claims about scores of heatmaps, decided where the truth is known."""

from typing import TYPE_CHECKING

from ecglens.extras import lazy

if TYPE_CHECKING:
    from .laboratory import Decision, Found, claim, decided, kept
    from .pages import write_page
    from .rules import EVERY, Answer, Claim, Part, claims

__getattr__, __dir__, __all__ = lazy(__name__)
