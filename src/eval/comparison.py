"""Methods against controls, in pairs on the same ECGs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from .statistics import REPLICATES, bootstrap_means, holm, interval, p_values, resampled

LEVEL = 0.05
# Holm multiplies the smallest p by the number of methods: with 250 replicates for each of them
# that product stays well below LEVEL for any number of methods.
REPLICATES_PER_METHOD = 250


@dataclass(frozen=True)
class Bootstrap:
    """Intervals and tests of mean AUCs, all on the same resampled patients."""

    weights: Float[np.ndarray, "replicate ecg"]
    patients: int

    @classmethod
    def of(cls, methods: int, patients: Sequence[str], seed: int) -> "Bootstrap":
        """`patients` of the ECGs; as many replicates as the correction over the methods needs."""
        replicates = max(REPLICATES, REPLICATES_PER_METHOD * methods)
        return cls(resampled(patients, seed, replicates), len(set(patients)))

    def interval(
        self, aucs: Float[np.ndarray, "*series ecg"]
    ) -> tuple[Float[np.ndarray, "*series"], Float[np.ndarray, "*series"]]:
        """The 95 % interval of the mean of each series."""
        return interval(bootstrap_means(aucs, self.weights), self.patients)

    def p(self, differences: Float[np.ndarray, "*series ecg"]) -> Float[np.ndarray, "*series"]:
        """Two-sided p of "the mean difference is 0"."""
        return p_values(bootstrap_means(differences, self.weights), self.patients)

    def beats(
        self,
        methods: Float[np.ndarray, "method ecg"],
        controls: Float[np.ndarray, "control ecg"],
    ) -> Bool[np.ndarray, " method"]:
        """Whether a method's AUC is above that of all these controls, corrected over methods.

        To beat several at once each must be beaten at the full level, so the largest p counts
        (Berger 1982) and the number of controls needs no correction of its own.
        """
        differences = methods[:, None] - controls[None]
        p = np.where(differences.mean(-1) > 0, self.p(differences), 1.0)
        return holm(p.max(1, initial=0.0)) < LEVEL


def trusted(
    names: Sequence[str],
    aucs: Float[np.ndarray, "method ecg"],
    beats_controls: Bool[np.ndarray, " method"],
    bootstrap: Bootstrap,
) -> tuple[str | None, tuple[str, ...]]:
    """The highest of those that beat every control, and those of the others it cannot be told from.

    Holm-corrected over the comparisons with the highest; None and () when none beats the controls.
    """
    passed = np.flatnonzero(beats_controls)
    if passed.size == 0:
        return None, ()
    highest = np.argsort(-aucs[passed].mean(1), kind="stable")
    best, *others = (int(method) for method in passed[highest])
    p = holm(bootstrap.p(aucs[best] - aucs[others])) if others else []
    tied = tuple(names[other] for other, each in zip(others, p, strict=True) if each >= LEVEL)
    return names[best], tied
