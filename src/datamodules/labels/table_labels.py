"""Labels in a csv or parquet table of the user, joined by the ids of the ECGs."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from ..formats.label_table import read_labels
from ..preparation.prepared import Prepared
from ..records import Excluded, Reader
from .provenance import TABLE

DIGITS = 16  # of the hash of a table, as in store.fingerprint


@dataclass(frozen=True)
class TableLabels:
    """Columns `names` of the file `table`, whose column `id` has the ids of the ECGs."""

    table: str
    id: str
    names: tuple[str, ...]

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Hash of the content of the table, not its path; errors as in `label_table`."""
        # Read before anything is prepared, so that a wrong table is found at once.
        return {"id": self.id, "rows": len(self._joined), "table": self._hash}

    def of(self, prepared: Prepared) -> Float[np.ndarray, "row output"]:
        """Labels, NaN for an ECG without a row or value; ValueError when no ECG has a row."""
        ids = list(prepared.table["id"])
        if self._joined.keys().isdisjoint(ids):
            raise ValueError(
                f"expected in column {self.id} of {self._path.name} the ids of ECGs, such "
                f"as {ids[0]!r}, got {', '.join(map(repr, islice(self._joined, 3))) or 'no row'}"
            )
        nothing = np.full(len(self.names), np.nan)
        return np.array([self._joined.get(id, nothing) for id in ids])

    def without(self, prepared: Prepared) -> list[Excluded]:
        """ECGs without a row or with an empty one, with the reason."""
        ids = prepared.table["id"][np.isnan(self.of(prepared)).all(axis=1)]
        where, all_of = self._path.name, " and ".join(self.names)
        reasons = {True: f"{all_of} is empty in {where}", False: f"no row in {where}"}
        return [Excluded(id, reasons[id in self._joined]) for id in ids]

    def given(self, prepared: Prepared) -> int:
        """Number of labels that came with the ECGs: none."""
        return 0

    def came(self, prepared: Prepared, name: str) -> Bool[np.ndarray, " row"]:
        """Rows that ECGLens did not measure: all."""
        return np.ones(len(prepared), bool)

    def maker(self, prepared: Prepared, name: str, reader: Reader) -> str:
        """The table of the user."""
        return TABLE

    def words(self, prepared: Prepared) -> str:
        """Name of the table with the beginning of its hash."""
        names = ", ".join(self.names)
        return f"{names} in {self._path.name}, joined by {self.id} (sha256 {self._hash} …)"

    @cached_property
    def _path(self) -> Path:
        return Path(self.table).expanduser()

    @cached_property
    def _joined(self) -> Mapping[str, Float[np.ndarray, " output"]]:
        """Labels by the ids of the ECGs."""
        if not self._path.is_file():
            raise ValueError(f"expected in target.table a csv or parquet file, got {self._path}")
        table = read_labels(self._path, self.id, {name: name for name in self.names})
        return dict(zip(table.index, table.to_numpy(), strict=True))

    @cached_property
    def _hash(self) -> str:
        with self._path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()[:DIGITS]
