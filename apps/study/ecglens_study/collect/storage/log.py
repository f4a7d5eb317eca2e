"""Append-only log of who did what."""

import sqlite3
from dataclasses import dataclass

from .clock import now
from .database import Database

# Requests without a login are logged too, and must not fill the disk with their content.
LONGEST = 500


@dataclass(frozen=True)
class Entry:
    """Line of the log; `at` is UTC."""

    at: str
    who: str
    action: str
    detail: str


def note(connection: sqlite3.Connection, who: str, action: str, detail: str = "") -> None:
    """Add a line; long texts are cut, and invalid characters replaced."""
    words = [each[:LONGEST].encode("utf-8", "replace").decode() for each in (who, action, detail)]
    connection.execute(
        "INSERT INTO log (at, who, action, detail) VALUES (?, ?, ?, ?)", (now(), *words)
    )


def entries(db: Database, latest: int) -> list[Entry]:
    """Latest lines, oldest first."""
    found = db.rows("SELECT at, who, action, detail FROM log ORDER BY id DESC LIMIT ?", (latest,))
    return [Entry(*row) for row in reversed(found)]
