"""Content of a sheet: the ECG, the outputs, the heatmap, and the run behind them."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ecglens.datamodules import Target
from ecglens.eval import Finding
from ecglens.report.text import number, target_words
from jaxtyping import Bool, Float, Int8
from scipy.special import expit

from .measured import Measured, seen

AMPLITUDE = "amplitude"
DEAD = re.compile(r"^lead (\S+) is (missing|flat|saturated|without a QRS complex)")
# Parts of the flags on a wrong unit, of the signal's quality and of a TrainingRange.
DOUBTED_GAIN, DOUBTED_UNIT = "unit or gain may be wrong", "is the unit right?"
# No heart's waves differ so much from those of a training part; numbers in another unit do.
WRONG_UNIT = 10.0

# Why an ECG has no PR interval, rather than one that was not found (Rhythm.p_fault).
NO_PR = ("atrial fibrillation", "P wave not locked to QRS", "ventricular pacing", "atrial pacing")


def dead_leads(flags: Sequence[str]) -> dict[str, str]:
    """Leads without a heart signal, or that follow from one, by the fault that flags name."""
    found = {lead: fault for flag in flags for lead, fault in DEAD.findall(flag)}
    if limb := found.keys() & {"I", "II"}:
        found |= dict.fromkeys(("III", "aVR", "aVL", "aVF"), found[min(limb)])
    return found


def meaningless(target: Target, why_unmeasured: str) -> str:
    """Words that an ECG has no such quantity, by why it was not measured; "" where it has one."""
    if target.column != "pr" or why_unmeasured not in NO_PR:
        return ""
    return f"{target_words(target)} has no meaning here: {seen(why_unmeasured)}"


@dataclass(frozen=True)
class TrainingRange:
    """Smallest and largest value of a quantity over the training ECGs."""

    name: str
    unit: str
    low: float
    high: float

    def words(self, value: float) -> str:
        """A flag for a value outside the range; "" inside it and for NaN."""
        if not (value < self.low or value > self.high):
            return ""
        end = "below" if value < self.low else "above"
        text = (
            f"{self.name} {number(value)} {self.unit} is {end} all training ECGs "
            f"({number(self.low)} to {number(self.high)} {self.unit})"
        )
        far = value > WRONG_UNIT * self.high or value < self.low / WRONG_UNIT
        return f"{text}; {DOUBTED_UNIT}" if far and self.name == AMPLITUDE else text


@dataclass(frozen=True)
class Supported:
    """The method to show, "" for none, with the reason in sentences.

    `level` is the level of the null ladder that it reached ("" for none), `number` its number from
    1 on. `about_ecg` is True where its maps were shown to be specific to their ECG. `command` would
    test what is untested ("" for none). `unread` says of a network that does not read its target
    how far it is from it.
    """

    method: str
    reason: str
    level: str = ""
    number: int = 0
    command: str = ""
    tested_on: str = ""
    about_ecg: bool = False
    unread: str = ""


@dataclass(frozen=True, eq=False)
class EcgSheet:
    """One ECG with what a network makes of it.

    `x` (µV at 500 Hz) is what the network reads, with wave marks `segments`; `strip` (µV at `fs`)
    is the record itself. `outputs` are those of the network in the target's unit. `heatmap` is None
    where none is shown, for the reason in `why_none`. `flags` are findings about the signal and
    values outside the training ECGs; `measured` is the target as it was measured otherwise, NaN
    where it was not, for the reason in `why_unmeasured`, `margin` its ± (NaN: unknown, infinite: it
    cannot be repeated), and `measured_by` says by whom, as `maker` does in a word of MAKERS
    (datamodules.records; "": unknown). `person` are age and sex, `marks` what was measured beside
    the target. `outside` is True where the reading, the rate or an amplitude lies outside the
    training ECGs. `read` are the points of `x` that the network declares to read, None where it
    declares nothing. `added` are lines of installed packages by their heading.
    """

    name: str
    reader: str
    x: Float[np.ndarray, "12 time"]
    segments: Int8[np.ndarray, " time"]
    strip: Float[np.ndarray, "12 longer"]
    fs: float
    outputs: Float[np.ndarray, " output"]
    finding: Finding
    supported: Supported
    heatmap: Float[np.ndarray, "12 time"] | None = None
    why_none: str = ""
    flags: tuple[str, ...] = ()
    measured: float = math.nan
    margin: float = math.nan
    measured_by: str = ""
    maker: str = ""
    why_unmeasured: str = ""
    person: str = ""
    marks: Measured = field(default_factory=Measured)
    outside: bool = False
    ranges: Sequence[TrainingRange] = ()
    read: Bool[np.ndarray, "12 time"] | None = None
    added: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def evaluated(self) -> bool:
        """True if the network was evaluated on any ECG."""
        return bool(self.finding.about.records)

    @property
    def output(self) -> float:
        """The explained output in the target's unit."""
        target = self.finding.about.target
        return float(self.outputs[target.index])

    @property
    def finite(self) -> bool:
        """True unless an output is NaN or infinity."""
        return bool(np.isfinite(self.outputs).all())

    @property
    def dead(self) -> dict[str, str]:
        """Leads without a heart signal, which have no colour, by their fault."""
        return dead_leads(self.flags)

    @property
    def unit_doubted(self) -> bool:
        """True where a flag doubts the unit or gain of the signal."""
        doubts = (DOUBTED_GAIN, DOUBTED_UNIT)
        return any(doubt in flag for flag in self.flags for doubt in doubts)

    @property
    def meaningless(self) -> str:
        """Words that this ECG has no such quantity; "" where it has one."""
        return meaningless(self.finding.about.target, self.why_unmeasured)

    @property
    def doubt(self) -> str:
        """Why the reading is grey; "" where it is not."""
        unmeasured = "no meaning here" if self.meaningless else "not measurable here"
        reasons = {
            "not a number": not self.finite,
            unmeasured: bool(self.why_unmeasured),
            "outside the training ECGs": self.outside,
        }
        return ", ".join(reason for reason, holds in reasons.items() if holds)

    @property
    def several_beats(self) -> bool:
        """True if the network reads a strip rather than a median beat."""
        return self.x.shape[1] > 1300  # samples: a beat is shorter (2.6 s)

    def plain(self) -> dict[str, Any]:
        """Every number and word of the sheet as plain JSON; what is not known is null."""
        about, facts, heatmap = self.finding.about, self.finding.facts, self.heatmap
        names, shares = about.target.outputs, map(probability_of, self.outputs)
        return {
            "ecg": self.name,
            "reader": self.reader,
            "target": about.target.name,
            "unit": about.target.unit,
            "outputs": dict(zip(names, map(_finite, self.outputs), strict=True)),
            "probabilities": dict(zip(names, map(_finite, shares), strict=True))
            if about.target.kind == "binary"
            else None,
            "explained": about.target.explained,
            "evaluated": self.evaluated,
            "test": {str(key): _finite(each) for key, each in facts.get("fit", {}).items()},
            "test_ecgs": facts.get("test"),
            "limits_of_agreement": limits_of_agreement(facts),
            "heatmap_method": self.supported.method if heatmap is not None else None,
            "heatmap_level": self.supported.level or None,
            "heatmap_reason": self.supported.reason if heatmap is not None else self.why_none,
            "flags": list(self.flags),
            "added": {heading: list(said) for heading, said in self.added.items()},
            "doubt": self.doubt,
            "measured": _finite(self.measured),
            "measured_margin": _finite(self.margin),
            "unmeasured": seen(self.why_unmeasured),
            "measured_by": self.measured_by,
            "person": self.person,
            "marks": {
                name: _finite(getattr(self.marks, name))
                for name in ("rate", "pr", "qrs", "qt", "qtc", "axis", "beats")
            },
            "training_ranges": {
                each.name: {"unit": each.unit, "low": each.low, "high": each.high}
                for each in self.ranges
            },
            "network": about.networks[0],
            "input": about.input,
            "fs_hz": 500.0,
            "leads": ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"],
            "x_uv": _rounded(self.x),
            "heatmap": None if heatmap is None else _rounded(heatmap),
        }


def probability_of(logit: float) -> float:
    """Probability of a logit, without overflow; NaN for infinity, which no logit is."""
    return float(expit(logit)) if math.isfinite(logit) else math.nan


def limits_of_agreement(facts: Mapping[str, Any]) -> tuple[float, float] | None:
    """95 % limits of agreement of prediction − label (Bland & Altman 1986), in the target's unit.

    Bias ± 1.96 SD of the differences on the test ECGs, from bias and RMSE. None where unknown.
    """
    fit, test = facts.get("fit", {}), facts.get("test", 0)
    if not {"bias", "rmse"} <= {*fit} or not isinstance(test, int) or test < 2:
        return None
    bias, rmse = float(fit["bias"]), float(fit["rmse"])
    spread = 1.96 * math.sqrt(max(rmse**2 - bias**2, 0.0) * test / (test - 1))
    return (bias - spread, bias + spread)


def _rounded(values: Float[np.ndarray, "lead time"]) -> list[list[float]]:
    """Numbers to six digits, which is what float32 has."""
    return [[float(f"{value:.6g}") for value in row] for row in values]


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
