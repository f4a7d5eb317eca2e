"""The label of each prepared ECG for a target, and where it comes from."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from .blocks import SEPARATOR
from .label_table import read_labels
from .prepared import Prepared
from .records import Excluded
from .target import Target

DIGITS = 16  # of the hash of a table, as in store.fingerprint


@dataclass(frozen=True)
class Labels:
    """The labels of `target` for the ECGs of `prepared`, NaN where there is none.

    They lie in a column of the prepared ECGs (given with the records, or measured) or in a table
    joined by id.
    """

    target: Target

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Exactly what decides them, beside the prepared ECGs; errors as in `label_table`."""
        kept: dict[str, Any] = {"column": self.target.column, "kind": self.target.kind}
        if self.target.table is None:
            return kept
        # Read before anything is prepared: a wrong table should not cost an hour.
        return kept | {"id": self.target.id, "rows": len(self._joined), "table": self._hash}

    def of(self, prepared: Prepared) -> Float[np.ndarray, " row"]:
        """A label for each row; ValueError when no column or ECG fits, or one is not 0 or 1."""
        if self.target.table is None:
            y = prepared.label(self.target.column)
        else:
            self._check_ids(prepared)
            y = np.array([self._joined.get(id, np.nan) for id in prepared.table["id"]])
        if self.target.kind == "binary":
            self._check_binary(y)
        return y

    def without(self, prepared: Prepared) -> list[Excluded]:
        """The ECGs without a label, and why."""
        if self.target.table is None:
            return prepared.without(self.target.column)
        name = Path(self.target.table).name
        ids = prepared.table["id"][np.isnan(self.of(prepared))]
        reasons = {True: f"{self.target.column} is empty in {name}", False: f"no row in {name}"}
        return [Excluded(id, reasons[id in self._joined]) for id in ids]

    def given(self, prepared: Prepared) -> int:
        """How many came with their ECG, be they NaN."""
        if self.target.table is not None:
            return 0
        return sum(
            self.target.column in names.split(SEPARATOR) for names in prepared.table["given"]
        )

    def source(self, prepared: Prepared) -> str:
        """In words where they come from."""
        column = self.target.column
        if self.target.table is not None:
            name = Path(self.target.table).name
            return f"{column} in {name}, joined by {self.target.id} (sha256 {self._hash} …)"
        given, ecgs = self.given(prepared), len(prepared)
        if given == ecgs:
            return f"{column}, given with each ECG"
        if given == 0:
            return f"{column}, measured by ECGLens"
        return f"{column}, given with {given} of {ecgs} ECGs"

    @cached_property
    def _path(self) -> Path:
        return Path(str(self.target.table)).expanduser()

    @cached_property
    def _joined(self) -> dict[str, float]:
        """The column of the table by the ids of the ECGs."""
        if not self._path.is_file():
            raise ValueError(f"expected in target.table a csv or parquet file, got {self._path}")
        table = read_labels(self._path, self.target.id, {"y": self.target.column})
        return dict(zip(table.index, table["y"], strict=True))

    @cached_property
    def _hash(self) -> str:
        with self._path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()[:DIGITS]

    def _check_ids(self, prepared: Prepared) -> None:
        ids = list(prepared.table["id"])
        if self._joined.keys().isdisjoint(ids):
            raise ValueError(
                f"expected in column {self.target.id} of {self._path.name} the ids of ECGs, such "
                f"as {ids[0]!r}, got {', '.join(map(repr, islice(self._joined, 3))) or 'no row'}"
            )

    def _check_binary(self, y: Float[np.ndarray, " row"]) -> None:
        counts = Counter(y[~np.isnan(y)].tolist())
        if wrong := sorted(counts.keys() - {0.0, 1.0}):
            raise ValueError(
                f"expected 0 and 1 in {self.target.column}, since target.kind=binary, "
                f"got {wrong[0]:g}; target.kind=regression takes any number"
            )
