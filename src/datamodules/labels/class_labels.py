"""Labels of several classes: the diagnoses that came with the records, each known or not."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from ..preparation.prepared import Prepared
from ..records import Excluded, Reader
from .diagnoses import coded, coding_of, columns_of, diagnoses
from .diagnosis_codes import VERSION
from .provenance import maker_of


@dataclass(frozen=True)
class ClassLabels:
    """1, 0 or NaN for each class of `names`: see diagnoses and target_labels.Labels."""

    names: tuple[str, ...]

    @property
    def settings(self) -> dict[str, Any]:
        """Version of the tables of codes."""
        return {"codes": VERSION}

    def of(self, prepared: Prepared) -> Float[np.ndarray, "row output"]:
        """A column for each class; ValueError when no label of any class is known."""
        return diagnoses(prepared.table, self.names)

    def without(self, prepared: Prepared) -> list[Excluded]:
        """ECGs without a known class, with the reason."""
        left = np.isnan(self.of(prepared)).all(axis=1)
        reasons = np.where(
            coded(prepared.table), "its codes leave every class open", "no diagnosis came with it"
        )
        pairs = zip(prepared.table["id"][left], reasons[left].tolist(), strict=True)
        return [Excluded(*pair) for pair in pairs]

    def given(self, prepared: Prepared) -> int:
        """Number of ECGs with a known class."""
        return int((~np.isnan(self.of(prepared))).any(axis=1).sum())

    def came(self, prepared: Prepared, name: str) -> Bool[np.ndarray, " row"]:
        """Rows whose label came with the record: all, since no diagnosis is measured."""
        return np.ones(len(prepared), bool)

    def maker(self, prepared: Prepared, name: str, reader: Reader) -> str:
        """Maker of the codes, or of the column of this name."""
        table, coding = prepared.table, coding_of(prepared.table)
        if name in table or coding is None:
            return maker_of(reader, name)
        return maker_of(reader, columns_of(coding, table)[0])

    def words(self, prepared: Prepared) -> str:
        """Known classes with their coding system, and the classes that it never codes."""
        coding = coding_of(prepared.table)
        some = (~np.isnan(self.of(prepared))).any(axis=0)
        known = [self.names[place] for place in np.flatnonzero(some)]
        text = f"{', '.join(known)} from {coding.name if coding else 'columns of these names'}"
        unknown = [name for name in self.names if name not in known]
        return f"{text}; never coded: {', '.join(unknown)}" if unknown else text
