"""Drawings of a study: files with random names, and a table of what each shows."""

import json
import secrets
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from ecglens.store import atomic_path

from ..settings import Item
from .database import ASSETS, Database, dumps

SHEET = "FROM sheets WHERE ecg = ? AND view = ?"
MAP = "FROM maps WHERE target = ? AND ecg = ? AND view = ? AND method = ?"


class Drawings:
    """Sheets and heatmaps of a study; one that exists is never replaced."""

    def __init__(self, db: Database, folder: Path) -> None:
        self._db, self._folder = db, folder

    def has_sheet(self, ecg: str, view: str) -> bool:
        """True if the sheet of this ECG is stored."""
        return bool(self._db.one(f"SELECT 1 {SHEET}", (ecg, view)))

    def has_map(self, target: str, ecg: str, view: str, method: str) -> bool:
        """True if this heatmap is stored."""
        return bool(self._db.one(f"SELECT 1 {MAP}", (target, ecg, view, method)))

    def keep_sheet(self, ecg: str, view: str, signal: bytes, geometry: Mapping[str, Any]) -> None:
        """Store the sheet of an ECG with its geometry."""
        if not self.has_sheet(ecg, view):
            values = (ecg, view, self._file(signal), dumps(dict(geometry)))
            with self._db.writing() as writer:
                writer.execute(
                    "INSERT INTO sheets VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", values
                )

    def keep_map(self, target: str, ecg: str, view: str, method: str, steps: bytes) -> None:
        """Store one heatmap."""
        if not self.has_map(target, ecg, view, method):
            values = (target, ecg, view, method, self._file(steps))
            with self._db.writing() as writer:
                writer.execute(
                    "INSERT INTO maps VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", values
                )

    def sheet(self, ecg: str, view: str) -> tuple[Path, dict[str, Any]]:
        """File of the signal and its geometry; ValueError if it was not drawn."""
        found = self._db.one(f"SELECT file, geometry {SHEET}", (ecg, view))
        if not found:
            raise ValueError(
                f"expected a sheet of {ecg} in view {view}, but it was not drawn; "
                "run study create again"
            )
        return self._folder / ASSETS / found[0], json.loads(found[1])

    def map(self, item: Item, method: str) -> Path:
        """File of the method's heatmap of this item; ValueError if it was not drawn."""
        found = self._db.one(f"SELECT file {MAP}", (item.target, item.ecg, item.view, method))
        if not found:
            raise ValueError(
                f"expected a map by {method} of {item.ecg} for {item.target} in view {item.view}, "
                "but it was not drawn; run study create again"
            )
        return self._folder / ASSETS / found[0]

    def padding(self, path: Path) -> int:
        """Bytes that a map has less than the largest map of the study."""
        return max(0, self._largest - path.stat().st_size)

    @cached_property
    def _largest(self) -> int:
        """Bytes of the largest map; all are drawn before the study is served."""
        files = self._db.rows("SELECT file FROM maps")
        return max(((self._folder / ASSETS / file).stat().st_size for (file,) in files), default=0)

    def _file(self, content: bytes) -> str:
        """Name of a new file, which is complete before the database refers to it."""
        name = f"{secrets.token_hex(16)}.bin"
        with atomic_path(self._folder / ASSETS / name, mode=0o600) as temporary:
            temporary.write_bytes(content)
        return name
