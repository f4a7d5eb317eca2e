"""Hashes of files, which a process makes once while the files do not change."""

import hashlib
import time
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path

# A file written this recently may change again without another time: file systems count in steps
# of up to 2 s (FAT). It is read again each time.
SETTLED_NS = 2_000_000_000
# By source and part: the state of the files, then what was made of them; 200 bytes for each ECG.
_KNOWN: dict[str, dict[Hashable, bytes]] = {}


def remembered(
    source: str, part: Hashable, files: Iterable[Path], make: Callable[[], bytes]
) -> bytes:
    """What `make` says of a part of a source, made again after any of its files has changed.

    A change is seen by device, inode, size and the times of content and of inode; the last of these
    is set by the system alone.
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
    """A hash of where these files lie and when each changed, and the newest of these times."""
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
