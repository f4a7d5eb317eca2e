"""Methods against controls, in pairs on the same ECGs and networks."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from .crossed import Crossed
from .resampling import REPLICATES, bootstrap_means, holm, interval, least_p, p_values, resampled

LEVEL = 0.05
# Holm multiplies the smallest p by the number of methods: with 250 replicates for each of them
# that product stays well below LEVEL for any number of methods.
REPLICATES_PER_METHOD = 250


@dataclass(frozen=True)
class Bootstrap:
    """Intervals and tests of one network's mean AUCs, all on the same resampled patients."""

    weights: Float[np.ndarray, "replicate ecg"]
    patients: int

    @classmethod
    def of(cls, methods: int, patients: Sequence[str], seed: int) -> "Bootstrap":
        """`patients` of the ECGs; as many replicates as the correction over the methods needs."""
        return cls(resampled(patients, seed, replicates(methods)), len(set(patients)))

    def interval(
        self, aucs: Float[np.ndarray, "*series 1 ecg"]
    ) -> tuple[Float[np.ndarray, "*series"], Float[np.ndarray, "*series"]]:
        """The 95 % interval of the mean of each series."""
        return interval(bootstrap_means(aucs[..., 0, :], self.weights), self.patients)

    def p(self, differences: Float[np.ndarray, "*series 1 ecg"]) -> Float[np.ndarray, "*series"]:
        """Two-sided p of "the mean difference is 0"."""
        return p_values(bootstrap_means(differences[..., 0, :], self.weights), self.patients)


Sampling = Bootstrap | Crossed


def replicates(methods: int) -> int:
    """As many as Holm's correction over so many methods needs."""
    return max(REPLICATES, REPLICATES_PER_METHOD * methods)


def least_corrected_p(networks: int, methods: int, patients: int) -> float:
    """The smallest p of a method after Holm's correction; 0 where nothing is resampled."""
    return 0.0 if networks > 1 else min(1.0, methods * least_p(replicates(methods), patients))


def sampling(networks: int, methods: int, patients: Sequence[str], seed: int) -> Sampling:
    """What was drawn from more than there is: the patients, or the patients and the networks."""
    return Bootstrap.of(methods, patients, seed) if networks == 1 else Crossed.of(patients)


def beats(
    methods: Float[np.ndarray, "method network ecg"],
    controls: Float[np.ndarray, "control network ecg"],
    drawn: Sampling,
) -> Bool[np.ndarray, " method"]:
    """Whether a method's AUC is above that of all these controls, corrected over methods.

    To beat several at once each must be beaten at the full level, so the largest p counts
    (Berger 1982) and the number of controls needs no correction of its own.
    """
    differences = methods[:, None] - controls[None]
    p = np.where(differences.mean((-2, -1)) > 0, drawn.p(differences), 1.0)
    return holm(p.max(1, initial=0.0)) < LEVEL


def trusted(
    names: Sequence[str],
    aucs: Float[np.ndarray, "method network ecg"],
    beats_controls: Bool[np.ndarray, " method"],
    drawn: Sampling,
) -> tuple[str | None, tuple[str, ...]]:
    """The highest of those that beat every control, and those of the others it cannot be told from.

    Holm-corrected over the comparisons with the highest; None and () when none beats the controls.
    """
    passed = np.flatnonzero(beats_controls)
    if passed.size == 0:
        return None, ()
    highest = np.argsort(-aucs[passed].mean(1).mean(1), kind="stable")
    best, *others = (int(method) for method in passed[highest])
    p = holm(drawn.p(aucs[best] - aucs[others])) if others else []
    tied = tuple(names[other] for other, each in zip(others, p, strict=True) if each >= LEVEL)
    return names[best], tied


def equivalent(
    aucs: Float[np.ndarray, "method network ecg"],
    best: Float[np.ndarray, "network ecg"],
    random: Float[np.ndarray, "network ecg"],
    margin: float,
    drawn: Sampling,
) -> Bool[np.ndarray, " method"]:
    """Whether a method's AUC is within `margin` of the way from random to the best, either side.

    Two one-sided tests (Schuirmann 1987), Holm-corrected over the methods. The way is as uncertain
    as the AUCs, so that each test is on (best − method) ∓ margin · (best − random) as a whole.
    """
    apart, allowed = best - aucs, margin * (best - random)
    room = np.stack([allowed - apart, allowed + apart])
    two_sided = drawn.p(room)
    one_sided = np.where(room.mean((-2, -1)) > 0, two_sided / 2, 1 - two_sided / 2)
    return holm(one_sided.max(0)) < LEVEL
