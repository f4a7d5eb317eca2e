"""Hashes of files, computed once per process as long as the files do not change."""

import hashlib
import time
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path

# A file written this recently may change again without a new time stamp: file systems have steps of
# up to 2 s (FAT). It is read again each time.
SETTLED_NS = 2_000_000_000
# By source and part: state of the files, then the result for them; 200 bytes per ECG.
_KNOWN: dict[str, dict[Hashable, bytes]] = {}


def remembered(
    source: str, part: Hashable, files: Iterable[Path], make: Callable[[], bytes]
) -> bytes:
    """Result of `make` for a part of a source, computed again after one of its files has changed.

    A file has changed when its device, inode, size, modification time or inode change time is
    another; only the system sets the last one.
    """
    state, newest = _state(files)
    known = _KNOWN.setdefault(source, {})
    kept = known.get(part, b"")
    if kept.startswith(state):
        return kept[len(state) :]
    made = make()
    if newest < time.time_ns() - SETTLED_NS:
        known[part] = state + made
    return made


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
