"""What a network is to read from an ECG."""

from dataclasses import dataclass
from typing import Literal

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
    Raises ValueError on an edge, wave, lead or kind that does not exist, and on another unit there.
    """

    name: str
    unit: str
    column: str
    edges: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()
    lead: str | None = None
    kind: Literal["regression", "binary"] = "regression"
    table: str | None = None
    id: str = "id"

    def __post_init__(self) -> None:
        leads = () if self.lead is None else (self.lead,)
        for what, known, given in (
            ("edges", EDGES, self.edges),
            ("waves", WAVES, self.waves),
            ("a lead", LEADS, leads),
            ("a kind", ("regression", "binary"), (self.kind,)),
        ):
            if wrong := [name for name in given if name not in known]:
                raise ValueError(
                    f"target {self.name!r}: expected {what} of {', '.join(known)}, "
                    f"got {', '.join(wrong)}"
                )
        if self.kind == "binary":
            if self.unit not in ("", LOGIT):
                raise ValueError(
                    f"target {self.name!r}: expected no unit, since a network of a binary target "
                    f"says logits, got {self.unit!r}"
                )
            object.__setattr__(self, "unit", LOGIT)
