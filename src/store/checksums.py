"""Checksums of the files in a finished folder, written with it and verified before it is read."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .atomic import write_json
from .fingerprint import fingerprint
from .foreign import read_json

SETTINGS = "settings.json"


def seal(folder: Path, settings: Mapping[str, Any], version: int) -> None:
    """Write the settings of a folder with the checksum of each file, and put all of it on disk.

    On disk before the folder gets its final name: otherwise a power cut would leave a finished
    folder with empty files.
    """
    files = {_name(folder, path): _sha256(path) for path in _files(folder)}
    write_json(folder / SETTINGS, {"settings": settings, "version": version, "files": files})
    for path in _files(folder):
        with path.open("rb+") as written:
            os.fsync(written.fileno())


def damage(folder: Path) -> str | None:
    """What is wrong with a finished folder: its first missing or changed file; None if sound."""
    kept = read_settings(folder)
    if kept is None or fingerprint({k: kept[k] for k in ("settings", "version")}) != folder.name:
        return f"{SETTINGS} is not what was written"
    for name, expected in kept["files"].items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if _sha256(path) != expected:
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
    """Files of a folder but the settings, in a fixed order."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if path != folder / SETTINGS)


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
