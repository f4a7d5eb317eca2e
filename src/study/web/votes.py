"""A vote as a form says it; whether the turn offered it is the box's to say."""

from collections.abc import Mapping

from ..ballot import RATINGS
from ..box import LONGEST_COMMENT, Vote
from ..design import Settings
from .fields import seconds_of, whole_of
from .problem import Problem

UNSET = -1


def vote_of(fields: Mapping[str, str], settings: Settings) -> Vote:
    """The vote of a form; Problem for what an expert may forget or write too long."""
    rates = settings.protocol == "rate"
    position = whole_of(fields, "position", 1 if rates else UNSET)
    if position == UNSET:
        raise Problem(422, "Nothing is chosen", "Go back and choose a map.", "no position")
    rating = whole_of(fields, "rating", 0)
    if rates and rating not in RATINGS:
        raise Problem(422, "Nothing is rated", "Go back and rate the map from 1 to 5.", "no rating")
    comment = fields.get("comment", "").strip()
    if len(comment) > LONGEST_COMMENT:
        words = f"A comment has at most {LONGEST_COMMENT} characters. Go back and make it shorter."
        raise Problem(
            422, "The comment is too long", words, f"comment of {len(comment)} characters"
        )
    return Vote(
        position=position,
        rating=rating,
        second=fields.get("second", ""),
        comment=comment,
        seconds=seconds_of(fields),
    )
