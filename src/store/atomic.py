"""Files that are either whole or absent."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# What a killed process leaves of a file begins with this.
TORN = ".part-"


@contextmanager
def atomic_path(path: Path, mode: int = 0o644) -> Iterator[Path]:
    """A temporary path beside `path`; renamed onto it when the block ends well, removed otherwise.

    The temporary name keeps the ending of `path`, because some writers choose their format by it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=TORN, suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # On disk before the rename, so that a power cut leaves the old file or the new one.
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.chmod(mode)  # mkstemp makes files private; results are shared in a group
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str, mode: int = 0o644) -> Path:
    """Write UTF-8 text atomically; returns the path."""
    with atomic_path(path, mode) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def write_json(path: Path, value: Mapping[str, Any]) -> Path:
    """Write readable JSON atomically; returns the path."""
    return write_text(path, json.dumps(value, indent=2, sort_keys=True) + "\n")
