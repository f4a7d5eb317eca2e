"""Hashes of files, computed once as long as the files do not change, and kept on disk."""

import hashlib
import json
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ...store import write_text

# A file written this recently may change again without a new time stamp: file systems have steps of
# up to 2 s (FAT). It is read again each time.
SETTLED_NS = 2_000_000_000
# By source and part: state of the files, then the result for them; 200 bytes per ECG.
_KNOWN: dict[str, dict[str, bytes]] = {}


def remembered(
    source: str, part: Hashable, files: Iterable[Path], make: Callable[[], bytes]
) -> bytes:
    """Result of `make` for a part of a source, computed again after one of its files has changed.

    A file has changed when its device, inode, size, modification time or inode change time is
    another; only the system sets the last one.
    """
    state, newest = _state(files)
    known, key = _KNOWN.setdefault(source, {}), str(part)
    kept = known.get(key, b"")
    if kept.startswith(state):
        return kept[len(state) :]
    made = make()
    if newest < time.time_ns() - SETTLED_NS:
        known[key] = state + made
    return made


@contextmanager
def kept_on_disk(source: str, path: Path) -> Iterator[None]:
    """Read what is known of a source before the block, and write what it has found out after.

    A file that cannot be read counts as empty, and nothing is wrong where none can be written.
    """
    known = _KNOWN.setdefault(source, {})
    known.update({key: value for key, value in _read(path).items() if key not in known})
    before = dict(known)
    try:
        yield
    finally:
        if known != before:
            # With what other processes have found out meanwhile.
            every = {**_read(path), **known}
            text = json.dumps({key: value.hex() for key, value in every.items()})
            with suppress(OSError):  # a store that may only be read
                write_text(path, text)


def _read(path: Path) -> dict[str, bytes]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {key: bytes.fromhex(value) for key, value in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _state(files: Iterable[Path]) -> tuple[bytes, int]:
    """Hash of paths and states of these files, and the newest of their times (ns)."""
    digest, newest = hashlib.blake2b(digest_size=16), 0
    for file in files:
        try:
            found = file.stat()
            times = found.st_mtime_ns, found.st_ctime_ns
            state = (found.st_dev, found.st_ino, found.st_size, *times)
        except (OSError, ValueError) as problem:
            state, times = (type(problem).__name__,), ()
        digest.update(f"{file}\x1f{state}\x1f".encode(errors="surrogateescape"))
        newest = max(newest, *times, 0)
    return digest.digest(), newest
