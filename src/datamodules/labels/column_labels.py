"""Labels in a column of the prepared ECGs: given with the records, or measured."""

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
    """One label: see labels.Labels.

    One with a larger SD than `max_sd` (`unit`) in the column `<column>_sd` is left out; None and an
    SD that is not known leave none out.
    """

    column: str
    max_sd: float | None = None
    unit: str = ""

    @property
    def settings(self) -> dict[str, Any]:
        """How uncertain a label may be."""
        return {} if self.max_sd is None else {"max_sd": self.max_sd}

    def of(self, prepared: Prepared) -> Float[np.ndarray, "row 1"]:
        """The column; ValueError when there is none of that name, or none of its SD for max_sd."""
        known = prepared.label(self.column)
        return np.where(self._uncertain(prepared), np.nan, known)[:, None]

    def without(self, prepared: Prepared) -> list[Excluded]:
        """The ECGs for which it is missing or too uncertain, and why."""
        if self.max_sd is None:
            return prepared.without(self.column)
        reason = f"{self.column} is uncertain: SD above {self.max_sd:g} {self.unit}".rstrip()
        ids = prepared.table["id"][self._uncertain(prepared)]
        return [*prepared.without(self.column), *(Excluded(name, reason) for name in ids)]

    def given(self, prepared: Prepared) -> int:
        """How many records brought it."""
        return int(self.came(prepared, self.column).sum())

    def came(self, prepared: Prepared, name: str) -> Bool[np.ndarray, " row"]:
        """Which records brought this label; it is measured on the others."""
        return np.array([name in each.split(SEPARATOR) for each in prepared.table["given"]])

    def maker(self, prepared: Prepared, name: str, reader: Reader) -> str:
        """Who made those that came with the records."""
        return maker_of(reader, name)

    def _uncertain(self, prepared: Prepared) -> Bool[np.ndarray, " row"]:
        """The rows whose label is known, but not well enough."""
        if self.max_sd is None:
            return np.zeros(len(prepared), bool)
        sd = prepared.label(f"{self.column}_sd")
        return (sd > self.max_sd) & ~np.isnan(prepared.label(self.column))
