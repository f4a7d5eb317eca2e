"""The pictures of a study: files whose names say nothing, and what each is of."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...store import atomic_path
from ..design import Item
from .database import Database
from .schema import ASSETS
from .written import dumps

SHEET = "FROM sheets WHERE ecg = ? AND view = ?"
MAP = "FROM maps WHERE target = ? AND ecg = ? AND view = ? AND method = ?"


def has_sheet(db: Database, ecg: str, view: str) -> bool:
    """True where the paper of this ECG is kept."""
    return bool(db.one(f"SELECT 1 {SHEET}", (ecg, view)))


def has_map(db: Database, key: tuple[str, str, str, str]) -> bool:
    """True where the map of this target, ECG, view and method is kept."""
    return bool(db.one(f"SELECT 1 {MAP}", key))


def keep_sheet(
    db: Database, folder: Path, key: tuple[str, str], png: bytes, geometry: Mapping[str, Any]
) -> None:
    """Keep the paper of an ECG and view; one that is there stays."""
    if not has_sheet(db, *key):
        values = (*key, _kept(folder, png), dumps(dict(geometry)))
        with db.writing() as writer:
            writer.execute("INSERT INTO sheets VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", values)


def keep_map(db: Database, folder: Path, key: tuple[str, str, str, str], png: bytes) -> None:
    """Keep the map of a target, ECG, view and method; one that is there stays."""
    if not has_map(db, key):
        values = (*key, _kept(folder, png))
        with db.writing() as writer:
            writer.execute("INSERT INTO maps VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", values)


def sheet(db: Database, folder: Path, ecg: str, view: str) -> tuple[Path, dict[str, Any]]:
    """The picture of the paper, and where its leads lie on it."""
    found = db.one(f"SELECT file, geometry {SHEET}", (ecg, view))
    if not found:
        raise ValueError(f"expected a sheet of {ecg} in the view {view}, it was not drawn; "
                         "run study create again")  # fmt: skip
    return folder / ASSETS / found[0], json.loads(found[1])


def heat(db: Database, folder: Path, item: Item, method: str) -> Path:
    """The picture of the method's map of this item."""
    found = db.one(f"SELECT file {MAP}", (item.target, item.ecg, item.view, method))
    if not found:
        raise ValueError(
            f"expected a map by {method} of {item.ecg} for {item.target} in the view {item.view}, "
            "it was not drawn; run study create again"
        )
    return folder / ASSETS / found[0]


def _kept(folder: Path, png: bytes) -> str:
    """The name of a new file, which is whole before the database knows of it."""
    name = f"{secrets.token_hex(16)}.png"
    with atomic_path(folder / ASSETS / name, mode=0o600) as temporary:
        temporary.write_bytes(png)
    return name
