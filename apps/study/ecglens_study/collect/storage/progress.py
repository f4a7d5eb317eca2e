"""Progress of the experts."""

from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np

from ...design import Item, Settings
from .clock import between, now
from .database import Database
from .people import expert_id

# The time left is estimated from the latest decisions: early ones are slower.
RECENT, LEAST = 30, 5
PAUSE_S = 600.0  # ten minutes without a decision count as a break
State = Literal["invited", "voting", "guessing", "done", "withdrawn"]


@dataclass(frozen=True)
class Progress:
    """Progress of one expert: `done` of `total` decisions, practice included.

    `seconds_left` is NaN until it can be estimated. `phase` is that of the next turn, "" after the
    last. `since_break` counts decisions since the last break, `at_work` the seconds since then.
    `last` is the time of the latest vote (UTC), "" if there is none. `link` is true while the
    login link is valid.
    """

    expert: str
    done: int
    total: int
    seconds_left: float
    phase: str
    since_break: int
    at_work: float
    last: str
    state: State
    link: bool


def progress_of(db: Database, name: str, settings: Settings, items: tuple[Item, ...]) -> Progress:
    """Progress of one expert."""
    expert = expert_id(db, name)
    (total,) = db.one("SELECT count(*) FROM turns WHERE expert = ?", (expert,))
    votes = db.rows("SELECT turn, at, seconds FROM counted WHERE expert = ? ORDER BY turn DESC",
                    (expert,))  # fmt: skip
    ahead = db.one("SELECT item FROM turns WHERE expert = ? AND turn = ?", (expert, len(votes) + 1))
    times = [seconds for _, _, seconds in votes[:RECENT] if seconds is not None]
    known = len(times) >= LEAST
    since_break, at_work = _at_work([at for _, at, _ in votes])
    return Progress(
        expert=name,
        done=len(votes),
        total=total,
        seconds_left=median(times) * (total - len(votes)) if known else np.nan,
        phase=items[ahead[0]].phase if ahead else "",
        since_break=since_break,
        at_work=at_work,
        last=votes[0][1] if votes else "",
        state=_state(db, expert, bool(ahead), settings),
        link=bool(db.one("SELECT 1 FROM links WHERE person = ? AND revoked = '' AND until > ?",
                         (expert, now()))),
    )  # fmt: skip


def overview(db: Database, settings: Settings, items: tuple[Item, ...]) -> list[Progress]:
    """Progress of all experts, in order of invitation."""
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
    """Decisions since the last break, and seconds since the first of them; `times` newest first."""
    later = moment = now()
    for number, at in enumerate(times):
        if between(at, later) > PAUSE_S:
            return number, between(later, moment) if number else 0.0
        later = at
    return len(times), between(later, moment)
