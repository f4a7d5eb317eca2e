"""Methods against controls, in pairs on the same ECGs and networks."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

from .bootstrap import Bootstrap, smallest_p
from .crossed import Crossed
from .resampling import holm

LEVEL = 0.05

Aucs = Float[np.ndarray, "method network ecg"]

Sampling = Bootstrap | Crossed


def least_corrected_p(networks: int, methods: int, patients: int) -> float:
    """The smallest p of a method after Holm's correction; 0 where nothing is resampled."""
    return 0.0 if networks > 1 else min(1.0, methods * smallest_p(methods, patients))


def sampling(networks: int, methods: int, patients: Sequence[str], seed: int) -> Sampling:
    """Resampling of the patients, or of the patients and the networks."""
    return Bootstrap.of(methods, patients, seed) if networks == 1 else Crossed.of(patients)


def p_above(
    values: Float[np.ndarray, "*series network ecg"], drawn: Sampling
) -> Float[np.ndarray, "*series"]:
    """p of "the mean is not above 0" of each series; 1 where it is not."""
    return np.where(values.mean((-2, -1)) > 0, drawn.p(values), 1.0)


def p_of_beating(
    methods: Aucs, controls: Float[np.ndarray, "control network ecg"], drawn: Sampling
) -> Float[np.ndarray, " method"]:
    """p of "the AUC is not above that of all these controls", Holm-corrected over methods.

    To beat several at once each must be beaten at the full level, so the largest p counts
    (Berger 1982) and the number of controls needs no correction of its own.
    """
    return holm(p_above(methods[:, None] - controls[None], drawn).max(1, initial=0.0))


def beats(
    methods: Aucs, controls: Float[np.ndarray, "control network ecg"], drawn: Sampling
) -> Bool[np.ndarray, " method"]:
    """True where a method's AUC is above that of all these controls, corrected over methods."""
    return p_of_beating(methods, controls, drawn) < LEVEL


def p_of_the_best(
    aucs: Aucs, passed: Bool[np.ndarray, " method"], drawn: Sampling
) -> Float[np.ndarray, " method"]:
    """p of "no method that passed is better": 1 for the highest, NaN for those that did not pass.

    The model confidence set (Hansen, Lunde & Nason 2011) by the largest t of all pairs: the worse
    method of the pair with the smallest p is removed, again and again. A method's p is the largest
    up to its removal.
    """
    p = np.where(passed, 1.0, np.nan)
    first, second = np.triu_indices(len(aucs), 1)
    among = passed[first] & passed[second]
    first, second = first[among], second[among]
    if not len(first):
        return p
    pairs = drawn.pairs(aucs[first] - aucs[second])
    worse = np.where(pairs.mean > 0, second, first)
    kept, reached = passed.copy(), 0.0
    for count in range(int(passed.sum()), 1, -1):
        among = kept[first] & kept[second]
        each = pairs.p(among, count)
        surest = np.lexsort((-pairs.t, each, ~among))[0]
        reached = max(reached, float(each[surest]))
        p[worse[surest]], kept[worse[surest]] = reached, False
    p[kept] = 1.0
    return p


def best_and_tied(
    names: Sequence[str], aucs: Aucs, p_best: Float[np.ndarray, " method"]
) -> tuple[str | None, tuple[str, ...]]:
    """The highest of those that have a p, and the others that may be the best, highest first."""
    passed = np.flatnonzero(np.isfinite(p_best))
    if passed.size == 0:
        return None, ()
    highest = np.argsort(-aucs[passed].mean(1).mean(1), kind="stable")
    best, *others = (int(method) for method in passed[highest])
    return names[best], tuple(names[other] for other in others if p_best[other] >= LEVEL)


def equivalent(
    aucs: Aucs,
    best: Float[np.ndarray, "network ecg"],
    random: Float[np.ndarray, "network ecg"],
    margin: float,
    drawn: Sampling,
) -> Bool[np.ndarray, " method"]:
    """True where a method's AUC is within `margin` of the way from random to the best, either side.

    Two one-sided tests (Schuirmann 1987), Holm-corrected over the methods. The way is as uncertain
    as the AUCs, so that each test is on (best − method) ∓ margin · (best − random) as a whole.
    """
    apart, allowed = best - aucs, margin * (best - random)
    room = np.stack([allowed - apart, allowed + apart])
    two_sided = drawn.p(room)
    one_sided = np.where(room.mean((-2, -1)) > 0, two_sided / 2, 1 - two_sided / 2)
    return holm(one_sided.max(0)) < LEVEL
