"""Votes: checked, cast, undone and finished, and those that count as ballots."""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from ..ballots import NONE, RATINGS, Ballot
from ..crossover import COLUMNS, CONFIDENCES, RIGHT, WITH, WITHOUT, WRONG
from ..settings import JUDGE, Item, Settings, Turn
from .database import Database, Decided, Refused, between, many_names, names, note, now, text
from .people import ORGANISER, expert_id

LONGEST_COMMENT = 2000
LAST = 0  # stands for the turn voted on last


@dataclass(frozen=True)
class Vote:
    """Answer to one turn.

    `position` is that of the chosen map on the screen, 0 for "none is useful", and 1 with task
    rate. With task judge it is 1 if the reading is called right, else 0, and `rating` is the
    confidence in per cent. `seconds` is NaN if unknown.
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
    judges = settings.task == JUDGE
    least = 0 if settings.offers_none or judges else 1
    most = 1 if judges else len(turn.methods)
    if not least <= vote.position <= most:
        yield f"expected a position from {least} to {most}, got {vote.position}"
    if settings.task == "rate" and vote.rating not in RATINGS:
        yield f"expected a rating from 1 to 5, got {vote.rating or 'nothing'}"
    if judges and vote.rating not in CONFIDENCES:
        yield f"expected a confidence from 50 to 100 %, got {vote.rating or 'nothing'}"
    if settings.task not in ("rate", JUDGE) and vote.rating:
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
        if not undoable(db, name):
            raise ValueError(
                "expected undo before the votes are final or the study is locked, but they are"
            )
        writer.execute(
            "INSERT INTO undos SELECT expert, turn, attempt, ? FROM counted "
            "WHERE expert = ? AND turn = ?",
            (now(), expert, last),
        )
    return last


def undoable(db: Database, name: str) -> int:
    """Order of the last vote if it is neither final nor from before a lock, else 0.

    A locked study shows its experts how often they agree: an unlocked one takes new votes alone.
    """
    expert = expert_id(db, name)
    last = _last(db, expert)
    after = db.one("SELECT 1 FROM counted WHERE expert = ? AND turn = ? AND NOT EXISTS "
                   "(SELECT 1 FROM locks WHERE locked AND locks.at >= counted.at)",
                   (expert, last))  # fmt: skip
    return last if after and not finished(db, name) else 0


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
    """True if the expert's votes are final, so that method names may be shown."""
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
    """True if the study is locked now."""
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
    """Time reported by the page and that of undone votes, at most that since the first showing."""
    first = db.one("SELECT at FROM shown WHERE expert = ? AND turn = ?", (expert, order))
    most = between(first[0], at) if first else math.nan
    # An undone vote was stored with the time of those before it.
    before = db.one("SELECT seconds FROM votes WHERE expert = ? AND turn = ? "
                    "ORDER BY attempt DESC LIMIT 1", (expert, order))  # fmt: skip
    undone = math.nan if before and before[0] is None else before[0] if before else 0.0
    known = [each for each in (vote.seconds + undone, most) if math.isfinite(each)]
    return round(min(known), 3) if known else math.nan


def ballots_of(db: Database, settings: Settings, items: Sequence[Item]) -> list[Ballot]:
    """Ballots by expert, each expert's in order of voting; a judgement is none."""
    if settings.task == JUDGE:
        return []
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
        item, vote = items[number], vote_from(answer)
        if item.phase != "vote":
            continue
        voted[expert] = voted.get(expert, 0) + 1
        ballots.append(
            Ballot(
                study=settings.name,
                task=settings.task,
                target=item.target,
                view=item.view,
                ecg=item.ecg,
                showing=showing,
                expert=expert,
                order=voted[expert],
                choice=methods[vote.position - 1] if vote.position else NONE,
                other=methods[2 - vote.position] if settings.task == "pair" else "",
                rating=vote.rating,
                position=vote.position,
                shown=len(methods),
                seconds=vote.seconds,
                catch=item.catch,
                second=vote.second,
                comment=vote.comment,
            )
        )
    return ballots


def judgements_of(db: Database, settings: Settings, items: Sequence[Item]) -> pd.DataFrame:
    """One row per counted judgement (crossover.COLUMNS), without practice, in order of voting."""
    found = db.rows(
        "SELECT people.name, turns.item, turns.showing, turns.methods != '[]', turn, position, "
        "rating, seconds, at, second, comment FROM counted JOIN turns USING (expert, turn) "
        "JOIN people ON people.id = expert "
        "WHERE expert NOT IN (SELECT expert FROM withdrawals) ORDER BY people.number, turn"
    )
    practice = sum(item.phase == "practice" for item in items)
    rows = [
        (
            settings.name, items[number].target, items[number].ecg, items[number].reading, expert,
            WITH if shown else WITHOUT, period, turn - practice, RIGHT if position else WRONG,
            confidence, math.nan if seconds is None else seconds, *rest,
        )
        for expert, number, period, shown, turn, position, confidence, seconds, *rest in found
        if items[number].phase == "vote"
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def back_on(db: Database, name: str, settings: Settings) -> str:
    """Time (UTC) at which the expert's second period may begin; "" when none is to be awaited."""
    following = next_turn(db, name) if settings.task == JUDGE else None
    if not following or following == 1:
        return ""
    expert = expert_id(db, name)
    before, after = (turn_of(db, name, order).showing for order in (following - 1, following))
    if before == after:
        return ""
    (at,) = db.one("SELECT at FROM counted WHERE expert = ? AND turn = ?", (expert, following - 1))
    until = text(datetime.fromisoformat(at) + timedelta(days=settings.washout))
    return until if until > now() else ""
