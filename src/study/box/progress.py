"""How far each expert is."""

from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np

from ..design import Item, Settings
from .clock import between, now
from .database import Database
from .people import expert_id

# Of one's own last decisions: early ones are slower, and tiredness shows in the last.
RECENT, LEAST = 30, 5
PAUSE_S = 600.0  # ten minutes without a decision rest the eyes
State = Literal["invited", "voting", "guessing", "done", "withdrawn"]


@dataclass(frozen=True)
class Progress:
    """`done` of `of` decisions, practice included.

    `seconds_left` is NaN before it can be told. `part` is that of the next turn, "" after the last.
    `since_break` counts decisions since a pause, which began `at_work` seconds ago. `last` is the
    time of the latest vote, UTC, "" before. `link` is whether a login link lives.
    """

    expert: str
    done: int
    of: int
    seconds_left: float
    part: str
    since_break: int
    at_work: float
    last: str
    state: State
    link: bool


def progress_of(db: Database, name: str, settings: Settings, items: tuple[Item, ...]) -> Progress:
    """Of one expert."""
    expert = expert_id(db, name)
    (of,) = db.one("SELECT count(*) FROM turns WHERE expert = ?", (expert,))
    votes = db.rows("SELECT turn, at, seconds FROM counted WHERE expert = ? ORDER BY turn DESC",
                    (expert,))  # fmt: skip
    ahead = db.one("SELECT item FROM turns WHERE expert = ? AND turn = ?", (expert, len(votes) + 1))
    times = [seconds for _, _, seconds in votes[:RECENT] if seconds is not None]
    known = len(times) >= LEAST
    since_break, at_work = _at_work([at for _, at, _ in votes])
    return Progress(
        expert=name,
        done=len(votes),
        of=of,
        seconds_left=median(times) * (of - len(votes)) if known else np.nan,
        part=items[ahead[0]].part if ahead else "",
        since_break=since_break,
        at_work=at_work,
        last=votes[0][1] if votes else "",
        state=_state(db, expert, bool(ahead), settings),
        link=bool(db.one("SELECT 1 FROM links WHERE person = ? AND revoked = '' AND until > ?",
                         (expert, now()))),
    )  # fmt: skip


def overview(db: Database, settings: Settings, items: tuple[Item, ...]) -> list[Progress]:
    """Of all experts, in the order of their invitation."""
    found = db.rows("SELECT name FROM people WHERE number > 0 ORDER BY number")
    return [progress_of(db, name, settings, items) for (name,) in found]


def _state(db: Database, expert: int, ahead: bool, settings: Settings) -> State:
    if db.one("SELECT 1 FROM withdrawals WHERE expert = ?", (expert,)):
        return "withdrawn"
    if not db.one("SELECT 1 FROM consents WHERE expert = ?", (expert,)):
        return "invited"
    if ahead:
        return "voting"
    guessed = db.one("SELECT 1 FROM guesses WHERE expert = ?", (expert,))
    return "guessing" if settings.guess and not guessed else "done"


def _at_work(times: list[str]) -> tuple[int, float]:
    """Decisions since the last pause, and seconds since the first of them; `times` newest first."""
    later = moment = now()
    for number, at in enumerate(times):
        if between(at, later) > PAUSE_S:
            return number, between(later, moment) if number else 0.0
        later = at
    return len(times), between(later, moment)
