"""First gate: the network reads its target, on the ECGs that it was evaluated on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from ..curves import Curves
from ..ranking.outcome import areas
from ..statistics.bootstrap import Bootstrap
from ..statistics.ranks import auroc_values, won
from ..statistics.resampling import drawn_patients, interval, numbered, of_replicates

Reads = Literal["reads", "does not read", "not tested"]


@dataclass(frozen=True)
class ReadingLimits:
    """Limits of the first gate, "the network reads its target"; our own definition.

    Written and committed before the gate was computed on any network.
    """

    # Lower end of the 95 % interval of R² (a class: of AUROC − 0.5) on the evaluated ECGs. An R² of
    # 0.09 and an AUROC of 0.64 are medium effects (Cohen 1988: r = 0.3, d = 0.5). A network that
    # may know less than a tenth of the variance answers mostly with the mean label, and a map of it
    # shows a template. Reading poorly is another matter: that caution begins at R² 0.5.
    read: float = 0.1
    # Largest mean change of the prediction over the steps of the area, by any method or control, as
    # a share of the mean absolute error (a class: of the SD of the logit over the ECGs). A change
    # of a tenth of the error turns no reading into another: areas that small order numbers, not
    # readings.
    moved: float = 0.1


READING = ReadingLimits()


@dataclass(frozen=True)
class Reading:
    """Test of whether a network reads its target; over several, the one that reads it least.

    `value` is R², of a class AUROC (`metric`), with its 95 % interval over patients, and `limit`
    what `low` has to be above. `moved` is the largest mean change of the prediction per step, by
    any method or control, as a share of the mean absolute error (a class: of the SD of the logit),
    and `least_moved` its limit. `ecgs` have a label. "not tested" without labels, or with labels
    that are all alike, of one patient, or of a class that fewer than 2 patients have or lack.
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

    @property
    def undecided(self) -> bool:
        """True if the interval holds the limit, so that more ECGs may show that it reads."""
        return self.verdict == "does not read" and self.low <= self.limit < self.high


def reading(networks: Sequence[Curves], kind: str) -> Reading:
    """Reading of the network that reads least, by its curves; `kind` is that of the target."""
    each = [_of_one(curves, binary=kind == "binary") for curves in networks]
    order: tuple[Reads, ...] = ("does not read", "not tested", "reads")
    return min(each, key=lambda one: (order.index(one.verdict), one.low))


def _of_one(curves: Curves, *, binary: bool) -> Reading:
    clean = next(iter(curves.predictions.values()))[0, :, 0].astype(float)
    known = np.isfinite(curves.y) & np.isfinite(clean)
    y, read = curves.y[known], clean[known]
    patients = [name for name, has in zip(curves.patients, known, strict=True) if has]
    limit = READING.read + (0.5 if binary else 0.0)
    if not _can_be_told(y, patients, binary=binary):
        return Reading("not tested", "auroc" if binary else "r2", limit=limit, ecgs=len(y))
    found = _auroc if binary else _r2
    value, low, high = found(read, y, patients, curves.seed)
    error = float(clean.std() if binary else np.abs(read - y).mean())
    moved = max(_moved(curves, name) for name in curves.predictions)
    # Without an error every change is larger than a share of it.
    share = moved / error if error > 0 else np.inf if moved > 0 else np.nan
    reads = low > limit and not share < READING.moved
    return Reading(
        verdict="reads" if reads else "does not read",
        metric="auroc" if binary else "r2",
        value=value,
        low=low,
        high=high,
        limit=limit,
        moved=share,
        ecgs=len(y),
    )


def _can_be_told(y: Float[np.ndarray, " ecg"], patients: Sequence[str], *, binary: bool) -> bool:
    """True if labels differ, over at least 2 patients (a class: 2 with it and 2 without)."""
    groups = [y == 1, y == 0] if binary else [np.isfinite(y)]
    seen = np.array(patients, object)
    return bool(len(y) and np.ptp(y)) and all(len({*seen[own]}) > 1 for own in groups)


def _moved(curves: Curves, name: str) -> float:
    """Mean change of the prediction per step of the area, over draws and ECGs."""
    outputs, until = curves.predictions[name].astype(float), curves.protocol.until
    return float(areas(np.abs(outputs - outputs[..., :1]), until).mean()) / until


def _r2(
    read: Float[np.ndarray, " ecg"],
    y: Float[np.ndarray, " ecg"],
    patients: Sequence[str],
    seed: int,
) -> tuple[float, float, float]:
    """R² with the bootstrap's interval over patients."""
    y, error = y - y.mean(), (read - y) ** 2
    number = numbered(patients)
    # Per patient: ECGs, labels, squared labels, squared errors.
    sums = np.stack([np.bincount(number, each) for each in (np.ones_like(y), y, y**2, error)])
    ecgs, label, square, errors = of_replicates(sums, drawn_patients(patients, seed))
    spread = square - label**2 / ecgs
    there = spread > 0
    value = 1 - error.sum() / (y**2).sum()
    (low,), (high,) = interval((1 - errors[there] / spread[there])[None], sums.shape[1])
    return float(value), float(low), float(high)


def _auroc(
    read: Float[np.ndarray, " ecg"],
    y: Float[np.ndarray, " ecg"],
    patients: Sequence[str],
    seed: int,
) -> tuple[float, float, float]:
    """AUROC with its interval over patients, by DeLong's components."""
    positive = y == 1
    counts = int(positive.sum()), int((~positive).sum())
    compared = np.where(positive, counts[1], counts[0])
    values = auroc_values(won(read, positive), compared, positive)
    low, high = Bootstrap.of(1, patients, seed).interval(values[None, None])
    value = float(values.mean())
    if np.ptp(values) > 0:
        return value, float(low[0]), float(high[0])
    # Complete separation has no spread: 3 / n is the upper end of a share of 0 in n patients
    # (Hanley & Lippman-Hand 1983).
    seen = np.array(patients, object)
    width = 3 / min(len({*seen[positive]}), len({*seen[~positive]}))
    return value, value - width, value
