"""Labels in a column of the prepared ECGs: given with the records, or measured."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from .blocks import SEPARATOR
from .prepared import Prepared
from .records import Excluded


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
        return sum(self.column in names.split(SEPARATOR) for names in prepared.table["given"])

    def words(self, prepared: Prepared) -> str:
        """Given or measured."""
        given, ecgs = self.given(prepared), len(prepared)
        if given == ecgs:
            return f"{self.column}, given with each ECG"
        if given == 0:
            return f"{self.column}, measured by ECGLens"
        return f"{self.column}, given with {given} of {ecgs} ECGs"

    def _uncertain(self, prepared: Prepared) -> Bool[np.ndarray, " row"]:
        """The rows whose label is known, but not well enough."""
        if self.max_sd is None:
            return np.zeros(len(prepared), bool)
        sd = prepared.label(f"{self.column}_sd")
        return (sd > self.max_sd) & ~np.isnan(prepared.label(self.column))
