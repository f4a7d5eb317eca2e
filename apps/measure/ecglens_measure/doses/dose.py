"""A dose: a named change of ECGs with its unit, and the reason why an ECG cannot be given it."""

from dataclasses import dataclass
from typing import Literal


class Unchangeable(Exception):  # noqa: N818 - a finding about an ECG, no fault of the program
    """This ECG cannot be changed in this way; the message is the reason in a few words."""


@dataclass(frozen=True)
class Dose:
    """A named change of ECGs; `how` is part of what the name means.

    `sizes` are the usual ones in `unit`, without zero. `label` is the measurement that the change
    is meant to move (None: none of the seven), `holds` are those that it must leave alone. `waves`
    are those that an ECG must have. `recordings` is the reason why only exact ECGs can be given
    this dose, "" where recordings can.
    """

    name: str
    unit: str
    sizes: tuple[float, ...]
    how: str
    label: str | None
    holds: tuple[str, ...]
    kind: Literal["time", "height", "disturbance", "fault"]
    waves: tuple[str, ...] = ()
    recordings: str = ""
