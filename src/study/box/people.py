"""Who may enter: login links, sessions, consent and withdrawal.

A token is 32 random bytes and the file keeps its SHA-256 alone, so that whoever reads the file
cannot log in. It is found by its digest. That needs no comparison in constant time: what the time
of a look-up may tell is of the digest, and nobody can choose a token by its digest. It needs no
salt or slow hash either, since nobody guesses 256 random bits.
"""

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from ..design import Item, Settings, Turn
from ..design.schedule import turns
from .audit import note
from .clock import now
from .database import Database
from .refusal import Refused
from .written import dumps

BYTES = 32
ORGANISER = "organiser"
LONGEST_NAME = 60
# A cookie forgotten on somebody's computer dies in two weeks; the link logs in again.
COOKIE_DAYS = 14


@dataclass(frozen=True)
class Session:
    """Who sends a cookie; `csrf` must come back with each form."""

    expert: str
    organiser: bool
    csrf: str


def invite(db: Database, name: str, settings: Settings, items: Sequence[Item]) -> str:
    """A new token for the expert, who is added with their plan when new; an older link dies."""
    check_name(name)
    with db.writing() as writer:
        found = db.one("SELECT id, id IN (SELECT expert FROM withdrawals) FROM people "
                       "WHERE name = ?", (name,))  # fmt: skip
        if found and found[1]:
            raise ValueError(f"expected an expert who takes part, but {name!r} withdrew")
        person = found[0] if found else _add(db, writer, name, settings, items)
        return _link(writer, person, name, settings.days)


def invite_organiser(db: Database, days: int) -> str:
    """A new token for the organiser; an older link dies."""
    with db.writing() as writer:
        writer.execute("INSERT INTO people (name, number, since) VALUES (?, 0, ?) "
                       "ON CONFLICT DO NOTHING", (ORGANISER, now()))  # fmt: skip
        (person,) = db.one("SELECT id FROM people WHERE number = 0")
        return _link(writer, person, ORGANISER, days)


def revoke(db: Database, name: str) -> None:
    """The link and all sessions of this person die."""
    with db.writing() as writer:
        found = db.one("SELECT id FROM people WHERE name = ?", (name,))
        if not found:
            raise ValueError(f"expected an expert of this study, got {name!r}")
        _unlink(writer, found[0])
        note(writer, name, "revoked")


def enter(db: Database, token: str) -> str:
    """A cookie for the bearer of this token."""
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
    cookie = secrets.token_urlsafe(BYTES)
    with db.writing() as writer:
        writer.execute(
            "INSERT INTO sessions (digest, link, since, until) VALUES (?, ?, ?, ?)",
            (_digest(cookie), link, now(), min(until, now(days=COOKIE_DAYS))),
        )
        note(writer, name, "entered")
    return cookie


def session(db: Database, cookie: str) -> Session:
    """Whose cookie this is; a session lives no longer than its link."""
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
    if min(until, link_until) <= now():
        raise Refused("expired")
    if ended:
        raise Refused("unknown")
    # From the cookie and not kept: a page that shows it does not show the cookie.
    csrf = hmac.new(cookie.encode("utf-8", "replace"), b"csrf", hashlib.sha256).hexdigest()
    return Session(name, bool(organiser), csrf)


def leave(db: Database, cookie: str) -> None:
    """End the session of this cookie, where there is one; the link still logs in."""
    with db.writing() as writer:
        writer.execute("UPDATE sessions SET ended = ? WHERE digest = ? AND ended = ''",
                       (now(), _digest(cookie)))  # fmt: skip


def expert_id(db: Database, name: str) -> int:
    """The number under which the expert's rows are kept."""
    found = db.one("SELECT id FROM people WHERE name = ? AND number > 0", (name,))
    if not found:
        raise ValueError(f"expected an expert of this study, got {name!r}")
    return int(found[0])


def consent(db: Database, name: str) -> None:
    """Keep that the expert agreed; a second time changes nothing."""
    expert = expert_id(db, name)
    with db.writing() as writer:
        if writer.execute("INSERT INTO consents VALUES (?, ?) ON CONFLICT DO NOTHING",
                          (expert, now())).rowcount:  # fmt: skip
            note(writer, name, "consented")


def withdraw(db: Database, name: str) -> None:
    """The expert's votes and guesses count no longer, and the link dies; for good."""
    expert = expert_id(db, name)
    with db.writing() as writer:
        if writer.execute("INSERT INTO withdrawals VALUES (?, ?) ON CONFLICT DO NOTHING",
                          (expert, now())).rowcount:  # fmt: skip
            _unlink(writer, expert)
            note(writer, name, "withdrew")


def check_name(name: str) -> None:
    """ValueError unless an expert may be called so."""
    if not (name.isprintable() and name == name.strip() and 1 <= len(name) <= LONGEST_NAME):
        raise ValueError(
            f"expected a name of 1 to {LONGEST_NAME} printable characters, got {name[:80]!r}"
        )
    if name.casefold() == ORGANISER:  # the log would not tell them apart
        raise ValueError(f"expected the name of an expert, got {name!r}, which is the organiser's")


def _add(
    db: Database, writer: sqlite3.Connection, name: str, settings: Settings, items: Sequence[Item]
) -> int:
    number = int(db.one("SELECT coalesce(max(number), 0) + 1 FROM people")[0])
    person = writer.execute("INSERT INTO people (name, number, since) VALUES (?, ?, ?)",
                            (name, number, now())).lastrowid  # fmt: skip
    planned: Sequence[Turn] = turns(items, settings, number)
    writer.executemany(
        "INSERT INTO turns VALUES (?, ?, ?, ?, ?)",
        [(person, each.order, each.item, each.showing, dumps(each.methods)) for each in planned],
    )
    return int(person or 0)


def _link(writer: sqlite3.Connection, person: int, name: str, days: int) -> str:
    token = secrets.token_urlsafe(BYTES)
    _unlink(writer, person)
    writer.execute("INSERT INTO links (person, digest, made, until) VALUES (?, ?, ?, ?)",
                   (person, _digest(token), now(), now(days=days)))  # fmt: skip
    note(writer, name, "invited")
    return token


def _unlink(writer: sqlite3.Connection, person: int) -> None:
    """Sessions are looked up with their link and die with it."""
    writer.execute("UPDATE links SET revoked = ? WHERE person = ? AND revoked = ''",
                   (now(), person))  # fmt: skip


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
