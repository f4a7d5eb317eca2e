"""What a network is to read from an ECG."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A measurement with its unit and with the places of the beat that decide it.

    `edges` are fiducial points such as "P_on" and `waves` parts such as "PQ" (ecg.waves); `lead`
    is where an amplitude is read, None for what is read across the leads.
    """

    name: str
    unit: str
    measurement: str
    edges: tuple[str, ...] = ()
    waves: tuple[str, ...] = ()
    lead: str | None = None
