"""What a network is to read from an ECG."""

from dataclasses import dataclass

from ..ecg import LEADS, WAVES

EDGES = ("P_on", "P_off", "QRS_on", "QRS_off", "T_on", "T_off")


@dataclass(frozen=True)
class Target:
    """A measurement with its unit and with the places of the beat that decide it.

    `measurement` is a column of the prepared table. `edges` are fiducial points such as "P_on" and
    `waves` parts such as "PQ" (ecg.waves); `lead` is where an amplitude is read, None for what is
    read across the leads. Raises ValueError on an edge, wave or lead that does not exist.
    """

    name: str
    unit: str
    measurement: str
    edges: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()
    lead: str | None = None

    def __post_init__(self) -> None:
        leads = () if self.lead is None else (self.lead,)
        for what, known, given in (
            ("edges", EDGES, self.edges),
            ("waves", WAVES, self.waves),
            ("a lead", LEADS, leads),
        ):
            if wrong := [name for name in given if name not in known]:
                raise ValueError(
                    f"target {self.name!r}: expected {what} of {', '.join(known)}, "
                    f"got {', '.join(wrong)}"
                )
