"""SQLite file that many threads and processes can use at once: tables, log, values as text."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from math import nan
from pathlib import Path
from typing import Any, Literal

from ..settings import Item, Settings

Reason = Literal["unknown", "expired", "revoked", "locked", "consent"]
FILE, ASSETS = "study.sqlite", "assets"
VERSION = 6  # raised when a table, its JSON or the drawings change; stored in the file
READABLE = (4, 5, VERSION)  # version 4 lacks fields of settings and items that have defaults
# SQLite 3.31 (2020) or later, for the generated column.
TABLES = """
CREATE TABLE study (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    settings TEXT NOT NULL, methods TEXT NOT NULL, made TEXT NOT NULL);
CREATE TABLE items (number INTEGER PRIMARY KEY, item TEXT NOT NULL);

CREATE TABLE sheets (
    ecg TEXT NOT NULL, view TEXT NOT NULL, file TEXT NOT NULL UNIQUE, geometry TEXT NOT NULL,
    PRIMARY KEY (ecg, view));
CREATE TABLE maps (
    target TEXT NOT NULL, ecg TEXT NOT NULL, view TEXT NOT NULL, method TEXT NOT NULL,
    file TEXT NOT NULL UNIQUE,
    PRIMARY KEY (target, ecg, view, method));

-- number selects the expert's schedule; 0 is the organiser
CREATE TABLE people (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, number INTEGER NOT NULL UNIQUE,
    since TEXT NOT NULL);
CREATE TABLE links (
    id INTEGER PRIMARY KEY, person INTEGER NOT NULL REFERENCES people (id),
    digest TEXT NOT NULL UNIQUE, made TEXT NOT NULL, until TEXT NOT NULL,
    revoked TEXT NOT NULL DEFAULT '');
CREATE UNIQUE INDEX one_link_each ON links (person) WHERE revoked = '';
CREATE TABLE sessions (
    digest TEXT PRIMARY KEY, link INTEGER NOT NULL REFERENCES links (id),
    since TEXT NOT NULL, until TEXT NOT NULL, ended TEXT NOT NULL DEFAULT '');

-- methods are in the order of the screen
CREATE TABLE turns (
    expert INTEGER NOT NULL REFERENCES people (id), turn INTEGER NOT NULL CHECK (turn >= 1),
    item INTEGER NOT NULL REFERENCES items (number), showing INTEGER NOT NULL,
    methods TEXT NOT NULL,
    PRIMARY KEY (expert, turn));
CREATE TABLE shown (
    expert INTEGER NOT NULL, turn INTEGER NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (expert, turn), FOREIGN KEY (expert, turn) REFERENCES turns (expert, turn));

-- attempt n + 1 needs the undo of attempt n, and each exists once: no turn counts twice
CREATE TABLE votes (
    id INTEGER PRIMARY KEY, expert INTEGER NOT NULL, turn INTEGER NOT NULL,
    attempt INTEGER NOT NULL CHECK (attempt >= 1), at TEXT NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0), rating INTEGER NOT NULL,
    second TEXT NOT NULL, comment TEXT NOT NULL, seconds REAL,
    undone INTEGER GENERATED ALWAYS AS (nullif(attempt - 1, 0)) VIRTUAL,
    UNIQUE (expert, turn, attempt),
    FOREIGN KEY (expert, turn) REFERENCES turns (expert, turn),
    FOREIGN KEY (expert, turn, undone) REFERENCES undos (expert, turn, attempt));
CREATE TABLE undos (
    expert INTEGER NOT NULL, turn INTEGER NOT NULL, attempt INTEGER NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (expert, turn, attempt),
    FOREIGN KEY (expert, turn, attempt) REFERENCES votes (expert, turn, attempt));
CREATE VIEW counted AS SELECT * FROM votes WHERE NOT EXISTS (
    SELECT 1 FROM undos WHERE undos.expert = votes.expert AND undos.turn = votes.turn
        AND undos.attempt = votes.attempt);

CREATE TABLE consents (
    expert INTEGER PRIMARY KEY REFERENCES people (id), at TEXT NOT NULL);
CREATE TABLE withdrawals (
    expert INTEGER PRIMARY KEY REFERENCES people (id), at TEXT NOT NULL);
-- experts whose votes are final: they may see the names of the methods
CREATE TABLE finished (
    expert INTEGER PRIMARY KEY REFERENCES people (id), at TEXT NOT NULL);
CREATE TABLE guesses (
    expert INTEGER NOT NULL REFERENCES people (id), method TEXT NOT NULL, guess TEXT NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (expert, method));
CREATE TABLE locks (id INTEGER PRIMARY KEY, at TEXT NOT NULL, locked INTEGER NOT NULL);
CREATE TABLE log (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
    detail TEXT NOT NULL);

CREATE TRIGGER votes_follow BEFORE INSERT ON votes
    WHEN NEW.turn > 1 AND NOT EXISTS (
        SELECT 1 FROM counted WHERE expert = NEW.expert AND turn = NEW.turn - 1)
    BEGIN SELECT RAISE(ABORT, 'expected a vote on the next turn'); END;
CREATE TRIGGER undos_lead BEFORE INSERT ON undos
    WHEN EXISTS (SELECT 1 FROM counted WHERE expert = NEW.expert AND turn = NEW.turn + 1)
    BEGIN SELECT RAISE(ABORT, 'expected to undo the last vote'); END;
"""
HISTORY = (
    "study", "items", "turns", "shown", "votes", "undos", "consents", "withdrawals", "finished",
    "guesses", "locks", "log",
)  # fmt: skip
# Triggers by name, with verb and table.
GUARDS = {f"{table}_{verb}": (verb, table) for table in HISTORY for verb in ("update", "delete")}
APPEND_ONLY = "".join(
    f"CREATE TRIGGER {name} BEFORE {verb} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;\n"
    for name, (verb, table) in GUARDS.items()
)
# Longest wait for another writer; saving a vote takes milliseconds.
PATIENCE_S = 30.0
Values = Sequence[Any]
# Requests without a login are logged too, and must not fill the disk with their content.
LONGEST = 500


class Refused(Exception):  # noqa: N818 - a reason, not a fault
    """Request of a person who may not make it now; reason "consent" means that it is missing."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Decided(Exception):  # noqa: N818 - a reason, not a fault
    """Turn with a different answer already; undo it first."""


def now(days: int = 0) -> str:
    """Time `days` from now, such as 2025-01-31T09:15:00.123Z."""
    return text(datetime.now(UTC) + timedelta(days=days))


def text(time: datetime) -> str:
    """Time with milliseconds, in UTC."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def between(earlier: str, later: str) -> float:
    """Seconds from one time to the other; NaN if the clock was set back in between."""
    passed = (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
    return passed if passed >= 0 else nan


class Database:
    """Database with one connection per thread, closed when the thread ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        # Threads of one process queue here: SQLite would sleep between attempts, in no fixed order.
        self._turn = threading.Lock()

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        """Rows of a query, from one consistent snapshot."""
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, values: Values = ()) -> Any:
        """First row of a query, () if there is none."""
        return self._connection.execute(sql, values).fetchone() or ()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Transaction that is on disk when the block ends, and is rolled back if the block fails.

        It locks for writing at once, so that nothing read in the block can change before its end.
        """
        with self._turn:
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def build(self) -> None:
        """Create the tables; call it within writing(), so that a file has all of them or none."""
        for statement in _statements(TABLES + APPEND_ONLY):
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version = {VERSION}")

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        """Rows of the history can be changed and deleted in the block; call it within writing()."""
        connection = self._connection
        # Votes and undos refer to each other.
        connection.execute("PRAGMA defer_foreign_keys = ON")
        for name in GUARDS:
            connection.execute(f"DROP TRIGGER {name}")
        yield
        for statement in _statements(APPEND_ONLY):
            connection.execute(statement)

    def rewrite(self) -> None:
        """Rewrite the file, so that no deleted row stays in it."""
        self._connection.execute("VACUUM")
        self.gather()

    def gather(self) -> None:
        """Merge the write-ahead log into the file, so that a copy of the file is complete."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def check(self) -> None:
        """Raise ValueError for a damaged file, as SQLite's quick_check finds it, or no database."""
        try:
            found = self.one("PRAGMA quick_check(1)")[0]
        except sqlite3.DatabaseError as problem:
            found = str(problem)
        if found != "ok":
            raise ValueError(
                f"expected an undamaged study in {self._path}, got {found}; put a backup of its "
                "folder back, votes that were exported can be imported"
            )

    def close(self) -> None:
        """Close this thread's connection; the next query opens a new one."""
        if hasattr(self._own, "connection"):
            self._own.connection.close()
            del self._own.connection

    @property
    def version(self) -> int:
        """Version of the tables; 0 before they are created."""
        return int(self.one("PRAGMA user_version")[0])

    @property
    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._own, "connection"):
            self._own.connection = _connect(self._path)
        return self._own.connection


def _connect(path: Path) -> sqlite3.Connection:
    """Connection to an existing file; a missing file is an error."""
    address = f"{path.resolve().as_uri()}?mode=rw"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE_S, isolation_level=None)
    # With a write-ahead log, pages can be read while a vote is written.
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise ValueError(
            f"expected a disk on which SQLite can use a write-ahead log, got mode {mode!r} for "
            f"{path}; put the study on a local disk"
        )
    # FULL waits for the disk at every commit; NORMAL can lose the last votes in a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _statements(script: str) -> Iterator[str]:
    """Single statements of the script; executescript would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


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


def dumps(value: Any) -> str:
    """JSON text with non-ASCII letters unescaped."""
    return json.dumps(value, ensure_ascii=False)


def names(text: str) -> tuple[str, ...]:
    """Names from their JSON text, in order."""
    return tuple(json.loads(text))


def many_names(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Names from each JSON text; one call for all is a third faster than one for each."""
    return [tuple(each) for each in json.loads(f"[{','.join(texts)}]")]


def fields_of(thing: Settings | Item) -> str:
    """JSON text for settings_from or item_from."""
    return dumps(asdict(thing))


def settings_from(text: str) -> Settings:
    """Settings from their JSON text."""
    return Settings(**_frozen(json.loads(text)))


def item_from(text: str) -> Item:
    """Item from its JSON text."""
    return Item(**_frozen(json.loads(text)))


def check_numbers(items: Sequence[Item]) -> None:
    """Raise ValueError unless there are items with numbers 0, 1, 2, … in order."""
    if not items or [item.number for item in items] != [*range(len(items))]:
        raise ValueError(f"expected items numbered from 0 on, got {len(items)} items")


def _frozen(values: dict[str, Any]) -> dict[str, Any]:
    """Values with tuples, which JSON stores as lists."""
    return {key: tuple(each) if isinstance(each, list) else each for key, each in values.items()}
