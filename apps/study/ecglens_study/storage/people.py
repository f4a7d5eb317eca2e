"""Access of experts (login links, sessions, consent, withdrawal) and their progress.

A token is 32 random bytes. The file stores only its SHA-256, so that nobody can log in from the
file, and finds it by that digest. A comparison in constant time is not needed: timing could only
reveal digests, and a token cannot be derived from its digest. Neither is a salt or a slow hash:
256 random bits cannot be guessed.
"""

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

import numpy as np

from ..ballots import EVERYONE, MEAN
from ..crossover import periods
from ..items import turns
from ..settings import JUDGE, Item, Settings, Turn
from .database import Database, Refused, between, dumps, note, now

BYTES = 32
ORGANISER = "organiser"
LONGEST_NAME = 60
# A cookie left on a shared computer expires after two weeks; the link logs in again.
COOKIE_DAYS = 14
# The time left is estimated from the latest decisions: early ones are slower.
RECENT, LEAST = 30, 5
PAUSE_S = 600.0  # ten minutes without a decision count as a break
State = Literal["invited", "voting", "guessing", "done", "withdrawn"]


@dataclass(frozen=True)
class Session:
    """Person behind a cookie; each form must send `csrf` back."""

    expert: str
    organiser: bool
    csrf: str


def invite(db: Database, name: str, settings: Settings, items: Sequence[Item], by: str) -> str:
    """New token for the expert, which revokes the old link; a new expert gets a schedule."""
    check_name(name)
    with db.writing() as writer:
        found = db.one("SELECT id, id IN (SELECT expert FROM withdrawals) FROM people "
                       "WHERE name = ?", (name,))  # fmt: skip
        if found and found[1]:
            raise ValueError(f"expected an expert of this study, but {name!r} has withdrawn")
        person = found[0] if found else _add(db, writer, name, settings, items)
        return _link(writer, person, name, settings.days, by)


def invite_organiser(db: Database, days: int, by: str) -> str:
    """New token for the organiser, which revokes the old link."""
    with db.writing() as writer:
        writer.execute("INSERT INTO people (name, number, since) VALUES (?, 0, ?) "
                       "ON CONFLICT DO NOTHING", (ORGANISER, now()))  # fmt: skip
        (person,) = db.one("SELECT id FROM people WHERE number = 0")
        return _link(writer, person, ORGANISER, days, by)


def is_complete(db: Database) -> bool:
    """True once the organiser is invited, which is the last step of making a study."""
    return bool(db.one("SELECT 1 FROM people WHERE number = 0"))


def revoke(db: Database, name: str, by: str) -> None:
    """Revoke the link of this person and end all sessions."""
    with db.writing() as writer:
        found = db.one("SELECT id FROM people WHERE name = ?", (name,))
        if not found:
            raise ValueError(f"expected an expert of this study, got {name!r}")
        _unlink(writer, found[0])
        note(writer, name, "revoked", f"by {by}")


def enter(db: Database, token: str) -> str:
    """Cookie for the bearer of this token; Refused if the token is not valid."""
    link, until, name = _valid(db, token)
    cookie = secrets.token_urlsafe(BYTES)
    with db.writing() as writer:
        writer.execute(
            "INSERT INTO sessions (digest, link, since, until) VALUES (?, ?, ?, ?)",
            (_digest(cookie), link, now(), min(until, now(days=COOKIE_DAYS))),
        )
        note(writer, name, "entered")
    return cookie


def holder(db: Database, token: str) -> str:
    """Expert of a token; Refused if the token is not valid."""
    return _valid(db, token)[2]


def _valid(db: Database, token: str) -> tuple[int, str, str]:
    """Link of this token, its end and its person; Refused: unknown, revoked or expired."""
    found = db.one(
        "SELECT links.id, links.until, links.revoked, people.name FROM links "
        "JOIN people ON people.id = links.person WHERE links.digest = ?",
        (_digest(token),),
    )
    if not found:
        raise Refused("unknown")
    link, until, revoked, name = found
    if revoked:
        raise Refused("revoked")
    if until <= now():
        raise Refused("expired")
    return link, until, name


def session(db: Database, cookie: str) -> Session:
    """Session of this cookie, which ends with its link at the latest; Refused if invalid."""
    found = db.one(
        "SELECT people.name, people.number = 0, sessions.until, sessions.ended, links.until, "
        "links.revoked FROM sessions JOIN links ON links.id = sessions.link "
        "JOIN people ON people.id = links.person WHERE sessions.digest = ?",
        (_digest(cookie),),
    )
    if not found:
        raise Refused("unknown")
    name, organiser, until, ended, link_until, revoked = found
    if revoked:
        raise Refused("revoked")
    if link_until <= now():
        raise Refused("expired")
    if ended or until <= now():  # the link still logs in
        raise Refused("unknown")
    # Derived from the cookie and not stored: a page that shows it does not reveal the cookie.
    csrf = hmac.new(cookie.encode("utf-8", "replace"), b"csrf", hashlib.sha256).hexdigest()
    return Session(name, bool(organiser), csrf)


def leave(db: Database, cookie: str) -> None:
    """End the session of this cookie, if there is one; the link stays valid."""
    with db.writing() as writer:
        writer.execute("UPDATE sessions SET ended = ? WHERE digest = ? AND ended = ''",
                       (now(), _digest(cookie)))  # fmt: skip


def expert_id(db: Database, name: str) -> int:
    """Database id of the expert."""
    found = db.one("SELECT id FROM people WHERE name = ? AND number > 0", (name,))
    if not found:
        raise ValueError(f"expected an expert of this study, got {name!r}")
    return int(found[0])


def consent(db: Database, name: str) -> None:
    """Store the expert's consent; a second call changes nothing."""
    expert = expert_id(db, name)
    with db.writing() as writer:
        if writer.execute("INSERT INTO consents VALUES (?, ?) ON CONFLICT DO NOTHING",
                          (expert, now())).rowcount:  # fmt: skip
            note(writer, name, "consented")


def consented(db: Database, name: str) -> bool:
    """True if the expert has given consent."""
    found = db.one("SELECT 1 FROM consents WHERE expert = ?", (expert_id(db, name),))
    return bool(found)


def withdraw(db: Database, name: str, by: str) -> None:
    """Exclude the expert's votes and guesses for good, and revoke the link."""
    expert = expert_id(db, name)
    with db.writing() as writer:
        if writer.execute("INSERT INTO withdrawals VALUES (?, ?) ON CONFLICT DO NOTHING",
                          (expert, now())).rowcount:  # fmt: skip
            _unlink(writer, expert)
            note(writer, name, "withdrew", f"by {by}")


def erase(db: Database, name: str, by: str) -> str:
    """New name of the expert, whose name, votes, guesses and times are deleted for good.

    The person counts as withdrawn; the schedule stays, which says nothing of anybody.
    """
    withdraw(db, name, by)
    expert = expert_id(db, name)
    erased = f"erased {expert}"
    with db.writing() as writer, db.unguarded():
        for table in ("undos", "votes", "shown", "finished", "guesses", "consents"):
            writer.execute(f"DELETE FROM {table} WHERE expert = ?", (expert,))
        writer.execute("DELETE FROM sessions WHERE link IN "
                       "(SELECT id FROM links WHERE person = ?)", (expert,))  # fmt: skip
        writer.execute("DELETE FROM links WHERE person = ?", (expert,))
        writer.execute("UPDATE people SET name = ? WHERE id = ?", (erased, expert))
        writer.execute("UPDATE log SET who = ?, detail = '' WHERE who = ?", (erased, name))
        writer.execute("UPDATE log SET detail = '' WHERE instr(detail, ?) > 0", (name,))
        note(writer, erased, "erased", f"by {by}")
    db.rewrite()
    return erased


def check_name(name: str) -> None:
    """Raise ValueError unless this can be the name of an expert."""
    if not (name.isprintable() and name == name.strip() and 1 <= len(name) <= LONGEST_NAME):
        raise ValueError(
            f"expected a name of 1 to {LONGEST_NAME} printable characters, got {name[:80]!r}"
        )
    if name.casefold() == ORGANISER:  # the log could not distinguish them
        raise ValueError(f"expected a name other than {name!r}, which is the organiser's")
    if name.casefold() in (EVERYONE, MEAN):  # tables could not distinguish them
        raise ValueError(f"expected a name other than {name!r}, which stands for all experts")


def _add(
    db: Database, writer: sqlite3.Connection, name: str, settings: Settings, items: Sequence[Item]
) -> int:
    number = int(db.one("SELECT coalesce(max(number), 0) + 1 FROM people")[0])
    person = writer.execute("INSERT INTO people (name, number, since) VALUES (?, ?, ?)",
                            (name, number, now())).lastrowid  # fmt: skip
    schedule = periods if settings.task == JUDGE else turns
    planned: Sequence[Turn] = schedule(items, settings, number)
    writer.executemany(
        "INSERT INTO turns VALUES (?, ?, ?, ?, ?)",
        [(person, each.order, each.item, each.showing, dumps(each.methods)) for each in planned],
    )
    return int(person or 0)


def _link(writer: sqlite3.Connection, person: int, name: str, days: int, by: str) -> str:
    token = secrets.token_urlsafe(BYTES)
    _unlink(writer, person)
    writer.execute("INSERT INTO links (person, digest, made, until) VALUES (?, ?, ?, ?)",
                   (person, _digest(token), now(), now(days=days)))  # fmt: skip
    note(writer, name, "invited", f"by {by}")
    return token


def _unlink(writer: sqlite3.Connection, person: int) -> None:
    """Revoke the link; its sessions end because they are looked up through it."""
    writer.execute("UPDATE links SET revoked = ? WHERE person = ? AND revoked = ''",
                   (now(), person))  # fmt: skip


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True)
class Progress:
    """Progress of one expert: `done` of `total` decisions, practice included.

    `seconds_left` is NaN until it can be estimated. `since_break` counts decisions since the last
    break, `at_work` the seconds since then. `link` is true while the login link is valid.
    """

    expert: str
    done: int
    total: int
    seconds_left: float
    since_break: int
    at_work: float
    state: State
    link: bool


def progress_of(db: Database, name: str, settings: Settings) -> Progress:
    """Progress of one expert."""
    expert = expert_id(db, name)
    (total,) = db.one("SELECT count(*) FROM turns WHERE expert = ?", (expert,))
    votes = db.rows("SELECT turn, at, seconds FROM counted WHERE expert = ? ORDER BY turn DESC",
                    (expert,))  # fmt: skip
    times = [seconds for _, _, seconds in votes[:RECENT] if seconds is not None]
    known = len(times) >= LEAST
    since_break, at_work = _at_work([at for _, at, _ in votes])
    return Progress(
        expert=name,
        done=len(votes),
        total=total,
        seconds_left=median(times) * (total - len(votes)) if known else np.nan,
        since_break=since_break,
        at_work=at_work,
        state=_state(db, expert, len(votes) < total, settings),
        link=bool(db.one("SELECT 1 FROM links WHERE person = ? AND revoked = '' AND until > ?",
                         (expert, now()))),
    )  # fmt: skip


def overview(db: Database, settings: Settings) -> list[Progress]:
    """Progress of all experts, in order of invitation."""
    found = db.rows("SELECT name FROM people WHERE number > 0 ORDER BY number")
    return [progress_of(db, name, settings) for (name,) in found]


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
