"""What a network is to read from an ECG."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..ecg import LEADS, WAVES

EDGES = ("P_on", "P_off", "QRS_on", "QRS_off", "T_on", "T_off")
LOGIT = "logit"


@dataclass(frozen=True)
class Target:
    """A label with its unit and with the places of the beat that decide it.

    `column` is one of the prepared ECGs, or of the csv or parquet file `table`, whose column `id`
    holds the ids of the ECGs. `edges` are fiducial points such as "P_on" and `waves` parts such as
    "PQ" (ecg.waves); `lead` is where an amplitude is read, None for what is read across the leads.

    A binary target has labels 0 and 1, and the network says the log-odds of 1: its unit is "logit".
    It may have several `classes` in place of a column, diagnoses (datamodules.diagnosis_codes) or
    columns, each of which may be unknown: one network says a logit of each. `explain` names the
    class whose logit is explained, None the first.
    `max_sd` leaves out ECGs whose label in `column` is more uncertain than this SD, in its unit.
    Raises ValueError on an edge, wave, lead, kind or class that does not exist, on another unit
    there, and on a `max_sd` of labels without an uncertainty or below 0.
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
        if self.kind == "binary":
            if self.unit not in ("", LOGIT):
                raise ValueError(
                    f"target {self.name!r}: expected no unit, since a network of a binary target "
                    f"says logits, got {self.unit!r}"
                )
            object.__setattr__(self, "unit", LOGIT)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Target":
        """A target out of JSON or a configuration, whose tuples are lists."""
        frozen: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()
        }
        return cls(**frozen)

    @property
    def outputs(self) -> tuple[str, ...]:
        """What the outputs of a network are called: the classes, else the column."""
        return self.classes or (self.column or self.name,)

    @property
    def explained(self) -> str:
        """The output that is explained."""
        return self.explain or self.outputs[0]

    @property
    def index(self) -> int:
        """Its place among the outputs."""
        return self.outputs.index(self.explained)
