"""Target of a network, and the labels of the prepared ECGs for it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float

from ... import registry
from ...ecg import LEADS, WAVES
from ..preparation.blocks import UNITS
from ..preparation.prepared import Prepared
from ..records import DATA_SET, ECGLENS, OPEN, Excluded, Reader, readers_in
from .diagnoses import ClassLabels
from .sources import ColumnLabels, ComputedLabels, TableLabels, maker_words

EDGES = ("P_on", "P_off", "QRS_on", "QRS_off", "T_on", "T_off")
LOGIT = "logit"


@dataclass(frozen=True)
class Target:
    """A label with its unit and the places in the beat that decide it.

    `column` is a column of the prepared ECGs, or of the csv or parquet file `table`, whose column
    `id` has the ids of the ECGs. In place of both, `label` names a class of your own that computes
    the labels: its import path as `_target_`, and its settings (labels.sources). `edges`
    are fiducial points such as "P_on", `waves` segments such as "PQ" (ecg.waves). `lead` is the
    lead in which an amplitude is read; None for intervals, which are read over all leads.

    A binary target has the labels 0 and 1. Its network returns the log-odds of 1: the unit is
    "logit". Instead of a column it may have several `classes`, each a diagnosis
    (labels.diagnoses) or a column, and each known or unknown: one network returns a logit for
    each. `explain` is the class whose logit is explained; None means the first.

    `max_sd` leaves out ECGs whose label in `column` has a larger uncertainty (SD, in its unit).
    Raises ValueError for an unknown edge, wave, lead, kind or class, for another unit than
    logits or a column with a name of ours have, and for a `max_sd` that is negative or has nothing
    to limit.
    """

    name: str
    unit: str
    column: str = ""
    edges: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()
    lead: str | None = None
    kind: Literal["regression", "binary"] = "regression"
    table: str | None = None
    id: str = "id"
    classes: tuple[str, ...] = ()
    explain: str | None = None
    max_sd: float | None = None
    label: Mapping[str, Any] | None = field(default=None, hash=False)  # a dict has no hash

    def __post_init__(self) -> None:
        leads = () if self.lead is None else (self.lead,)
        explained = () if self.explain is None else (self.explain,)
        for what, known, given in (
            ("edges", EDGES, self.edges),
            ("waves", WAVES, self.waves),
            ("a lead", LEADS, leads),
            ("a kind", ("regression", "binary"), (self.kind,)),
            ("explain", self.outputs, explained),
        ):
            if wrong := [name for name in given if name not in known]:
                raise ValueError(
                    f"target {self.name!r}: expected {what} of {', '.join(known)}, "
                    f"got {', '.join(wrong)}"
                )
        if self.label is not None and (self.column or self.table is not None):
            raise ValueError(
                f"target {self.name!r}: expected for a label of a class of your own neither a "
                f"column nor a table, got {self.column or self.table!r}; leave it out"
            )
        if self.label is None and bool(self.column) == bool(self.classes):
            raise ValueError(
                f"target {self.name!r}: expected a column or classes, "
                f"got {self.column!r} and {list(self.classes)}"
            )
        if self.classes and (self.kind != "binary" or len({*self.classes}) < len(self.classes)):
            raise ValueError(
                f"target {self.name!r}: expected for classes kind=binary and each of them once, "
                f"got kind={self.kind} and {', '.join(self.classes)}"
            )
        measured = self.kind == "regression" and self.table is None and self.label is None
        if self.max_sd is not None and not (measured and self.max_sd >= 0):
            raise ValueError(
                f"target {self.name!r}: expected max_sd of at least 0, and for a regression on a "
                f"column of the ECGs alone, got {self.max_sd:g}; leave it out"
            )
        unit = LOGIT if self.kind == "binary" else UNITS.get(self.column) if measured else None
        if unit and self.unit not in ("", unit):
            raise ValueError(
                f"target {self.name!r}: expected no unit or {unit}, of labels and outputs alike, "
                f"got {self.unit!r}"
            )
        object.__setattr__(self, "unit", unit or self.unit)

    def check_labels(self, y: Float[np.ndarray, "row output"]) -> None:
        """Raise ValueError for a label of a binary target that is neither 0, 1 nor NaN."""
        if self.kind != "binary":
            return
        for name, column in zip(self.outputs, y.T, strict=False):
            if wrong := sorted({*column[~np.isnan(column)].tolist()} - {0.0, 1.0}):
                raise ValueError(
                    f"expected 0 and 1 in {name}, since target.kind=binary, "
                    f"got {wrong[0]:g}; target.kind=regression takes any number"
                )

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Target":
        """Target from JSON or a configuration, which have lists in place of tuples.

        Raises ValueError where `name` or `unit` is not there, and as the class does.
        """
        if missing := {"name", "unit"} - {*plain}:
            raise ValueError(
                f"expected {' and '.join(sorted(missing))} among the settings of a target, "
                f"got {', '.join(plain)}"
            )
        frozen: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()
        }
        return cls(**frozen)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs of a network: the classes, the column, or the name of the target."""
        return self.classes or (self.column or self.name,)

    @property
    def explained(self) -> str:
        """Name of the output that is explained."""
        return self.explain or self.outputs[0]

    @property
    def index(self) -> int:
        """Index of the output that is explained."""
        return self.outputs.index(self.explained)


@dataclass(frozen=True)
class Labels:
    """Labels of the prepared ECGs for `target`, NaN where there is none.

    Their source is a column of the prepared ECGs, the codes of their diagnoses, a table joined by
    id, or a class of the user; all four have the same methods; a column also has `came`.
    """

    target: Target

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Settings that decide the labels, beside the prepared ECGs; errors as in `read_labels`.

        The class that is explained is not among them: one network serves all.
        """
        target = self.target
        settings: dict[str, Any] = {"kind": target.kind, **self._source.settings}
        if target.classes:
            settings["classes"] = list(target.classes)
        elif target.label is None:
            settings["column"] = target.column
        return settings

    def of(self, prepared: Prepared) -> Float[np.ndarray, "row output"]:
        """Labels of each row; ValueError for an unknown column, or a binary label not 0 or 1."""
        y = self._source.of(prepared)
        self.target.check_labels(y)
        return y

    def without(self, prepared: Prepared) -> list[Excluded]:
        """ECGs without a label, with the reason."""
        return self._source.without(prepared)

    def given(self, prepared: Prepared) -> int:
        """Number of ECGs with a label that came with them."""
        if isinstance(self._source, TableLabels | ComputedLabels):
            return 0
        came = [self._came(prepared, name) for name in self.target.outputs]
        return int((~np.isnan(self.of(prepared)).T & came).any(axis=0).sum())

    def source(self, prepared: Prepared, reader: Reader) -> str:
        """Source of the labels in words."""
        if isinstance(self._source, ColumnLabels):
            [(column, makers)] = self.by(prepared, reader).items()
            return f"{column}, {maker_words(makers)}"
        return self._source.words(prepared)

    def by(self, prepared: Prepared, reader: Reader) -> dict[str, dict[str, int]]:
        """Number of ECGs with a label, by output and maker (records.MAKERS)."""
        known = ~np.isnan(self.of(prepared))
        readers = readers_in(reader)
        found: dict[str, dict[str, int]] = {}
        for name, rows in zip(self.target.outputs, known.T, strict=True):
            given = self._came(prepared, name) & rows
            counts = Counter[str]()
            for number, each in enumerate(readers.values() or [reader]):
                its = given & (prepared.table[DATA_SET] == number) if readers else given
                counts[self._source.maker(prepared, name, each)] += int(its.sum())
            counts[ECGLENS] += int((rows & ~given).sum())
            found[name] = {maker: count for maker, count in counts.items() if count}
        return found

    def _came(self, prepared: Prepared, name: str) -> Bool[np.ndarray, " row"]:
        """Rows whose label ECGLens did not measure: all, but of a column."""
        if isinstance(self._source, ColumnLabels):
            return self._source.came(prepared, name)
        return np.ones(len(prepared), bool)

    @cached_property
    def _source(self) -> ColumnLabels | ClassLabels | TableLabels | ComputedLabels:
        target = self.target
        if target.label is not None:
            return ComputedLabels(target.label, target.outputs)
        if target.table is not None:
            return TableLabels(target.table, target.id, target.outputs, target.unit)
        if target.classes:
            return ClassLabels(target.classes)
        return ColumnLabels(target.column, target.max_sd, target.unit)


def target_of(target: str | Target) -> Target:
    """A target by its name in configs/target; a Target itself.

    Raises ValueError for an unknown name, and for one whose settings have to be given.
    """
    if isinstance(target, Target):
        return target
    settings = {name: registry.settings("target", name) for name in registry.names("target")}
    complete = [name for name, each in settings.items() if not any(m in repr(each) for m in OPEN)]
    if target not in complete:
        raise ValueError(
            f"{registry.unknown('a target', target, complete)}; any other label is "
            "Target(name, unit, column) of ecglens.datamodules"
        )
    return Target.from_plain(settings[target])
