"""What the network reads from one ECG while the steps of a method change it, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float
from scipy.special import expit

from ...eval import Curves, Finding
from ..style import style
from .class_quality import class_name
from .disturbance import changed, disturbed, units
from .numerals import decimals, fixed
from .words import target_words

RANDOM = "random"  # the control beside every method
SCORES = {
    "change": "the area between its {line} and the start",
    "relative_error": "the area between its {line} and the label, as a share of the label",
    "logit": "the area by which the logit falls",
}


@dataclass(frozen=True)
class Readings:
    """What the network reads from the ECG at a place of the gallery, at each step of a draw.

    `names` are methods and controls, the rows of `values`.
    """

    finding: Finding
    place: int
    names: Sequence[str]

    @cached_property
    def values(self) -> Float[np.ndarray, "method point"]:
        """In the target's unit; of a class, the probability."""
        kept = np.stack([self._curves.predictions[name][0, self.ecg] for name in self.names])
        return expit(kept) if self.binary else kept

    @cached_property
    def ecg(self) -> int:
        """The place of the ECG among all that were scored."""
        return self._curves.records.index(self._curves.gallery.records[self.place])

    @property
    def binary(self) -> bool:
        """Whether they are probabilities."""
        return self.finding.about.target.kind == "binary"

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return "" if self.binary else self.finding.about.target.unit

    @property
    def places(self) -> int:
        """Decimals that they are printed with."""
        return decimals(self.values.ravel())

    def said(self, name: str, step: int) -> str:
        """The value at a step of a method, as it is printed."""
        value = float(self.values[self.names.index(name), step])
        return f"{fixed(value, self.places)} {self.unit}".rstrip()

    def sentence(self, first: str, second: str) -> str:
        """What is read from the ECG, and after the last step of two methods and at random."""
        target, protocol = self.finding.about.target, self._curves.protocol
        of = class_name(target.explained) if target.classes else target_words(target)
        says = f"gives {of} a probability of" if self.binary else f"reads {of}"
        last = {name: self.said(name, protocol.steps) for name in (first, second, RANDOM)}
        return (
            f"The network {says} {self.said(first, 0)} on ECG "
            f"{self._curves.gallery.records[self.place]}. "
            f"After {changed(protocol, style(first).label)} it {says.split()[0]} {last[first]}, "
            f"after those of {style(second).label} {last[second]}, "
            f"after {protocol.steps} random {units(protocol)} {last[RANDOM]}."
        )

    def note(self, leads: int) -> str:
        """What a step is, what is drawn of how many leads, and what follows for the score."""
        protocol = self._curves.protocol
        fewer = leads < self._curves.gallery.x.shape[1]
        score = SCORES[protocol.outcome].format(line="logit" if self.binary else "line")
        return (
            f"{disturbed(protocol)}; draw 1 of {protocol.draws}, the same for all three. "
            f"{'The leads that change most are drawn. ' if fewer else ''}"
            "Colour marks what has been changed; the trace before is grey. 25 mm/s, 10 mm/mV. "
            f"The score of a method is {score}, over the first {protocol.until} steps, "
            "as a mean over all ECGs and draws."
        )

    @property
    def _curves(self) -> Curves:
        return self.finding.curves[0]
