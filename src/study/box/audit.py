"""The log of who did what, which is only ever added to."""

import sqlite3
from dataclasses import dataclass

from .clock import now
from .database import Database

# Strangers' requests are noted too, and must not fill the disk with what they sent.
LONGEST = 500


@dataclass(frozen=True)
class Entry:
    """One line of the log; `at` is UTC."""

    at: str
    who: str
    action: str
    detail: str


def note(connection: sqlite3.Connection, who: str, action: str, detail: str = "") -> None:
    """Add a line; long words are cut, and what is no text is replaced."""
    words = [each[:LONGEST].encode("utf-8", "replace").decode() for each in (who, action, detail)]
    connection.execute(
        "INSERT INTO audit (at, who, action, detail) VALUES (?, ?, ?, ?)", (now(), *words)
    )


def entries(db: Database, latest: int) -> list[Entry]:
    """The latest lines, the oldest of them first."""
    found = db.rows("SELECT at, who, action, detail FROM audit ORDER BY id DESC LIMIT ?", (latest,))
    return [Entry(*row) for row in reversed(found)]
