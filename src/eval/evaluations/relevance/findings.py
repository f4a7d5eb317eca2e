"""The findings of Bender 2023 of every method on one class, judged by `rules`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int8

from ....explain import Form
from . import rules
from .association import (
    UNKNOWN,
    Estimated,
    Statistic,
    estimated,
    weighted_mean,
    weighted_ratio,
    weighted_spearman,
)
from .groups import patients_in
from .output import Output, excess, mean_relevance
from .waves import SEGMENTS, concordant, signed_means

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
        product, kept = kind == "product", rules.identity(beyond, output.change)
        verdict = rules.rises(value, over, kept, product)
        return _row(RISES, len(maps), value, 1.0, over if product else UNKNOWN, verdict)

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
        kept = rules.identity(excess(maps, self.output), self.output.change)
        return _row(FALSE, int(wrong.sum()), value, line, over, rules.near_zero(value, over, kept))

    def _clue(self, maps: Float[np.ndarray, "ecg lead time"]) -> dict[str, Any]:
        there, whole = self._clue_means(maps), mean_relevance(maps)
        eligible = (self.output.truth == 0) & np.isfinite(there)
        value, over, line = UNKNOWN, UNKNOWN, np.nan
        if self._enough(eligible):
            value, over = (self._mean(each, eligible) for each in (there, there - whole))
            line = float(whole[eligible].mean())
        verdict = rules.negative(value, over)
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
    finding: str, ecgs: int, value: Estimated, line: float, over: Estimated, verdict: rules.Verdict
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
