"""SQLite file that many threads and processes can use at once."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .schema import APPEND_ONLY, GUARDS, TABLES, VERSION

# Longest wait for another writer; saving a vote takes milliseconds.
PATIENCE_S = 30.0
Values = Sequence[Any]


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
