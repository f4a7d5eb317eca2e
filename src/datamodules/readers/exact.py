"""Exact ECGs: sums of waves with known onset and offset, so that every label is true."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from math import inf, isnan, nan
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from ...ecg import (
    BEAT_LENGTH,
    KINDS,
    MORPHOLOGIES,
    ExactParameters,
    Planted,
    Record,
    Recording,
    Shortcut,
    draw_exact,
    draw_kind,
    exact_beat,
    exact_record,
    plant,
    planted,
    recorded,
    tied,
)
from ..formats.conventions import MissingLead, kept
from ..records import Excluded

# ECGs for the median and the ranks of a label, far away from those that are read: their median is
# within a tenth of an SD of the median of all.
REFERENCE = range(2**62, 2**62 + 501)
SIDES = ("left", "right")


@dataclass(frozen=True)
class Exact:
    """`n` exact 10-s ECGs at 500 Hz (ecg.synthetic), each of its own patient.

    ECG k depends only on the settings and k. Labels and marks come with the record.
    `noise_uv` is the SD of white noise on the strip, `rr_scatter` the SD of its RR intervals as a
    share of their mean; the beat has no noise. `kinds` are shares of ecg.KINDS that add up to 1;
    with kinds other than sinus rhythm each diagnosis is a label (dx_af …), 0 or 1. A shortcut
    (ecg.Shortcut) adds two labels: whether it is present, and whether it follows its label. Leads
    are off on purpose: unlike files, such an ECG is kept unless `missing_lead` is "exclude".
    """

    n: int = 2000
    seed: int = 0
    noise_uv: float = 0.0
    rr_scatter: float = 0.0
    kinds: Mapping[str, float] = field(default_factory=lambda: {"sinus": 1.0})
    morphology: str = "plain"
    wander_uv: float = 0.0
    mains_uv: float = 0.0
    mains_hz: float = 50.0
    dropped: float = 0.0
    shortcut: str = "none"
    shortcut_label: str = "qt"
    shortcut_strength: float = 1.0
    missing_lead: MissingLead = "zero"
    version: ClassVar[int] = 4
    generated: ClassVar[bool] = True
    labels_by: ClassVar[Mapping[str, str]] = {"*": "exact"}

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"expected data.n of at least 1 ECG, got {self.n}")
        if not 0 <= self.noise_uv < inf:
            raise ValueError(f"expected data.noise_uv of at least 0 µV, got {self.noise_uv}")
        # Scatter is cut off at two SD: from 0.5 on a beat could come before the one it follows.
        if not 0 <= self.rr_scatter < 0.5:
            raise ValueError(f"expected data.rr_scatter from 0 to below 0.5, got {self.rr_scatter}")
        shares = self.kinds.values()
        if not set(self.kinds) <= set(KINDS) or min(shares, default=-1) < 0:
            raise ValueError(
                f"expected data.kinds to be shares of {', '.join(KINDS)}, got {dict(self.kinds)}"
            )
        if not abs(sum(shares) - 1) <= 1e-9:  # NaN is refused too
            raise ValueError(
                f"expected data.kinds to add up to 1, got {sum(shares):g} of {self._shares}; "
                "set sinus too: its default is 1.0"
            )
        known = self._labels(self._parameters(0))
        if self._recording and self._shortcut.label not in known:
            raise ValueError(
                f"expected data.shortcut_label of {', '.join(known)}, got {self.shortcut_label!r}"
            )

    def __len__(self) -> int:
        return self.n

    def origin(self, start: int, stop: int) -> dict[str, Any]:
        """Settings, and the ECGs of the endless sequence."""
        names = [setting.name for setting in fields(self) if setting.type is float]
        numbers = {name: float(getattr(self, name)) for name in names}
        return {
            "seed": self.seed,
            "kinds": self._shares,
            "morphology": self.morphology,
            "shortcut": self.shortcut,
            "shortcut_label": self.shortcut_label,
            "missing_lead": self.missing_lead,
            **numbers,
            "start": start,
            "stop": stop,
        }

    def read(self, start: int, stop: int) -> Iterator[Record | Excluded]:
        """ECGs start … stop − 1; one with a lead that is off may be excluded."""
        for index in range(start, stop):
            record = self._record(index)
            try:
                yield kept(record, self.missing_lead)
            except ValueError as problem:
                yield Excluded(record.id, str(problem))

    def _record(self, index: int) -> Record:
        shortcut, parameters = self._shortcut, self._parameters(index)
        labels, here = self._labels(parameters), Planted(follows=False, present=False)
        if shortcut.name != "none":
            # Without a PR, nothing can be tied to QT.
            untied = shortcut.name == "tied" and not parameters.conducted
            rank = nan if untied else self._rank(labels[shortcut.label])
            here = planted(shortcut, rank, self.seed, index)
            labels |= {"shortcut": float(here.present), "shortcut_follows": float(here.follows)}
            if shortcut.name == "tied" and here.present:
                parameters = tied(parameters, rank)
        record = exact_record(parameters, self.noise_uv, self.rr_scatter)
        record = replace(record, labels={**labels, **record.labels})
        record = recorded(record, self._recording, self.seed, index)
        return plant(record, shortcut, parameters) if here.present else record

    def _parameters(self, index: int) -> ExactParameters:
        kind = draw_kind(self.seed, index, self._shares)
        return draw_exact(self.seed, index, kind, self.morphology)

    def _labels(self, parameters: ExactParameters) -> dict[str, float]:
        """True labels, and each diagnosis if there are kinds other than sinus rhythm."""
        if set(self._shares) == {"sinus"}:
            return parameters.labels
        given = KINDS[parameters.kind].diagnosis
        names = {KINDS[kind].diagnosis for kind in self._shares}
        return parameters.labels | {f"dx_{name}": float(name == given) for name in sorted(names)}

    @property
    def _shares(self) -> dict[str, float]:
        """Shares of the kinds that occur."""
        return {kind: float(share) for kind, share in self.kinds.items() if share > 0}

    def _rank(self, label: float) -> float:
        """Share of the reference ECGs with a smaller label; equal labels count half."""
        if isnan(label):
            return nan
        known = self._reference
        return float(sum(np.searchsorted(known, label, side) for side in SIDES) / (2 * len(known)))

    @cached_property
    def _reference(self) -> Float[np.ndarray, " ecg"]:
        """Sorted reference values of the label that the shortcut follows."""
        name = self._shortcut.label
        values = np.array([self._labels(self._parameters(index))[name] for index in REFERENCE])
        return np.sort(values[~np.isnan(values)])

    @property
    def _recording(self) -> Recording:
        sizes = (self.wander_uv, self.mains_uv, self.mains_hz, self.dropped)
        return Recording(*map(float, sizes))

    @property
    def _shortcut(self) -> Shortcut:
        return Shortcut(self.shortcut, self.shortcut_label, float(self.shortcut_strength))


def exact_parameters(record: str, x: np.ndarray, rate: float = nan) -> ExactParameters:
    """Parameters of the exact ECG of this name; ValueError unless it is this beat as drawn.

    The rate of the strip (1/min, NaN if unknown) tells apart AF and AV block of the same beat.
    """
    named = re.fullmatch(r"exact-(-?\d+)-(\d+)", record)
    if named and x.shape[1] == BEAT_LENGTH:
        seed, index = map(int, named.groups())
        drawn = (draw_exact(seed, index, kind, form) for form in MORPHOLOGIES for kind in KINDS)
        fits = (each for each in drawn if np.array_equal(exact_beat(each).signal, x))
        if first := next(fits, None):
            every = [first] if first.conducted else [first, *fits]
            return min(every, key=lambda each: abs(exact_record(each).labels["rate"] - rate))
    raise ValueError(f"expected an exact ECG as drawn, nothing planted or missing, got {record}")
