"""Files below a folder: their names, their largest size, and errors that name a damaged file."""

import codecs
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ...store import printable, walked

# A diagnostic ECG has 1 MB, a 12-lead recording of a day (1000 Hz, 16 bits) 2 GB. A larger file is
# something else, or was made to fill the memory.
LARGEST_BYTES = 2**28
# Enough for the names of columns, which have most letters that are not English.
FIRST_BYTES = 2**16


def files_below(path: Path, endings: Sequence[str], without: Sequence[str] = ()) -> list[str]:
    """Sorted paths of all files below `path` with one of these endings (in any case).

    `without` are paths that are left out. Raises ValueError when there are none.
    """
    files = (
        file.relative_to(path).as_posix()
        for file in walked(path)
        if file.suffix.lower() in endings and not file.name.startswith(".")
    )
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
    found = ""
    # A byte order mark; or the zeros that UTF-16 puts beside each letter of English.
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or first.count(0) * 3 > len(
        first
    ):
        found = "UTF-16"
    else:
        try:
            codecs.getincrementaldecoder("utf-8")().decode(first)
        except UnicodeDecodeError:
            found = "another encoding"
    if found:
        raise ValueError(f"expected text in UTF-8 in {file.name}, got {found}; save it as UTF-8")


@contextmanager
def damage_named(file: str) -> Iterator[None]:
    """Raise any error of a library as a ValueError that names the damaged file.

    OSError stays what it is, and so does MemoryError (memory.limited_memory).
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
