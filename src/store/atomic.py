"""Atomic writes: a file is either whole or absent."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Prefix of the temporary files that a killed process leaves behind.
TORN = ".part-"
# As open() makes files: a group shares results, unless the umask says otherwise.
ANYBODYS = 0o666


@contextmanager
def atomic_path(path: Path, mode: int = ANYBODYS) -> Iterator[Path]:
    """Temporary path beside `path`: renamed to it when the block succeeds, removed otherwise.

    The temporary name has the suffix of `path`, because some writers choose their format by it.
    `mode` is the permission of the file, less what the umask of the process takes from any file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f"{TORN}{secrets.token_hex(8)}{path.suffix}"
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode))
    try:
        yield temporary
        # On disk before the rename, so that a power cut leaves the old file or the new one.
        with temporary.open("rb+") as written:  # Windows refuses fsync on a file opened to read
            os.fsync(written.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str, mode: int = ANYBODYS) -> Path:
    """Path of the UTF-8 text file that was written atomically."""
    with atomic_path(path, mode) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def write_json(path: Path, value: Mapping[str, Any]) -> Path:
    """Path of the indented JSON file that was written atomically."""
    return write_text(path, json.dumps(value, indent=2, sort_keys=True) + "\n")
