"""Labels of the prepared ECGs for a target, and their source."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float

from ..preparation.prepared import Prepared
from ..records import Excluded, Reader
from ..target import Target
from .class_labels import ClassLabels
from .column_labels import ColumnLabels
from .computed_labels import ComputedLabels
from .provenance import ECGLENS, maker_words
from .table_labels import TableLabels


@dataclass(frozen=True)
class Labels:
    """Labels of the prepared ECGs for `target`, NaN where there is none.

    Their source is a column of the prepared ECGs, the codes of their diagnoses, a table joined by
    id, or a class of the user; all four have the same methods.
    """

    target: Target

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Settings that decide the labels, beside the prepared ECGs; errors as in `label_table`.

        The class that is explained is not among them: one network serves all.
        """
        target = self.target
        what = {"classes": list(target.classes)} if target.classes else {"column": target.column}
        if target.label is not None and not target.classes:
            what = {}
        return {"kind": target.kind, **what, **self._source.settings}

    def of(self, prepared: Prepared) -> Float[np.ndarray, "row output"]:
        """Labels of each row; ValueError for an unknown column, or a binary label not 0 or 1."""
        y = self._source.of(prepared)
        if self.target.kind == "binary":
            self._check_binary(y)
        return y

    def without(self, prepared: Prepared) -> list[Excluded]:
        """ECGs without a label, with the reason."""
        return self._source.without(prepared)

    def given(self, prepared: Prepared) -> int:
        """Number of labels that came with their ECG, including NaN."""
        return self._source.given(prepared)

    def source(self, prepared: Prepared, reader: Reader) -> str:
        """Source of the labels in words."""
        if isinstance(self._source, ColumnLabels):
            [(column, makers)] = self.by(prepared, reader).items()
            return f"{column}, {maker_words(makers)}"
        return self._source.words(prepared)

    def by(self, prepared: Prepared, reader: Reader) -> dict[str, dict[str, int]]:
        """Number of ECGs with a label, by output and maker (provenance.MAKERS)."""
        known = ~np.isnan(self.of(prepared))
        found: dict[str, dict[str, int]] = {}
        for name, rows in zip(self.target.outputs, known.T, strict=True):
            given = self._source.came(prepared, name) & rows
            who = self._source.maker(prepared, name, reader)
            counts = {who: int(given.sum()), ECGLENS: int((rows & ~given).sum())}
            found[name] = {maker: count for maker, count in counts.items() if count}
        return found

    @cached_property
    def _source(self) -> ColumnLabels | ClassLabels | TableLabels | ComputedLabels:
        target = self.target
        if target.label is not None:
            return ComputedLabels(target.label, target.outputs)
        if target.table is not None:
            return TableLabels(target.table, target.id, target.outputs)
        if target.classes:
            return ClassLabels(target.classes)
        return ColumnLabels(target.column, target.max_sd, target.unit)

    def _check_binary(self, y: Float[np.ndarray, "row output"]) -> None:
        for name, column in zip(self.target.outputs, y.T, strict=True):
            if wrong := sorted({*column[~np.isnan(column)].tolist()} - {0.0, 1.0}):
                raise ValueError(
                    f"expected 0 and 1 in {name}, since target.kind=binary, "
                    f"got {wrong[0]:g}; target.kind=regression takes any number"
                )
