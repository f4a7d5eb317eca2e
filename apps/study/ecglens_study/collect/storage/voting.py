"""Voting: turns are answered in order, once each; the last vote can be undone."""

import math
from collections.abc import Sequence
from typing import Any

from ...design import Settings, Turn
from .clock import between, now
from .database import Database
from .log import note
from .people import ORGANISER, expert_id
from .refusal import Decided, Refused
from .serialise import names
from .vote import Vote, check, tidy

LAST = 0  # stands for the turn voted on last


def turn_of(db: Database, name: str, order: int) -> Turn:
    """Turn of the expert with this order."""
    expert = expert_id(db, name)
    found = db.one("SELECT item, showing, methods FROM turns WHERE expert = ? AND turn = ?",
                   (expert, order))  # fmt: skip
    if not found:
        raise ValueError(f"expected the order of a turn of {name!r}, got {order}")
    return Turn(order, found[0], found[1], names(found[2]))


def counted(db: Database, name: str, order: int) -> Vote | None:
    """Vote on this turn that was not undone, None if there is none."""
    found = _counted(db, expert_id(db, name), order)
    return vote_from(found) if found else None


def undone(db: Database, name: str, order: int) -> Vote | None:
    """Latest vote on this turn if it was undone, None otherwise."""
    expert = expert_id(db, name)
    if _counted(db, expert, order):
        return None
    found = db.one("SELECT position, rating, second, comment, seconds FROM votes "
                   "WHERE expert = ? AND turn = ? ORDER BY attempt DESC LIMIT 1",
                   (expert, order))  # fmt: skip
    return vote_from(found) if found else None


def next_turn(db: Database, name: str) -> int | None:
    """Lowest order without a vote, None after the last turn."""
    expert = expert_id(db, name)
    following = _last(db, expert) + 1
    planned = db.one("SELECT 1 FROM turns WHERE expert = ? AND turn = ?", (expert, following))
    return following if planned else None


def shown(db: Database, name: str, order: int) -> None:
    """Store when this turn was first shown."""
    expert = expert_id(db, name)
    if not db.one("SELECT 1 FROM shown WHERE expert = ? AND turn = ?", (expert, order)):
        turn_of(db, name, order)
        with db.writing() as writer:
            writer.execute("INSERT INTO shown VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                           (expert, order, now()))  # fmt: skip


def cast(db: Database, name: str, order: int, vote: Vote, settings: Settings) -> None:
    """Store the vote; it is on disk when this returns.

    The same answer again (a double submit) changes nothing, even after the study was locked; a
    different one raises Decided.
    """
    expert, turn, vote = expert_id(db, name), turn_of(db, name, order), tidy(vote)
    check(vote, turn, settings)
    with db.writing() as writer:
        if before := _counted(db, expert, order):
            if vote_from(before).answer == vote.answer:
                return
            raise Decided(f"expected turn {order} to be open, but it has a different answer")
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
    """Order of the turn whose vote was undone; the vote stays in the history.

    With an `order`, a repeated request undoes only one vote: a turn that is already open stays
    open, and only the last voted turn can be reopened.
    """
    expert = expert_id(db, name)
    with db.writing() as writer:
        last = _last(db, expert)
        if order == last + 1 and db.one("SELECT 1 FROM undos WHERE expert = ? AND turn = ?",
                                        (expert, order)):  # fmt: skip
            return order
        open_for(db, expert)
        if not last:
            raise ValueError("expected a vote to undo, there is none")
        if order not in (LAST, last):
            raise ValueError(f"expected to undo the last vote, {last}, got {order}")
        if finished(db, name):
            raise ValueError("expected undo before the votes are final, but they are")
        writer.execute(
            "INSERT INTO undos SELECT expert, turn, attempt, ? FROM counted "
            "WHERE expert = ? AND turn = ?",
            (now(), expert, last),
        )
    return last


def finish(db: Database, name: str) -> None:
    """Store that the expert's votes are final; a second call changes nothing."""
    expert = expert_id(db, name)
    with db.writing() as writer:
        if finished(db, name):
            return
        open_for(db, expert)
        if next_turn(db, name) is not None:
            raise ValueError("expected the end after the last vote, but some turns are open")
        writer.execute("INSERT INTO finished VALUES (?, ?)", (expert, now()))
        note(writer, name, "finished")


def finished(db: Database, name: str) -> bool:
    """Whether the expert's votes are final, so that method names may be shown."""
    return bool(db.one("SELECT 1 FROM finished WHERE expert = ?", (expert_id(db, name),)))


def open_for(db: Database, expert: int) -> None:
    """Raise Refused if the expert may not vote now; call it within writing()."""
    if db.one("SELECT 1 FROM withdrawals WHERE expert = ?", (expert,)):
        raise Refused("revoked")
    if locked(db):
        raise Refused("locked")
    if not db.one("SELECT 1 FROM consents WHERE expert = ?", (expert,)):
        raise Refused("consent")


def locked(db: Database) -> bool:
    """Whether the study is locked now."""
    found = db.one("SELECT locked FROM locks ORDER BY id DESC LIMIT 1")
    return bool(found and found[0])


def set_lock(db: Database, to: bool) -> None:
    """Lock or unlock the study; a repeated call changes nothing."""
    with db.writing() as writer:
        if locked(db) != to:
            writer.execute("INSERT INTO locks (at, locked) VALUES (?, ?)", (now(), to))
            note(writer, ORGANISER, "locked" if to else "unlocked")


def vote_from(row: Sequence[Any]) -> Vote:
    """Vote from a row of position, rating, second, comment, seconds."""
    *answer, seconds = row
    return Vote(*answer, seconds=math.nan if seconds is None else seconds)


def _counted(db: Database, expert: int, order: int) -> Sequence[Any]:
    return db.one(
        "SELECT position, rating, second, comment, seconds FROM counted "
        "WHERE expert = ? AND turn = ?",
        (expert, order),
    )


def _last(db: Database, expert: int) -> int:
    """Last turn with a vote, 0 if there is none; all earlier turns have one (schema)."""
    found = db.one("SELECT turn FROM counted WHERE expert = ? ORDER BY turn DESC LIMIT 1",
                   (expert,))  # fmt: skip
    return int(found[0]) if found else 0


def _seconds(db: Database, expert: int, order: int, vote: Vote, at: str) -> float:
    """Time reported by the page, at most the time since the turn was first shown."""
    first = db.one("SELECT at FROM shown WHERE expert = ? AND turn = ?", (expert, order))
    most = between(first[0], at) if first else math.nan
    known = [each for each in (vote.seconds, most) if math.isfinite(each)]
    return round(min(known), 3) if known else math.nan
