"""Turns of an expert as the pages need them."""

from ...design import Item, Turn
from ..storage import StudyStorage
from .problem import Problem

# Drawings of one turn after the next one can be requested ahead.
AHEAD = 1


def turn_at(storage: StudyStorage, expert: str, order: int, ahead: int = 0) -> Turn:
    """Turn with this order; Problem if it is more than `ahead` turns after the next one."""
    try:
        turn = storage.turn(expert, order)
    except ValueError:
        raise Problem.of(404, f"turn {order}") from None
    following = storage.next_turn(expert)
    if following is not None and order > following + ahead:
        raise Problem(
            409,
            "Not the next ECG",
            "ECGs are judged in order. Continue where you stopped.",
            f"turn {order} while {following} is next",
            onward="/vote",
        )
    return turn


def item_of(storage: StudyStorage, turn: Turn) -> Item:
    """Item of this turn."""
    return storage.items[turn.item]


def practice_turns(storage: StudyStorage) -> int:
    """Number of practice turns; each practice item is shown once."""
    return sum(item.phase == "practice" for item in storage.items)
