"""Vote on one turn, and the check that it answers the turn."""

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...ballots import RATINGS
from ...design import Settings, Turn

LONGEST_COMMENT = 2000


@dataclass(frozen=True)
class Vote:
    """Answer to one turn.

    `position` is that of the chosen map on the screen, 0 for "none is useful", and 1 with task
    rate. `seconds` is NaN if unknown.
    """

    position: int
    rating: int = 0
    second: str = ""
    comment: str = ""
    seconds: float = math.nan

    @property
    def answer(self) -> tuple[int, int, str, str]:
        """Answer without the time it took."""
        return (self.position, self.rating, self.second, self.comment)


def tidy(vote: Vote) -> Vote:
    """Vote with line ends and outer spaces as they come back from a CSV file."""
    comment = "\n".join(vote.comment.splitlines())
    return replace(vote, second=vote.second.strip(), comment=comment.strip())


def check(vote: Vote, turn: Turn, settings: Settings) -> None:
    """Raise ValueError that names everything that does not answer this turn."""
    if wrong := [*_faults(vote, turn, settings)]:
        raise ValueError("; ".join(wrong))


def _faults(vote: Vote, turn: Turn, settings: Settings) -> Iterator[str]:
    least = 0 if settings.offers_none else 1
    if not least <= vote.position <= len(turn.methods):
        yield f"expected a position from {least} to {len(turn.methods)}, got {vote.position}"
    if settings.task == "rate" and vote.rating not in RATINGS:
        yield f"expected a rating from 1 to 5, got {vote.rating or 'nothing'}"
    if settings.task != "rate" and vote.rating:
        yield f"expected a rating only with task rate, got {vote.rating} with {settings.task}"
    if vote.second not in ("", *settings.second_answers):
        yield f"expected a listed answer to the second question, got {vote.second[:80]!r}"
    if vote.comment and not settings.comment:
        yield "expected no comment: this study has no comment field"
    if len(vote.comment) > LONGEST_COMMENT:
        yield f"expected at most {LONGEST_COMMENT} characters, got {len(vote.comment)}"
    letters = {*vote.comment} - {"\n", "\t"}
    if any(unicodedata.category(each) in ("Cc", "Cs") for each in letters):
        yield "expected a comment of text, got control characters"
    if vote.seconds < 0:
        yield f"expected seconds of 0 or more, got {vote.seconds}"
