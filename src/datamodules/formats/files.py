"""Files: names, largest size, hashes, limited memory, and errors that name a damaged one."""

import codecs
import hashlib
import json
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ...store import printable, walked, write_text

try:
    import resource
except ImportError:  # Windows has none
    resource = None

# A diagnostic ECG has 1 MB, a 12-lead recording of a day (1000 Hz, 16 bits) 2 GB. A larger file is
# something else, or was made to fill the memory.
LARGEST_BYTES = 2**28
# Enough for the names of columns, which have most letters that are not English.
FIRST_BYTES = 2**16


def files_below(path: Path, endings: Sequence[str], without: Sequence[str] = ()) -> list[str]:
    """Sorted paths of all files below `path` with one of these endings (in any case).

    `without` are paths that are left out. Raises ValueError when there are none.
    """
    seen = (file for file in walked(path) if not file.name.startswith("."))
    files = (file.relative_to(path).as_posix() for file in seen if file.suffix.lower() in endings)
    found = sorted(file for file in files if file not in without)
    if not found:
        kinds = " or ".join(ending or "no ending" for ending in endings)
        raise ValueError(f"expected in data.path a folder with files of {kinds}, got {path}")
    return found


def one_line(problem: object) -> str:
    """Text of an error or a reason on one line, without escapes of a terminal."""
    return printable(" ".join(str(problem).split()))


def check_utf8(file: Path) -> None:
    """Raise ValueError for a text in another encoding than UTF-8, judged by its first bytes."""
    with file.open("rb") as content:
        first = content.read(FIRST_BYTES)
    # A byte order mark; or the zeros that UTF-16 puts beside each letter of English.
    marked = first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "UTF-16" if marked or first.count(0) * 3 > len(first) else ""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(first)
    except UnicodeDecodeError:
        encoding = encoding or "another encoding"
    if encoding:
        raise ValueError(f"expected text in UTF-8 in {file.name}, got {encoding}; save it as UTF-8")


@contextmanager
def damage_named(file: str) -> Iterator[None]:
    """Raise any error of a library as a ValueError that names the damaged file.

    OSError stays what it is, and so does MemoryError (`limited_memory`).
    """
    try:
        yield
    except (OSError, MemoryError):
        raise
    except Exception as problem:
        raise ValueError(
            f"expected a readable {file}, got a damaged one ({type(problem).__name__}: {problem}); "
            "copy the record again"
        ) from problem


# A table of many ECGs takes most: 239 MB of text, nearly the largest that is read, took 2.3 GB. The
# sample files of a single ECG take 3 to 13 MB.
ALLOWED_BYTES = 12 * LARGEST_BYTES
STATM = Path("/proc/self/statm")
DATA = 5  # place of the pages of data and stack in it (proc(5))


@contextmanager
def limited_memory(name: str) -> Iterator[None]:
    """Let this process take at most ALLOWED_BYTES more within the block.

    The limit is the kernel's (RLIMIT_DATA), for the process with its threads, on Linux alone; on
    other systems there is none. Memory-mapped files do not count. Raises ValueError that names the
    file where it is not enough.
    """
    if resource is None or not STATM.exists():
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)
    has = int(STATM.read_text().split()[DATA]) * resource.getpagesize()
    # The smaller one, if there is another limit already.
    limits = [limit for limit in (has + ALLOWED_BYTES, *before) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), before[1]))
    try:
        yield
    except MemoryError:
        raise ValueError(
            f"expected a file that is read in {ALLOWED_BYTES >> 20} MB of memory, got {name}, "
            "which needs more: it was made to fill the memory, or is too long"
        ) from None
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


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
