"""Labels in a column of the prepared ECGs: given with the records, or measured."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from .blocks import SEPARATOR
from .prepared import Prepared
from .provenance import maker_of
from .records import Excluded, Reader


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
        return int(self.came(prepared, self.column).sum())

    def came(self, prepared: Prepared, name: str) -> Bool[np.ndarray, " row"]:
        """Which records brought this label; it is measured on the others."""
        return np.array([name in each.split(SEPARATOR) for each in prepared.table["given"]])

    def maker(self, prepared: Prepared, name: str, reader: Reader) -> str:
        """Who made those that came with the records."""
        return maker_of(reader, name)
