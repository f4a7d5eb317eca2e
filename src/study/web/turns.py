"""An expert's turns as the pages speak of them."""

from ..box import BallotBox
from ..design import Item, Settings, Turn
from .problem import Problem

# Pictures of the turn after the next may be asked for ahead, and no others.
AHEAD = 1


def turn_at(box: BallotBox, expert: str, order: int, ahead: int = 0) -> Turn:
    """The expert's turn of this order, decided or at most `ahead` after the next; else Problem."""
    try:
        turn = box.turn(expert, order)
    except ValueError:
        raise Problem.of(404, f"turn {order}") from None
    following = box.next_turn(expert)
    if following is not None and order > following + ahead:
        raise Problem(
            409,
            "This is not the next one",
            "ECGs are judged one after another. Go on where you were.",
            f"turn {order} while {following} is next",
            onward="/vote",
        )
    return turn


def item_of(box: BallotBox, turn: Turn) -> Item:
    """What is judged at this turn."""
    return box.items[turn.item]


def practice_turns(box: BallotBox) -> int:
    """How many turns of practice stand before those that count: each item of it comes once."""
    return sum(item.part == "practice" for item in box.items)


def offers_none(settings: Settings) -> bool:
    """Whether "none is useful" may be voted."""
    return settings.none and settings.protocol == "pick"
