"""What was measured of an ECG: rate, intervals, axis, edges of waves; age and sex."""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ecglens.ecg import FS_HZ, LEADS, Record, UnusableRecord, above_level, median_beat
from jaxtyping import Float

# Interval, edges of waves, row of the bracket: QT lies over QRS.
INTERVALS = (
    ("PR", "p_on", "qrs_on", 0),
    ("QRS", "qrs_on", "qrs_off", 0),
    ("QT", "qrs_on", "t_off", 1),
)
EDGES = tuple(dict.fromkeys(edge for _, *ends, _ in INTERVALS for edge in ends))
MS = 1e3 / FS_HZ
SAME = 2 * MS  # a sample at either end
# A smaller QRS area points nowhere: 10 µV over 100 ms, about the noise that a record may have.
LEAST_AREA = 1.0  # µV s
# Ages above it may identify a person (HIPAA, 45 CFR 164.514(b)(2)(i)(C)).
OLDEST = 89
PERSONAL, WITHHELD = ("age", "sex"), "withheld"
# The measurement sees no more than this: multifocal atrial tachycardia looks the same to it.
SEEN = {"atrial fibrillation": "irregular, no steady P wave (atrial fibrillation?)"}
LIMB = [LEADS.index(name) for name in ("I", "II")]
FRONTAL = [LEADS.index(name) for name in ("I", "aVF")]


@dataclass(frozen=True)
class Bracket:
    """An interval of the median beat: its words, its ends in samples, its row."""

    name: str
    words: str
    ends: tuple[float, float]
    row: int


@dataclass(frozen=True)
class Measured:
    """Rate in 1/min, PR, QRS and QT in ms, axis of QRS in degrees; NaN where not measured.

    `edges` are edges of waves in samples of the median beat, `beats` the number of beats in it, 0
    where that is not known, `given` names of values that came with the file, `why` reasons for
    missing ones.
    """

    rate: float = math.nan
    pr: float = math.nan
    qrs: float = math.nan
    qt: float = math.nan
    axis: float = math.nan
    beats: int = 0
    edges: Mapping[str, float] = field(default_factory=dict)
    given: Collection[str] = ()
    why: Mapping[str, str] = field(default_factory=dict)

    @property
    def qtc(self) -> float:
        """QT in ms over the cube root of RR in s (Fridericia 1920)."""
        return self.qt * math.cbrt(self.rate / 60.0)

    @property
    def rr_ms(self) -> float:
        """Mean time in ms from beat to beat."""
        return 6e4 / self.rate

    def words(self) -> str:
        """All of it in one line; "–" for what was not measured, and why."""
        ms = {"PR": self.pr, "QRS": self.qrs, "QT": self.qt, "QTc (Fridericia)": self.qtc}
        said = [f"Rate {_whole(self.rate, ' /min')}"]
        said += [f"{name} {_whole(value, ' ms')}" for name, value in ms.items()]
        said.append(f"QRS axis {_whole(self.axis, '°')}")
        if self.beats:
            said.append(f"median of {self.beats} beats")
        names = ("Rate", "PR", "QRS", "QT")
        if own := [name for name in names if name.lower() in self.given]:
            said.append(f"{', '.join(own)} came with the file")
        missing: dict[str, list[str]] = {}
        for name in names:
            if name.lower() in self.why:
                missing.setdefault(self.why[name.lower()], []).append(name)
        said += [f"{', '.join(every)} not measured: {why}" for why, every in missing.items()]
        return " · ".join(said)

    def brackets(self) -> list[Bracket]:
        """PR, QRS and QT, those that were measured."""
        return brackets_of(self.edges, {"pr": self.pr, "qrs": self.qrs, "qt": self.qt})

    def beside(self) -> str:
        """Sentence on beats beside the one of a median beat; "" where there is none."""
        window = {"next": 700.0, "one before and the next": 500.0}  # ms around R
        near = [which for which, ms in window.items() if self.rr_ms < ms]
        if not near:
            return ""
        return f"At {_whole(self.rate)} /min the {near[-1]} lie{'s' * (len(near) == 1)} in it, too."


def brackets_of(edges: Mapping[str, float], values: Mapping[str, float]) -> list[Bracket]:
    """PR, QRS and QT (`values`, ms) that lie between these edges (samples); no others.

    Edges are ECGLens', or the file's; a value of the file may be of other edges.
    """
    found = []
    for name, first, last, row in INTERVALS:
        value = values.get(name.lower(), math.nan)
        ends = (edges.get(first, math.nan), edges.get(last, math.nan))
        if abs((ends[1] - ends[0]) * MS - value) <= SAME:  # False for NaN
            found.append(Bracket(name, f"{name} {_whole(value)} ms", ends, row))
    return found


def measured_of(row: Mapping[str, Any], beat: Float[np.ndarray, "12 600"] | None, beats: int,
                given: Collection[str]) -> Measured:  # fmt: skip
    """From the row of a prepared ECG and its median beat in µV, None where it is not known."""
    edges = {name: float(row[name]) for name in EDGES}
    beat = None if math.isnan(row["qrs"]) else beat
    reasons = json.loads(row.get("reasons", "{}"))
    numbers = {name: float(row[name]) for name in ("rate", "pr", "qrs", "qt")}
    return Measured(
        **numbers,
        axis=math.nan if beat is None else axis(beat, edges["qrs_on"], edges["qrs_off"]),
        beats=beats,
        edges=edges,
        given=given,
        why={
            name: seen(why) for name, why in reasons.items() if math.isnan(numbers.get(name, 0.0))
        },
    )


def axis(beat: Float[np.ndarray, "12 time"], on: float, off: float) -> float:
    """Electrical axis of QRS in the frontal plane, degrees, from the net areas of I and aVF (µV).

    aVF is (II + III) / 2, which is √3 / 2 of what points down. NaN without edges (samples), lead I
    or II, and where QRS has next to no net area.
    """
    if math.isnan(on) or math.isnan(off):
        return math.nan
    first, last = round(on), round(off) + 1
    if (np.ptp(beat[LIMB], axis=1) == 0).any():  # without lead II aVF is no measurement
        return math.nan
    two = above_level(beat[FRONTAL].astype(float), on)
    across, down = two[:, first:last].sum(1) / FS_HZ * np.array([1.0, 2 / math.sqrt(3)])
    if math.hypot(across, down) < LEAST_AREA:
        return math.nan
    return math.degrees(math.atan2(down, across))


def beat_and_count(record: Record) -> tuple[Float[np.ndarray, "12 600"] | None, int]:
    """Median beat of a record in µV and its number of beats, 0 if unknown; None without a beat."""
    try:
        found = median_beat(record)
    except UnusableRecord:
        return None, 0
    return found.signal, 0 if found.given else found.n_beats


def person(row: Mapping[str, Any], given: Collection[str], may_leave: bool) -> str:
    """Age and sex where they came with the file and may be shown, else that they are withheld."""
    known = {name: float(row[name]) for name in PERSONAL if name in given}
    known = {name: value for name, value in known.items() if math.isfinite(value)}
    if not known:
        return ""
    if not may_leave:
        return f"{' and '.join(known)} {WITHHELD}"
    said = []
    if "age" in known:
        age = known["age"]
        said.append(f"over {OLDEST} years" if age > OLDEST else f"{age:.0f} years")
    if "sex" in known:
        said.append("female" if known["sex"] else "male")
    return ", ".join(said)


def seen(why_unmeasured: str) -> str:
    """Reason for a missing measurement, as a sheet says it."""
    return SEEN.get(why_unmeasured, why_unmeasured)


def _whole(value: float, unit: str = "") -> str:
    """A number without decimals in its unit; "–" alone for none."""
    return f"{round(value)}{unit}".replace("-", "\u2212") if math.isfinite(value) else "–"
