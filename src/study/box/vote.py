"""What an expert sends of one turn, and whether it is an answer to it."""

import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..ballot import RATINGS
from ..design import Settings, Turn

LONGEST_COMMENT = 2000


@dataclass(frozen=True)
class Vote:
    """The answer to one turn.

    `position` is the place on the screen, 0 for none is useful; of a pair the better one, 1 or 2;
    1 where one map is rated. `seconds` is NaN where it is not known.
    """

    position: int
    rating: int = 0
    second: str = ""
    comment: str = ""
    seconds: float = math.nan

    @property
    def answer(self) -> tuple[int, int, str, str]:
        """What was said, however long it took."""
        return (self.position, self.rating, self.second, self.comment)


def tidy(vote: Vote) -> Vote:
    """The vote with line ends and edges of its words as a CSV file gives them back."""
    comment = "\n".join(vote.comment.splitlines())
    return replace(vote, second=vote.second.strip(), comment=comment.strip())


def check(vote: Vote, turn: Turn, settings: Settings) -> None:
    """Raises ValueError that names everything which is no answer to this turn."""
    if wrong := [*_faults(vote, turn, settings)]:
        raise ValueError("; ".join(wrong))


def _faults(vote: Vote, turn: Turn, settings: Settings) -> Iterator[str]:
    least = 0 if settings.protocol == "pick" and settings.none else 1
    if not least <= vote.position <= len(turn.methods):
        yield f"expected a position of {least} to {len(turn.methods)}, got {vote.position}"
    if settings.protocol == "rate" and vote.rating not in RATINGS:
        yield f"expected a rating of 1 to 5, got {vote.rating or 'nothing'}"
    if settings.protocol != "rate" and vote.rating:
        yield f"expected a rating only of rate, got {vote.rating} of {settings.protocol}"
    if vote.second not in ("", *settings.second_answers):
        yield f"expected an answer of the second question, got {vote.second[:80]!r}"
    if vote.comment and not settings.comment:
        yield "expected no comment, since this study asks for none"
    if len(vote.comment) > LONGEST_COMMENT:
        yield f"expected at most {LONGEST_COMMENT} characters, got {len(vote.comment)}"
    letters = {*vote.comment} - {"\n", "\t"}
    if any(unicodedata.category(each) in ("Cc", "Cs") for each in letters):
        yield "expected a comment of text, got control characters"
    if vote.seconds < 0:
        yield f"expected seconds of 0 or more, got {vote.seconds}"
