"""Files below a folder: their names, their largest size, and errors that name a damaged one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# A 12-lead recording of a whole day at 1000 Hz in 16 bits has 2 GB; a diagnostic ECG has 1 MB. What
# is larger than this in one file is something else, or a file made to fill the memory.
LARGEST_BYTES = 2**28


def files_below(path: Path, endings: Sequence[str]) -> list[str]:
    """All files with one of these endings (any case) from `path` downwards, in fixed order.

    Raises ValueError when there are none.
    """
    found = sorted(
        file.relative_to(path).as_posix()
        for file in path.rglob("*")
        if file.suffix.lower() in endings and not file.name.startswith(".")
    )
    if not found:
        kinds = " or ".join(ending or "no ending" for ending in endings)
        raise ValueError(f"expected in data.path a folder with files of {kinds}, got {path}")
    return found


def one_line(problem: object) -> str:
    """The words of an error or a reason, as they stand in a list."""
    return " ".join(str(problem).split())


@contextmanager
def damage_named(file: str) -> Iterator[None]:
    """Libraries fail in a damaged file with whatever error comes first: IndexError, TypeError …"""
    try:
        yield
    except OSError:
        raise
    except Exception as problem:
        raise ValueError(
            f"expected a readable {file}, got a damaged one ({type(problem).__name__}: {problem}); "
            "copy the record again"
        ) from problem
