"""Counted votes as ballots: without undone, withdrawn and practice votes."""

import math
from collections.abc import Sequence
from typing import Any

from ...ballots import NONE, Ballot
from ...design import Item, Settings
from .database import Database
from .serialise import many_names


def ballots_of(db: Database, settings: Settings, items: Sequence[Item]) -> list[Ballot]:
    """Ballots by expert, each expert's in order of voting."""
    found = db.rows(
        "SELECT people.name, turns.item, turns.showing, turns.methods, position, rating, second, "
        "comment, seconds FROM counted JOIN turns USING (expert, turn) "
        "JOIN people ON people.id = expert "
        "WHERE expert NOT IN (SELECT expert FROM withdrawals) ORDER BY people.number, turn"
    )
    voted: dict[str, int] = {}
    ballots = []
    orders = many_names([methods for _, _, _, methods, *_ in found])
    for (expert, number, showing, _, *answer), methods in zip(found, orders, strict=True):
        item = items[number]
        if item.phase == "vote":
            voted[expert] = voted.get(expert, 0) + 1
            voter = (expert, voted[expert])
            ballots.append(_ballot(settings, item, (showing, methods), voter, answer))
    return ballots


def _ballot(
    settings: Settings,
    item: Item,
    seen: tuple[int, tuple[str, ...]],
    voter: tuple[str, int],
    vote: Sequence[Any],
) -> Ballot:
    """Ballot from `seen` (showing, methods on the screen) and `voter` (name, order of the vote).

    `vote` is its row: position, rating, second, comment, seconds.
    """
    showing, methods = seen
    expert, order = voter
    position, rating, second, comment, seconds = vote
    pair = settings.task == "pair"
    return Ballot(
        study=settings.name,
        task=settings.task,
        target=item.target,
        view=item.view,
        ecg=item.ecg,
        showing=showing,
        expert=expert,
        order=order,
        choice=methods[position - 1] if position else NONE,
        other=methods[2 - position] if pair else "",
        rating=rating,
        position=position,
        shown=len(methods),
        seconds=math.nan if seconds is None else seconds,
        catch=item.catch,
        second=second,
        comment=comment,
    )
