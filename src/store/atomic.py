"""Files of a store: written whole or not at all, with checksums."""

import hashlib
import json
import os
import secrets
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .foreign import files_listed, read_json
from .settings import fingerprint


def keep_private() -> None:
    """Let nobody but their owner read the files and folders that this process makes from now on.

    Called where ECGs that may not leave this machine or experts' votes come in, and where they go
    to a page.
    """
    os.umask(0o077)


# Prefix of the temporary files that a killed process leaves behind.
TORN = ".part-"
# As open() makes files: a group shares results, unless the umask says otherwise.
ANYBODYS = 0o666
# Files that this process wrote last; a page has some dozens.
WRITTEN: deque[Path] = deque(maxlen=10_000)


@contextmanager
def atomic_path(path: Path, mode: int = ANYBODYS) -> Iterator[Path]:
    """Temporary path beside `path`: renamed to it when the block succeeds, removed otherwise.

    The temporary name has the suffix of `path`, because some writers choose their format by it.
    `mode` is the permission of the file, less what the umask of the process takes from any file.
    """
    if path.is_dir():
        raise IsADirectoryError(f"expected a name for a file, got {path}, which is a folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.parent / f"{TORN}{secrets.token_hex(8)}{path.suffix}"
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_RDWR, mode))
    try:
        yield temporary
        # On disk before the rename, so that a power cut leaves the old file or the new one.
        with temporary.open("rb+") as written:  # Windows refuses fsync on a file opened to read
            os.fsync(written.fileno())
        temporary.replace(path)
        WRITTEN.append(path.resolve())
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str, mode: int = ANYBODYS) -> Path:
    """Path of the UTF-8 text file that was written atomically."""
    with atomic_path(path, mode) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


@contextmanager
def in_place_of(path: Path) -> Iterator[None]:
    """List in `path` the files that the block writes beside it, and remove those listed before.

    They are removed last: where the block fails, the earlier ones are still there. What another
    program writes meanwhile is not listed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = path.parent.resolve()

    def state() -> set[tuple[str, int]]:
        files = (each for each in path.parent.iterdir() if each.is_file() and each != path)
        return {(each.name, each.stat().st_mtime_ns) for each in files}

    earlier, there = files_listed(path, "files"), state()
    yield
    written = sorted(name for name, _ in state() - there if folder / name in WRITTEN)
    for each in earlier:
        if each.name not in written:
            each.unlink(missing_ok=True)
    write_json(path, {"files": written})


def write_json(path: Path, value: Mapping[str, Any]) -> Path:
    """Path of the indented JSON file that was written atomically."""
    return write_text(path, json.dumps(value, indent=2, sort_keys=True) + "\n")


SETTINGS = "settings.json"


def seal(folder: Path, settings: Mapping[str, Any], version: int) -> None:
    """Write the settings of a folder with the checksum of each file, and put all of it on disk.

    On disk before the folder gets its final name: otherwise a power cut would leave a finished
    folder with empty files.
    """
    kept = {"settings": settings, "version": version, "files": checksums(folder)}
    write_json(folder / SETTINGS, kept)
    for path in _files(folder):
        with path.open("rb+") as written:
            os.fsync(written.fileno())


def damage(folder: Path) -> str | None:
    """Fault of a finished folder: its first missing or changed file; None if sound."""
    kept = read_settings(folder)
    if kept is None or fingerprint({k: kept[k] for k in ("settings", "version")}) != folder.name:
        return f"{SETTINGS} is not what was written"
    return changed(kept["files"], checksums(folder))


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a folder but the settings, by its path within."""
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in _files(folder)}


def changed(kept: Mapping[str, str], found: Mapping[str, str]) -> str | None:
    """Fault of the first file that is missing, changed or was not written; None if there is none.

    A file that was not written is no harmless one: the checksums may have been removed.
    """
    for name in (*kept, *found):
        if name not in found:
            return f"{name} is missing"
        if kept.get(name) != found[name]:
            return f"{name} is not what was written"
    return None


def read_settings(folder: Path) -> dict[str, Any] | None:
    """Settings, version and checksums of a finished folder; None where they cannot be read."""
    try:
        kept = read_json(folder / SETTINGS)
    except (OSError, ValueError):
        return None
    whole = isinstance(kept, dict) and {"settings", "version", "files"} <= kept.keys()
    return kept if whole and isinstance(kept["files"], dict) else None


def size(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _files(folder: Path) -> list[Path]:
    """Files of a folder but the settings and hidden ones, in a fixed order.

    Desktops leave hidden files in every folder that they show.
    """
    found = (path for path in folder.rglob("[!.]*") if path.is_file())
    return sorted(path for path in found if path != folder / SETTINGS)


def sha256_of(path: Path) -> str:
    """SHA-256 of the content of a file, in hexadecimal; OSError where it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
