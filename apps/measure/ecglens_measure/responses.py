"""Response of one output to one dose: gain, form of the curve, scatter between ECGs, null.

The limits below were fixed before any network was measured. After the first one a single word
changed: a gain that is not 0 is a response, also where random directions do as much; the test
against these is told beside it, and decides alone whether a network has learned anything. Later, a
piece of the curve that turns back was no longer flat: it moves the reading as far as others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from .intervals import LEAST, Estimate, estimates, p_of

# Share of the squared responses that one common gain may leave: a scatter of the slopes between
# ECGs, or a bend, of 10 % of the gain. Rounding of marks to 2 ms alone leaves 0.2 % at ±40 ms.
LINEAR = 0.01
# Parts of the steepest piece of the mean curve (own choice): three quarters count as the same
# slope; less than half, up or down, as saturated, less than a quarter beside dose 0 as dead zone.
SAME, SATURATED, DEAD = 0.75, 0.5, 0.25


class Form(NamedTuple):
    """Form of a curve.

    `bent` and `scattered` are shares of the squared responses: left by a line for each ECG, and
    added by one line for all. `kind` is linear where their sum, which one line for all leaves, is
    at most LINEAR, and named by the larger elsewhere. `linear` and `dead` are ranges in the dose's
    unit, `below` and `above` where saturation begins; NaN where there is none.
    """

    kind: str
    bent: float
    scattered: float
    linear: tuple[float, float]
    dead: tuple[float, float]
    below: float
    above: float


NO_RESPONSE = "no response shown"
STRAIGHT, BENT, SCATTERED = "linear", "not linear: curved", "not linear: differs between ECGs"
NOTHING = (float("nan"), float("nan"))


@dataclass(frozen=True, eq=False)
class Response:
    """Changes of one output by one dose, on ECGs that have every size of it.

    `change` is output after − output before, `measured` the size that the edit was measured to
    have, sizes in increasing order. `null` are the changes by random directions of the same size
    as the smallest and the largest dose. Raises ValueError for ECGs of too few patients.
    """

    measured: Float[np.ndarray, "ecg size"]
    change: Float[np.ndarray, "network ecg size"]
    null: Float[np.ndarray, "network ecg 2"]
    patients: tuple[str, ...]

    def __post_init__(self) -> None:
        if len({*self.patients}) < LEAST:
            raise ValueError(
                f"expected ECGs of at least {LEAST} patients that have every size of the dose, got "
                f"{len({*self.patients})}; give more ECGs, or a dose of smaller sizes"
            )

    @cached_property
    def slopes(self) -> Float[np.ndarray, "network ecg"]:
        """Least-squares slope through 0 of each ECG, in output per measured unit."""
        return slopes(self.change, self.measured)

    @cached_property
    def gain(self) -> Estimate:
        """Mean slope."""
        (found,) = estimates(self.slopes[None], self.patients)
        return found

    @cached_property
    def at_sizes(self) -> list[Estimate]:
        """Mean change at each size."""
        return estimates(np.moveaxis(self.change, 2, 0), self.patients)

    @property
    def sizes(self) -> Float[np.ndarray, " size"]:
        """Mean measured dose at each size."""
        return self.measured.mean(0)

    @property
    def most_taken_up(self) -> float:
        """Largest mean change, up or down, as a part of its size."""
        return max(abs(at.value / by) for at, by in zip(self.at_sizes, self.sizes, strict=True))

    @property
    def of_ecgs(self) -> Float[np.ndarray, " ecg"]:
        """Slope of each ECG, mean over networks."""
        return self.slopes.mean(0)

    @property
    def scatter(self) -> float:
        """SD of the slopes between ECGs."""
        return float(self.of_ecgs.std(ddof=1))

    @cached_property
    def p(self) -> float:
        """p of "the gain is 0", not corrected for the number of doses."""
        return float(p_of(self.slopes[None], self.patients)[0])

    @cached_property
    def p_null(self) -> float:
        """p of "no more than by random directions of equal size", not corrected."""
        ends = [0, -1]
        own, random = (
            np.abs(slopes(each, self.measured[:, ends]))
            for each in (self.change[..., ends], self.null)
        )
        found = float(p_of((own - random)[None], self.patients)[0])
        return found / 2 if (own - random).mean() > 0 else 1 - found / 2

    def form(self, shown: bool) -> Form:
        """Form of the curve; `shown` says whether there is a response at all."""
        change = self.change.mean(0)
        own, common = self.of_ecgs[:, None], self.gain.value
        total = max(float((change**2).sum()), np.finfo(float).tiny)
        bent = float(((change - own * self.measured) ** 2).sum() / total)
        scattered = float((((own - common) * self.measured) ** 2).sum() / total)
        if not shown:
            return Form(NO_RESPONSE, bent, scattered, NOTHING, NOTHING, *NOTHING)
        larger = BENT if bent >= scattered else SCATTERED
        kind = STRAIGHT if bent + scattered <= LINEAR else larger
        return Form(kind, bent, scattered, *pieces(self.sizes, change.mean(0)))

    def flips(
        self, before: Float[np.ndarray, "network ecg"]
    ) -> tuple[Float[np.ndarray, " size"], Float[np.ndarray, " ecg"]]:
        """Share of ECGs whose class is another at each size, and the dose at which each flips.

        `before` are the logits without a dose; networks vote by their mean. The dose is the
        smallest, on the line between sizes; NaN for an ECG that does not flip.
        """
        start = before.mean(0)
        after = start[:, None] + self.change.mean(0)
        flipped = np.sign(after) != np.sign(start)[:, None]
        knots = zip(self.measured, after, start, strict=True)
        doses = [crossing(np.append(x, 0.0), np.append(y, at)) for x, y, at in knots]
        return flipped.mean(0), np.array(doses, float)


def slopes(
    change: Float[np.ndarray, "network ecg size"], measured: Float[np.ndarray, "ecg size"]
) -> Float[np.ndarray, "network ecg"]:
    """Least-squares slope through 0, in output per measured unit."""
    return (change * measured).sum(-1) / (measured**2).sum(-1)


def pieces(
    sizes: Float[np.ndarray, " size"], change: Float[np.ndarray, " size"]
) -> tuple[tuple[float, float], tuple[float, float], float, float]:
    """Linear range, dead zone, and where saturation begins below and above, of a mean curve."""
    order = np.argsort([*sizes, 0.0])
    x, y = np.append(sizes, 0.0)[order], np.append(change, 0.0)[order]
    slope = np.diff(y) / np.diff(x)
    steepest = slope[np.abs(slope).argmax()]
    part = slope / steepest
    zero = int(np.flatnonzero(order == len(sizes))[0])
    same = _around(part >= SAME, int(np.abs(slope).argmax()))
    first, last = _around(np.abs(part) < DEAD, zero)
    flat = np.abs(part) < SATURATED
    low, high = _leading(flat), len(part) - _leading(flat[::-1])
    dead = (float(x[first]), float(x[last])) if last > first else NOTHING
    # A flat end that belongs to the dead zone is no saturation.
    below = float(x[low]) if 0 < low <= first else np.nan
    above = float(x[high]) if last <= high < len(part) else np.nan
    return (float(x[same[0]]), float(x[same[1]])), dead, below, above


def _around(those: np.ndarray, knot: int) -> tuple[int, int]:
    """Ends of the true pieces that adjoin a knot on either side; the knot itself for none."""
    return knot - _leading(those[:knot][::-1]), knot + _leading(those[knot:])


def _leading(those: np.ndarray) -> int:
    """Number of true values before the first false one."""
    return int(np.argmin([*those, False]))


def crossing(x: Float[np.ndarray, " knot"], y: Float[np.ndarray, " knot"]) -> float:
    """Zero nearest to 0 of the line through these points, in any order; NaN for none."""
    order = np.argsort(x)
    x, y = x[order], y[order]
    at = np.flatnonzero(np.sign(y[1:]) != np.sign(y[:-1]))
    zeros = x[at] - y[at] * (x[at + 1] - x[at]) / (y[at + 1] - y[at])
    return float(zeros[np.abs(zeros).argmin()]) if len(zeros) else np.nan


def explained(
    slope: Float[np.ndarray, " ecg"], known: Mapping[str, Float[np.ndarray, " ecg"]]
) -> float:
    """Part of the slopes' variance that what is known of the ECGs explains.

    The adjusted R² of a linear regression on all of them, at least 0, on the ECGs that have every
    value. Values known of less than half of the ECGs, or without spread, are left out; slopes
    without spread need nothing.
    """
    known = known if slope.std() > 0 else {}
    used = [
        values
        for values in known.values()
        if np.isfinite(values).mean() >= 0.5 and np.nanstd(values) > 0
    ]
    every = np.column_stack([np.ones(len(slope)), *used])
    there = np.isfinite(every).all(1)
    n, k = int(there.sum()), every.shape[1] - 1
    if k == 0 or n < k + 3:
        return np.nan
    fitted = every[there] @ np.linalg.lstsq(every[there], slope[there], rcond=None)[0]
    left = ((slope[there] - fitted) ** 2).sum() / ((slope[there] - slope[there].mean()) ** 2).sum()
    return float(max(0.0, 1 - left * (n - 1) / (n - k - 1)))
