"""Labels in a column of the prepared ECGs: given with the records, or measured."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from .blocks import SEPARATOR
from .prepared import Prepared
from .records import Excluded


@dataclass(frozen=True)
class ColumnLabels:
    """One label: see labels.Labels."""

    column: str

    @property
    def settings(self) -> dict[str, Any]:
        """None beside the column."""
        return {}

    def of(self, prepared: Prepared) -> Float[np.ndarray, "row 1"]:
        """The column; ValueError when there is none of that name."""
        return prepared.label(self.column)[:, None]

    def without(self, prepared: Prepared) -> list[Excluded]:
        """The ECGs for which it is missing, and why."""
        return prepared.without(self.column)

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
