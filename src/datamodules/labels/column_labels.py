"""Labels in a column of the prepared ECGs: from the records, or measured."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from ..preparation.prepared import Prepared
from ..preparation.table import SEPARATOR
from ..records import Excluded, Reader
from .provenance import maker_of


@dataclass(frozen=True)
class ColumnLabels:
    """Labels of one column: see target_labels.Labels.

    An ECG whose SD in the column `<column>_sd` is above `max_sd` (in `unit`) has no label. None
    sets no limit; an unknown SD passes.
    """

    column: str
    max_sd: float | None = None
    unit: str = ""

    @property
    def settings(self) -> dict[str, Any]:
        """Largest uncertainty of a label, if there is a limit."""
        return {} if self.max_sd is None else {"max_sd": self.max_sd}

    def of(self, prepared: Prepared) -> Float[np.ndarray, "row 1"]:
        """The column; ValueError for an unknown one, or for `max_sd` without a column of SDs."""
        known = prepared.label(self.column)
        return np.where(self._uncertain(prepared), np.nan, known)[:, None]

    def without(self, prepared: Prepared) -> list[Excluded]:
        """ECGs whose label is missing or too uncertain, with the reason."""
        if self.max_sd is None:
            return prepared.without(self.column)
        reason = f"{self.column} is uncertain: SD above {self.max_sd:g} {self.unit}".rstrip()
        ids = prepared.table["id"][self._uncertain(prepared)]
        return [*prepared.without(self.column), *(Excluded(name, reason) for name in ids)]

    def given(self, prepared: Prepared) -> int:
        """Number of records with this label."""
        return int(self.came(prepared, self.column).sum())

    def came(self, prepared: Prepared, name: str) -> Bool[np.ndarray, " row"]:
        """Rows whose label came with the record; the others are measured."""
        return np.array([name in each.split(SEPARATOR) for each in prepared.table["given"]])

    def maker(self, prepared: Prepared, name: str, reader: Reader) -> str:
        """Maker of the labels that came with the records."""
        return maker_of(reader, name)

    def _uncertain(self, prepared: Prepared) -> Bool[np.ndarray, " row"]:
        """Rows with a label that is too uncertain."""
        if self.max_sd is None:
            return np.zeros(len(prepared), bool)
        sd = prepared.label(f"{self.column}_sd")
        return (sd > self.max_sd) & ~np.isnan(prepared.label(self.column))
