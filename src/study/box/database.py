"""One SQLite file that many threads and processes may use at once."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .schema import KEPT, TABLES, VERSION

# A writer waits for others so long; a ballot takes milliseconds.
PATIENCE_S = 30.0
Values = Sequence[Any]


class Database:
    """Each thread gets a connection of its own, closed with the thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        # Threads of one process queue here: SQLite's own waiting is by sleeping, and not in turn.
        self._turn = threading.Lock()

    def rows(self, sql: str, values: Values = ()) -> list[Any]:
        """What a query finds, read at one moment."""
        return self._connection.execute(sql, values).fetchall()

    def one(self, sql: str, values: Values = ()) -> Any:
        """The first row that a query finds, () for none."""
        return self._connection.execute(sql, values).fetchone() or ()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is on disk when the block ends, and never was when it fails.

        It begins as a writer, so that nothing which is read in it can change before it ends.
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
        """Make the tables; call within writing(), so that a file has all or none."""
        for statement in _statements(TABLES + KEPT):
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version = {VERSION}")

    def gather(self) -> None:
        """Bring everything into the one file, so that a copy of it is whole."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close this thread's connection; the next query opens another."""
        if hasattr(self._own, "connection"):
            self._own.connection.close()
            del self._own.connection

    @property
    def version(self) -> int:
        """0 before the tables are made."""
        return int(self.one("PRAGMA user_version")[0])

    @property
    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._own, "connection"):
            self._own.connection = _connect(self._path)
        return self._own.connection


def _connect(path: Path) -> sqlite3.Connection:
    """A connection to a file that is there; it is never made here."""
    address = f"{path.resolve().as_uri()}?mode=rw"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE_S, isolation_level=None)
    # A write-ahead log lets pages be read while a ballot is written.
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise ValueError(
            f"expected a disk that SQLite can keep a write-ahead log on, got {mode!r} in {path}; "
            "put the study on a local disk"
        )
    # FULL waits for the disk at every commit: NORMAL may lose the last ballots at a power cut.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _statements(script: str) -> Iterator[str]:
    """One statement after another; executescript would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
