"""Prepared ECGs of any number, read from their blocks where needed."""

import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float, Float32, Int, Int8

from ..records import Excluded
from .blocks import TEXT, opened, read_excluded, read_table

# Measurements that have the reason of another when they are missing.
ALSO = {"qt_tangent": "qt"}


@dataclass(frozen=True)
class Prepared:
    """Usable ECGs of a source, in its order; `blocks` are finished folders of the store."""

    blocks: tuple[Path, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row per ECG: id, patient, measurements (ms, µV, 1/min) and their SDs, marks, flags.

        Raises ValueError when no ECG is usable or two ECGs have the same id.
        """
        tables = [read_table(block) for block in self.blocks]
        usable = [table for table in tables if len(table)]
        if not usable:
            reasons = Counter(item.reason for item in self.excluded).most_common(3)
            why = "; ".join(f"{count} × {reason}" for reason, count in reasons)
            raise ValueError(f"expected usable ECGs, got none of {len(self.excluded)}: {why}")
        table = pd.concat(usable, ignore_index=True)
        if not table["id"].is_unique:
            twice = list(table["id"][table["id"].duplicated()])
            raise ValueError(f"expected a different id for each ECG, got {twice[0]!r} twice")
        return table

    @cached_property
    def excluded(self) -> list[Excluded]:
        """ECGs that cannot be used, with the reason."""
        return [item for block in self.blocks for item in read_excluded(block)]

    @cached_property
    def _ends(self) -> Int[np.ndarray, " block"]:
        return np.cumsum([len(opened(block / "x.npy")) for block in self.blocks])

    def __len__(self) -> int:
        return int(self._ends[-1]) if self.blocks else 0

    def x(self, rows: Int[np.ndarray, " row"]) -> Float32[np.ndarray, "row 12 time"]:
        """Signals of these rows of the table, µV."""
        return self._gather("x.npy", rows)

    def segments(self, rows: Int[np.ndarray, " row"]) -> Int8[np.ndarray, "row time"]:
        """Masks of waves of these rows (ecg.waves)."""
        return self._gather("segments.npy", rows)

    def label(self, measurement: str) -> Float[np.ndarray, " row"]:
        """Column of the table; ValueError for an unknown name."""
        if measurement not in self.table or measurement in TEXT:
            known = [name for name in self.table if name not in TEXT]
            raise ValueError(f"expected a measurement of {', '.join(known)}, got {measurement!r}")
        return self.table[measurement].to_numpy(float)

    def ids(self, rows: Int[np.ndarray, " row"]) -> list[str]:
        """Ids of these rows; reads only the tables of their blocks."""
        block = np.searchsorted(self._ends, rows, side="right")
        starts = np.concatenate([[0], self._ends])
        tables = {number: read_table(self.blocks[number])["id"] for number in np.unique(block)}
        return [tables[b].iloc[row - starts[b]] for b, row in zip(block, rows, strict=True)]

    def spread(self, n: int) -> Int[np.ndarray, " row"]:
        """`n` equally spaced rows from the first to the last, or all if there are fewer."""
        return np.unique(np.linspace(0, len(self) - 1, min(n, len(self))).round().astype(int))

    def without(self, measurement: str) -> list[Excluded]:
        """ECGs without this measurement, with the reason."""
        missing = self.table[np.isnan(self.label(measurement))]
        pairs = zip(missing["id"], missing["reasons"], strict=True)
        return [Excluded(name, why_missing(reasons, measurement)) for name, reasons in pairs]

    def _gather(self, file: str, rows: Int[np.ndarray, " row"]) -> np.ndarray:
        block = np.searchsorted(self._ends, rows, side="right")
        first = opened(self.blocks[0] / file)
        gathered = np.empty((len(rows), *first.shape[1:]), first.dtype)
        for number in np.unique(block):
            here = block == number
            array = opened(self.blocks[number] / file)
            gathered[here] = array[rows[here] - (self._ends[number] - len(array))]
        return gathered


def why_missing(reasons: str, measurement: str) -> str:
    """Reason for a missing number, from the column `reasons` of its ECG."""
    known = json.loads(reasons)
    own = known.get(measurement) or known.get(ALSO.get(measurement, ""))
    return own or "did not come with the record"
