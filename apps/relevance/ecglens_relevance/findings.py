"""Findings of Bender 2023 of every method on one class, as rules that pass or fail.

The rules were written before any of them was computed:
- **rises**: mean relevance goes up with what the network says. value: Spearman's ρ of r and the
  probability (of a number: the prediction) over ECGs. line: the ρ of f(x) − f(0) itself, to
  which a method with completeness adds up whatever it finds; 1 where f(0) is that of all ECGs.
  excess: ρ of Σ R − (f(x) − f(0)) with the probability, for maps of slopes times x, in the output's
  unit. Holds where the intervals of both are above 0; for other maps, whose sum is bound to
  nothing, where the value's is.
- **false**: relevance is near 0 where the network errs. value: the mean |r| of false
  classifications as a share of that of true ones; line: the same of |f(x) − f(0)|. Near 0 is an
  interval below 1/2 (our own limit). Holds where that of value − line is below 0 as well: errors
  are made near the threshold, where f(x) − f(0) may be small by itself.
- **P wave** (af), **concordant T** (lbbb): negative in ECGs without the diagnosis. value: mean
  relevance per sample there; line: that of the whole ECG, below 0 wherever f(x) < f(0) and a sum
  is kept. Holds where the intervals of value and of value − line are below 0.

Where the sum is kept to within 1 % of the mean |f(x) − f(0)|, **rises** (of one f(0)) and
**false** are `identity`: they cannot come out otherwise. With fewer than `least` patients on a side
they cannot be said.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np
from ecglens.ecg import SEGMENTS
from ecglens.eval.statistics import interval, resampled
from ecglens.explain import Form
from jaxtyping import Bool, Float, Int8

from .output import Output, concordant, excess, mean_relevance, patients_in, signed_means


class Estimated(NamedTuple):
    """A number with its 95 % interval over patients; NaN where it cannot be said."""

    value: float
    low: float
    high: float


# From the weight of each ECG in each replicate to a number of each replicate.
Statistic = Callable[[Float[np.ndarray, "replicate ecg"]], Float[np.ndarray, " replicate"]]
UNKNOWN = Estimated(np.nan, np.nan, np.nan)


def ranks(
    values: Float[np.ndarray, " ecg"], weights: Float[np.ndarray, "replicate ecg"]
) -> Float[np.ndarray, "replicate ecg"]:
    """Rank of each ECG, counted as often as its weight says; equal values share a rank."""
    _, group = np.unique(values, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    sums = np.add.reduceat(weights[:, order], starts, axis=1)
    return (np.cumsum(sums, axis=1) - sums / 2)[:, group]


def weighted_spearman(
    one: Float[np.ndarray, " ecg"],
    other: Float[np.ndarray, " ecg"],
    weights: Float[np.ndarray, "replicate ecg"],
) -> Float[np.ndarray, " replicate"]:
    """ρ in each replicate; NaN where one of both is constant."""
    total = weights.sum(1, keepdims=True)
    deviations = []
    for values in (one, other):
        placed = ranks(values, weights)
        deviations.append(placed - (weights * placed).sum(1, keepdims=True) / total)
    a, b = deviations
    products, *squares = ((weights * u * v).sum(1) for u, v in ((a, b), (a, a), (b, b)))
    length = np.sqrt(squares[0] * squares[1])
    return np.divide(products, length, out=np.full(len(length), np.nan), where=length > 0)


def weighted_ratio(
    values: Float[np.ndarray, " ecg"],
    upper: Bool[np.ndarray, " ecg"],
    lower: Bool[np.ndarray, " ecg"],
    weights: Float[np.ndarray, "replicate ecg"],
) -> Float[np.ndarray, " replicate"]:
    """The mean over the `upper` ECGs as a share of that over the `lower`; NaN without any."""
    above, below = (weighted_mean(values[each], weights[:, each]) for each in (upper, lower))
    return np.divide(above, below, out=np.full(len(weights), np.nan), where=below != 0)


def weighted_mean(
    values: Float[np.ndarray, " ecg"], weights: Float[np.ndarray, "replicate ecg"]
) -> Float[np.ndarray, " replicate"]:
    """The mean in each replicate; NaN where none of these ECGs was drawn."""
    total = weights.sum(1)
    return np.divide(weights @ values, total, out=np.full(len(total), np.nan), where=total > 0)


def estimated(statistic: Statistic, patients: Sequence[str], seed: int) -> Estimated:
    """`statistic` of the ECGs with its interval; UNKNOWN for fewer than 2 patients.

    It gets the weights of the ECGs, a replicate a row: patients are drawn with all their ECGs.
    """
    if len({*patients}) < 2:
        return UNKNOWN
    value = float(statistic(np.ones((1, len(patients))))[0])
    replicates = statistic(resampled(patients, seed))
    known = replicates[np.isfinite(replicates)]
    if not len(known) or np.isnan(value):
        return UNKNOWN
    (low,), (high,) = interval(known[None], len({*patients}))
    return Estimated(value, float(low), float(high))


RelationVerdict = Literal[
    "holds", "holds, as the line does", "identity", "does not hold", "cannot be said"
]
NEAR_ZERO = 0.5
KEPT = 0.01


def identity(excess: Float[np.ndarray, " ecg"], change: Float[np.ndarray, " ecg"]) -> bool:
    """True where the sum of the map is the change of the output, but for rounding."""
    return bool(np.abs(excess).mean() <= KEPT * np.abs(change).mean())


def rises(value: Estimated, excess: Estimated, kept: bool, in_unit: bool) -> RelationVerdict:
    """Verdict: relevance rises with the output, beyond the line where there is one."""
    if np.isnan(value.low):
        return "cannot be said"
    if kept:
        return "identity"
    if not value.low > 0:
        return "does not hold"
    return "holds" if not in_unit or excess.low > 0 else "holds, as the line does"


def near_zero(value: Estimated, excess: Estimated, kept: bool) -> RelationVerdict:
    """Verdict: false classifications have little relevance, less than the line gives them."""
    if np.isnan(value.low):
        return "cannot be said"
    if kept:
        return "identity"
    if value.high < NEAR_ZERO:
        return "holds" if excess.high < 0 else "holds, as the line does"
    return "does not hold" if value.low > NEAR_ZERO else "cannot be said"


def negative(value: Estimated, excess: Estimated) -> RelationVerdict:
    """Verdict: a wave has negative relevance, more so than the whole ECG."""
    if np.isnan(value.low):
        return "cannot be said"
    if value.high < 0:
        return "holds" if excess.high < 0 else "holds, as the line does"
    return "does not hold"


RISES, FALSE = "relevance rises with the output", "near 0 for false classifications"
CLUES = {"af": "P waves are negative", "lbbb": "concordant T waves are negative"}


@dataclass(frozen=True, eq=False)
class Case:
    """One output on the ECGs: what is judged, and how many patients it takes."""

    explained: str
    output: Output
    x: Float[np.ndarray, "ecg lead time"]
    segments: Int8[np.ndarray, "ecg time"]
    patients: Sequence[str]
    seed: int
    least: int

    def findings(
        self, maps: Float[np.ndarray, "ecg lead time"], kind: Form
    ) -> list[dict[str, Any]]:
        """A row for each finding that this output can have, with its verdict."""
        rows = [self._rises(maps, kind)]
        if self.output.binary:
            rows.append(self._false(maps))
        if self.output.binary and self.explained in CLUES:
            rows.append(self._clue(maps))
        return [{"explained": self.explained} | row for row in rows]

    def _rises(self, maps: Float[np.ndarray, "ecg lead time"], kind: Form) -> dict[str, Any]:
        output, beyond = self.output, excess(maps, self.output)
        value, over = (
            self._estimated(partial(weighted_spearman, numbers, output.shown))
            for numbers in (mean_relevance(maps), beyond)
        )
        product, kept = kind == "product", identity(beyond, output.change)
        line = 1.0
        if varies := bool(np.ptp(output.zero) > 0):
            of_change = partial(weighted_spearman, output.change, output.shown)
            line = self._estimated(of_change).value
        # The excess of a sum that is kept is rounding.
        verdict = rises(value, UNKNOWN if kept else over, kept and not varies, product)
        return _row(RISES, len(maps), value, line, over if product else UNKNOWN, verdict)

    def _false(self, maps: Float[np.ndarray, "ecg lead time"]) -> dict[str, Any]:
        outcomes = self.output.outcomes
        wrong, right = np.isin(outcomes, ("FP", "FN")), np.isin(outcomes, ("TP", "TN"))
        size, change = np.abs(mean_relevance(maps)), np.abs(self.output.change)
        value, over, line = UNKNOWN, UNKNOWN, np.nan
        if self._enough(wrong) and self._enough(right):
            of_map = partial(weighted_ratio, size, wrong, right)
            of_line = partial(weighted_ratio, change, wrong, right)
            value = self._estimated(of_map)
            over = self._estimated(lambda weights: of_map(weights) - of_line(weights))
            line = float(change[wrong].mean() / change[right].mean())
        kept = identity(excess(maps, self.output), self.output.change)
        return _row(FALSE, int(wrong.sum()), value, line, over, near_zero(value, over, kept))

    def _clue(self, maps: Float[np.ndarray, "ecg lead time"]) -> dict[str, Any]:
        there, whole = self._clue_means(maps), mean_relevance(maps)
        eligible = (self.output.truth == 0) & np.isfinite(there)
        value, over, line = UNKNOWN, UNKNOWN, np.nan
        if self._enough(eligible):
            value, over = (self._mean(each, eligible) for each in (there, there - whole))
            line = float(whole[eligible].mean())
        verdict = negative(value, over)
        return _row(CLUES[self.explained], int(eligible.sum()), value, line, over, verdict)

    def _clue_means(self, maps: Float[np.ndarray, "ecg lead time"]) -> Float[np.ndarray, " ecg"]:
        """The mean relevance per sample of what speaks against the diagnosis, NaN without it."""
        means = signed_means(maps, self.segments)
        if self.explained == "af":
            return means[:, :, SEGMENTS.index("P")].mean(1)
        leads = concordant(self.x, self.segments)
        sums = np.where(leads, means[:, :, SEGMENTS.index("T")], 0.0).sum(1)
        return np.divide(sums, leads.sum(1), out=np.full(len(maps), np.nan), where=leads.any(1))

    def _mean(
        self, values: Float[np.ndarray, " ecg"], eligible: Bool[np.ndarray, " ecg"]
    ) -> Estimated:
        names = [name for name, kept in zip(self.patients, eligible, strict=True) if kept]
        return estimated(partial(weighted_mean, values[eligible]), names, self.seed)

    def _estimated(self, statistic: Statistic) -> Estimated:
        if not self._enough(np.ones(len(self.patients), bool)):
            return UNKNOWN
        return estimated(statistic, self.patients, self.seed)

    def _enough(self, eligible: Bool[np.ndarray, " ecg"]) -> bool:
        return patients_in(self.patients, eligible) >= max(2, self.least)


def _row(
    finding: str,
    ecgs: int,
    value: Estimated,
    line: float,
    over: Estimated,
    verdict: RelationVerdict,
) -> dict[str, Any]:
    return {
        "finding": finding,
        "ecgs": ecgs,
        **value._asdict(),
        "line": line,
        "excess": over.value,
        "excess_low": over.low,
        "excess_high": over.high,
        "verdict": verdict,
    }
