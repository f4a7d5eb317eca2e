"""A vote as a form says it, checked against what stood on the screen."""

from collections.abc import Mapping

from ..ballot import RATINGS
from ..box import LONGEST_COMMENT, Vote
from ..design import Settings
from .fields import seconds_of, whole_of
from .problem import Problem
from .turns import offers_none

UNSET = -1


def vote_of(fields: Mapping[str, str], settings: Settings, shown: int) -> Vote:
    """The vote of a form for a screen of `shown` maps; Problem for what it did not offer."""
    rates = settings.protocol == "rate"
    position = whole_of(fields, "position", 1 if rates else UNSET)
    if position == UNSET:
        raise Problem(422, "Nothing is chosen", "Go back and choose a map.", "no position")
    if not (0 if offers_none(settings) else 1) <= position <= shown:
        raise Problem.of(422, f"position {position} of {shown}")
    rating = whole_of(fields, "rating", 0)
    if rates and rating not in RATINGS:
        raise Problem(422, "Nothing is rated", "Go back and rate the map from 1 to 5.", "no rating")
    if not rates and rating:
        raise Problem.of(422, "a rating where none is asked")
    return Vote(
        position=position,
        rating=rating,
        second=_second(fields.get("second", ""), settings),
        comment=_comment(fields.get("comment", "").strip(), settings),
        seconds=seconds_of(fields),
    )


def _second(answer: str, settings: Settings) -> str:
    if answer and answer not in settings.second_answers:
        raise Problem.of(422, "an answer that the second question does not have")
    return answer


def _comment(text: str, settings: Settings) -> str:
    if text and not settings.comment:
        raise Problem.of(422, "a comment where none is asked")
    if len(text) > LONGEST_COMMENT:
        words = f"A comment has at most {LONGEST_COMMENT} characters. Go back and make it shorter."
        raise Problem(422, "The comment is too long", words, f"comment of {len(text)} characters")
    return text
