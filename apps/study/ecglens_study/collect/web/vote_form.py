"""Vote from a form; the storage checks that it answers the turn."""

from collections.abc import Mapping

from ...ballots import RATINGS
from ...design import Settings
from ..storage import LONGEST_COMMENT, Vote
from .form import seconds_of, whole_of
from .problem import Problem

UNSET = -1


def vote_of(fields: Mapping[str, str], settings: Settings) -> Vote:
    """Vote of a form; Problem for a missing choice or a comment that is too long."""
    rates = settings.task == "rate"
    position = whole_of(fields, "position", 1 if rates else UNSET)
    if position == UNSET:
        raise Problem(422, "No map chosen", "Go back and choose a map.", "no position")
    rating = whole_of(fields, "rating", 0)
    if rates and rating not in RATINGS:
        raise Problem(422, "No rating", "Go back and rate the map from 1 to 5.", "no rating")
    comment = fields.get("comment", "").strip()
    if len(comment) > LONGEST_COMMENT:
        text = f"A comment can have {LONGEST_COMMENT} characters. Go back and shorten it."
        raise Problem(422, "The comment is too long", text, f"comment of {len(comment)} characters")
    return Vote(
        position=position,
        rating=rating,
        second=fields.get("second", ""),
        comment=comment,
        seconds=seconds_of(fields),
    )
