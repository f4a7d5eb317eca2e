"""An expert's way: one turn after another, each decided once, the last taken back at will."""

import math
from collections.abc import Sequence
from typing import Any

from ..design import Settings, Turn
from .clock import between, now
from .database import Database
from .people import expert_id
from .refusal import Decided, Refused
from .vote import Vote, check, tidy
from .written import names

LAST = 0  # in place of the order of a turn


def turn_of(db: Database, name: str, order: int) -> Turn:
    """What the expert is shown at this order."""
    expert = expert_id(db, name)
    found = db.one("SELECT item, showing, methods FROM turns WHERE expert = ? AND turn = ?",
                   (expert, order))  # fmt: skip
    if not found:
        raise ValueError(f"expected a turn of {name!r}, got {order}, which was not planned")
    return Turn(order, found[0], found[1], names(found[2]))


def counted(db: Database, name: str, order: int) -> Vote | None:
    """The answer to this turn that was not taken back."""
    found = _counted(db, expert_id(db, name), order)
    return vote_from(found) if found else None


def next_turn(db: Database, name: str) -> int | None:
    """The lowest order without an answer."""
    expert = expert_id(db, name)
    following = _last(db, expert) + 1
    planned = db.one("SELECT 1 FROM turns WHERE expert = ? AND turn = ?", (expert, following))
    return following if planned else None


def shown(db: Database, name: str, order: int) -> None:
    """Keep when this turn was first to be seen."""
    expert = expert_id(db, name)
    if not db.one("SELECT 1 FROM shown WHERE expert = ? AND turn = ?", (expert, order)):
        turn_of(db, name, order)
        with db.writing() as writer:
            writer.execute("INSERT INTO shown VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                           (expert, order, now()))  # fmt: skip


def cast(db: Database, name: str, order: int, vote: Vote, settings: Settings) -> None:
    """Keep the answer: it is on disk when this returns.

    The same answer once more is a double submit and changes nothing, also after the study was
    locked; another one is Decided.
    """
    expert, turn, vote = expert_id(db, name), turn_of(db, name, order), tidy(vote)
    check(vote, turn, settings)
    with db.writing() as writer:
        if before := _counted(db, expert, order):
            if vote_from(before).answer == vote.answer:
                return
            raise Decided(f"expected turn {order} to be open, it has another answer")
        open_for(db, expert)
        if (following := _last(db, expert) + 1) != order:
            raise ValueError(f"expected a vote on the next turn, {following}, got {order}")
        at = now()
        (undos,) = db.one("SELECT count(*) FROM undos WHERE expert = ? AND turn = ?",
                          (expert, order))  # fmt: skip
        values = (expert, order, undos + 1, at, *vote.answer, _seconds(db, expert, order, vote, at))
        writer.execute(
            "INSERT INTO votes (expert, turn, attempt, at, position, rating, second, comment, "
            "seconds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )


def undo(db: Database, name: str, order: int = LAST) -> int:
    """Take the last counted vote back, which stays in the history; the order of its turn.

    With an `order` a second press does not take one more vote back: a turn that is open already
    stays so, and only the last one can be opened.
    """
    expert = expert_id(db, name)
    with db.writing() as writer:
        last = _last(db, expert)
        if order == last + 1 and db.one("SELECT 1 FROM undos WHERE expert = ? AND turn = ?",
                                        (expert, order)):  # fmt: skip
            return order
        open_for(db, expert)
        if not last:
            raise ValueError("expected a vote to take back, there is none")
        if order not in (LAST, last):
            raise ValueError(f"expected to take back the last vote, {last}, got {order}")
        if db.one("SELECT 1 FROM guesses WHERE expert = ?", (expert,)):
            # The list of names to guess from may have told which maps are which.
            raise ValueError("expected an undo before the guesses, they were made already")
        writer.execute(
            "INSERT INTO undos SELECT expert, turn, attempt, ? FROM counted "
            "WHERE expert = ? AND turn = ?",
            (now(), expert, last),
        )
    return last


def open_for(db: Database, expert: int) -> None:
    """Raises Refused where the expert may decide nothing now; call it within writing()."""
    if db.one("SELECT 1 FROM withdrawals WHERE expert = ?", (expert,)):
        raise Refused("revoked")
    if locked(db):
        raise Refused("locked")
    if not db.one("SELECT 1 FROM consents WHERE expert = ?", (expert,)):
        raise Refused("consent")


def locked(db: Database) -> bool:
    """True after the last lock until it is unlocked."""
    found = db.one("SELECT locked FROM locks ORDER BY id DESC LIMIT 1")
    return bool(found and found[0])


def vote_from(row: Sequence[Any]) -> Vote:
    """Of position, rating, second, comment, seconds."""
    *answer, seconds = row
    return Vote(*answer, seconds=math.nan if seconds is None else seconds)


def _counted(db: Database, expert: int, order: int) -> Sequence[Any]:
    return db.one(
        "SELECT position, rating, second, comment, seconds FROM counted "
        "WHERE expert = ? AND turn = ?",
        (expert, order),
    )


def _last(db: Database, expert: int) -> int:
    """The last turn with an answer; all before it have one (schema)."""
    found = db.one("SELECT turn FROM counted WHERE expert = ? ORDER BY turn DESC LIMIT 1",
                   (expert,))  # fmt: skip
    return int(found[0]) if found else 0


def _seconds(db: Database, expert: int, order: int, vote: Vote, at: str) -> float:
    """What the page says, but no more than passed since the turn was first shown."""
    first = db.one("SELECT at FROM shown WHERE expert = ? AND turn = ?", (expert, order))
    most = between(first[0], at) if first else math.nan
    told = [each for each in (vote.seconds, most) if math.isfinite(each)]
    return round(min(told), 3) if told else math.nan
