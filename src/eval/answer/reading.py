"""First gate: the network reads its target, on its test part or on the explained ECGs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from ..curves import Curves, EachEcg
from ..ranking.outcome import areas
from ..statistics.bootstrap import Bootstrap
from ..statistics.ranks import auroc_values, won
from ..statistics.resampling import drawn_patients, interval, numbered, of_replicates

Reads = Literal["reads", "does not read", "not tested"]


@dataclass(frozen=True)
class ReadingLimits:
    """Limits for "the network reads its target"; our own definition.

    Written and committed before it was computed on any network. Which ECGs decide was
    written later (docs/sanity.md), after one paced beat had decided for a network.
    """

    # Lower end of the 95 % interval of R² (a class: of AUROC − 0.5). An R² of 0.09 and an AUROC of
    # 0.64 are medium effects (Cohen 1988: r = 0.3, d = 0.5). A network that may know less than a
    # tenth of the variance answers mostly with the mean label, and a map of it shows a template.
    # Reading poorly is another matter: that caution begins at R² 0.5.
    read: float = 0.1
    # Largest mean change of the prediction over the steps of the area, by any method or control, as
    # a share of the mean absolute error (a class: of the SD of the logit) on the ECGs that decide.
    # A change of a tenth of the error turns no reading into another: areas that small order
    # numbers, not readings.
    moved: float = 0.1


READING = ReadingLimits()
# Variance of labels that are all the same, as a share of their mean square: it is 0 but for
# rounding, which stays below 1e-12 for a million ECGs.
SAME = 1e-10


class Misread(NamedTuple):
    """The explained ECG that is read worst, in the target's unit (a class: logit, and 0 or 1)."""

    record: str
    read: float
    y: float


@dataclass(frozen=True)
class Reading:
    """Test of whether a network reads its target; over several, the one that reads it least.

    `value` is R², of a class AUROC (`metric`), with its 95 % interval over patients, and `limit`
    what `low` has to be above. `moved` is the largest mean change of the prediction per step, by
    any method or control, as a share of the mean absolute error (a class: of the SD of the logit),
    and `least_moved` its limit. `ecgs` have a label; they are those of the `test_part` where the
    run knows it, else the explained ones. `explained` is the test by the explained ones alone, with
    the ECG that is read `worst`, where it would have decided otherwise, as its interval lies on the
    other side of the limit. "not tested" without labels, or with labels that are all alike, of
    one patient, or of a class that fewer than 2 patients have or lack.
    """

    verdict: Reads
    metric: Literal["r2", "auroc"] = "r2"
    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    limit: float = READING.read
    moved: float = np.nan
    least_moved: float = READING.moved
    ecgs: int = 0
    test_part: bool = False
    explained: "Reading | None" = None
    worst: Misread | None = None

    @property
    def undecided(self) -> bool:
        """True if the interval holds the limit, so that it may read after all."""
        return self.verdict == "does not read" and self.low <= self.limit < self.high


def reading(networks: Sequence[Curves], kind: str) -> Reading:
    """Reading of the network that reads least, by its curves; `kind` is that of the target."""
    binary = kind == "binary"
    moved = [max(_moved(each, name) for name in each.predictions) for each in networks]
    known = [*zip(networks, moved, strict=True)]
    found, _ = _least([(_of_one(each, by, each.test_part, binary), each) for each, by in known])
    if not found.test_part:
        return found
    alone, curves = _least([(_of_one(each, by, {}, binary), each) for each, by in known])
    otherwise = {found.verdict, alone.verdict} == {"reads", "does not read"}
    if not otherwise or (found.low > found.limit) == (alone.low > alone.limit):
        return found
    clean = _clean(curves)
    wrong = (clean * (1 - 2 * curves.y)) if binary else np.abs(clean - curves.y)
    worst = int(np.nanargmax(wrong))
    if wrong[worst] <= 0:  # of a class none is misread, only their order is wrong
        return found
    misread = Misread(curves.records[worst], float(clean[worst]), float(curves.y[worst]))
    return replace(found, explained=replace(alone, worst=misread))


def _least(each: Sequence[tuple[Reading, Curves]]) -> tuple[Reading, Curves]:
    order: tuple[Reads, ...] = ("does not read", "not tested", "reads")
    return min(each, key=lambda one: (order.index(one[0].verdict), one[0].low))


def _clean(curves: Curves) -> EachEcg:
    return next(iter(curves.predictions.values()))[0, :, 0].astype(float)


def _of_one(curves: Curves, moved: float, part: Mapping[str, np.ndarray], binary: bool) -> Reading:
    """Reading of a network by this part, or by the explained ECGs."""
    y, read, patients = curves.y, _clean(curves), curves.patients
    if part:
        y, read = part["y"], part["read"]
        patients = [f"{number:09d}" for number in part["patient"]]
    found, error = _read(y, read, patients, curves.seed, binary=binary)
    found = replace(found, test_part=bool(part))
    if found.verdict == "not tested":
        return found
    # Without an error every change is larger than a share of it.
    share = moved / error if error > 0 else np.inf if moved > 0 else np.nan
    verdict: Reads = "does not read" if share < READING.moved else found.verdict
    return replace(found, verdict=verdict, moved=share)


def _read(
    y: EachEcg, read: EachEcg, patients: Sequence[str], seed: int, *, binary: bool
) -> tuple[Reading, float]:
    """What R² or AUROC says alone, and the error that a change is compared with."""
    known = np.isfinite(y) & np.isfinite(read)
    y, read = y[known].astype(float), read[known].astype(float)
    patients = [name for name, has in zip(patients, known, strict=True) if has]
    limit, metric = READING.read + (0.5 if binary else 0.0), "auroc" if binary else "r2"
    if not _can_be_told(y, patients, binary=binary):
        return Reading("not tested", metric, limit=limit, ecgs=len(y)), np.nan
    value, low, high = (_auroc if binary else _r2)(read, y, patients, seed)
    verdict: Reads = "reads" if low > limit else "does not read"
    error = float(read.std() if binary else np.abs(read - y).mean())
    return Reading(verdict, metric, value, low, high, limit, ecgs=len(y)), error


def _can_be_told(y: EachEcg, patients: Sequence[str], *, binary: bool) -> bool:
    """True if labels differ, over at least 2 patients (a class: 2 with it and 2 without)."""
    groups = [y == 1, y == 0] if binary else [np.isfinite(y)]
    seen = np.array(patients, object)
    return bool(len(y) and np.ptp(y)) and all(len({*seen[own]}) > 1 for own in groups)


def _moved(curves: Curves, name: str) -> float:
    """Mean change of the prediction per step of the area, over draws and ECGs."""
    outputs, until = curves.predictions[name].astype(float), curves.protocol.until
    return float(areas(np.abs(outputs - outputs[..., :1]), until).mean()) / until


def _r2(
    read: EachEcg, y: EachEcg, patients: Sequence[str], seed: int
) -> tuple[float, float, float]:
    """R² with the bootstrap's interval over patients."""
    y, error = y - y.mean(), (read - y) ** 2
    number = numbered(patients)
    # Per patient: ECGs, labels, squared labels, squared errors.
    sums = np.stack([np.bincount(number, each) for each in (np.ones_like(y), y, y**2, error)])
    ecgs, label, square, errors = of_replicates(sums, drawn_patients(patients, seed))
    spread = square - label**2 / ecgs
    there = spread > SAME * square
    value = 1 - error.sum() / (y**2).sum()
    (low,), (high,) = interval((1 - errors[there] / spread[there])[None], sums.shape[1])
    return float(value), float(low), float(high)


def _auroc(
    read: EachEcg, y: EachEcg, patients: Sequence[str], seed: int
) -> tuple[float, float, float]:
    """AUROC with its interval over patients, by DeLong's components."""
    positive = y == 1
    counts = int(positive.sum()), int((~positive).sum())
    compared = np.where(positive, counts[1], counts[0])
    values = auroc_values(won(read, positive), compared, positive)
    low, high = Bootstrap.of(1, patients, seed).interval(values[None, None])
    value = float(values.mean())
    # Complete separation (and one output for all) has no spread: 3 / n is the upper end of a share
    # of 0 in n patients (Hanley & Lippman-Hand 1983). A pair in disorder is no surer than that.
    seen = np.array(patients, object)
    width = 3 / min(len({*seen[positive]}), len({*seen[~positive]}))
    if np.ptp(values) > 0:
        return value, max(min(float(low[0]), 1 - width), 0.0), min(max(float(high[0]), width), 1.0)
    return value, max(value - width, 0.0), min(value + width, 1.0)
