"""Conclusions of Storås 2025 as testable statements about areas: multiverse.yaml in code."""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Bool, Shaped
from scipy.stats import rankdata

from .printed import printed_auc, printed_votes
from .universes import RANDOM, Universes

THIRD = 1 / 3  # of the way from random to the best method: the end of class 3
WELL = ("deeplift", "gradient_shap", "saliency", "smoothgrad")
INTERVALS = ("pr", "qrs", "qt")
# Whether the statement holds: 1 or 0, NaN where it cannot be judged.
Judged = Shaped[np.ndarray, " universe"]


def deconvolution_is_poor(target: Universes) -> Judged:
    """Deconvolution is of class 3."""
    return np.all(_poor(target)[:, target.of("deconvolution")], axis=1)


def guided_gradcam_below_par(target: Universes) -> Judged:
    """Area of Guided Grad-CAM is below the median of the methods."""
    (place,) = target.of("guided_gradcam")
    return target.own[:, place] < np.median(target.own, axis=1)


def four_do_well(target: Universes) -> Judged:
    """Mean place of four methods is before that of the other five.

    Raises ValueError where one of the four or all of the others are missing.
    """
    places, four = rankdata(-target.own, axis=1), target.of(*WELL)
    others = [place for place in range(len(target.methods)) if place not in four]
    if not others:
        raise ValueError(f"expected methods beside {', '.join(WELL)}, got none")
    return places[:, four].mean(1) < places[:, others].mean(1)


def two_fail_on_r(target: Universes) -> Judged:
    """Guided Backprop and Input×Gradient are of class 3."""
    return np.all(_poor(target)[:, target.of("guided_backprop", "input_x_gradient")], axis=1)


def printed_winner_wins(target: Universes) -> Judged:
    """The method of the largest area is one of those with the largest printed area."""
    printed = printed_auc()[target.target]
    best = max(value for name, value in printed.items() if name != RANDOM)
    first = [name for name in target.methods if printed[name] == best]
    return np.any(target.winners()[:, target.of(*first)], axis=1)


def one_order_for_every_cutoff(target: Universes) -> Judged:
    """Methods and random have one order at every cut-off; NaN without the areas at all of them."""
    order = (-target.at_cutoffs).argsort(axis=-1, kind="stable")
    same = np.all(order == order[:, :1], axis=(1, 2)).astype(float)
    return np.where(np.isfinite(target.at_cutoffs).all((1, 2)), same, np.nan)


def no_single_best(targets: Mapping[str, Universes]) -> Judged:
    """No method has the largest area for all targets."""
    every = np.all(np.stack([each.winners() for each in targets.values()]), axis=0)
    return ~np.any(every, axis=1)


def intervals_rise_less(targets: Mapping[str, Universes]) -> Judged:
    """Best area above random's is smaller for every interval than for every amplitude.

    NaN where targets have different units, and without an interval and an amplitude.
    """
    rises = {name: each.above_random.max(1) for name, each in targets.items()}
    intervals = [rise for name, rise in rises.items() if name in INTERVALS]
    amplitudes = [rise for name, rise in rises.items() if name not in INTERVALS]
    relative = next(iter(targets.values())).relative
    if not intervals or not amplitudes:
        return np.full(len(relative), np.nan)
    smaller = np.max(intervals, axis=0) < np.min(amplitudes, axis=0)
    return np.where(relative, smaller.astype(float), np.nan)


def experts_disagree(targets: Mapping[str, Universes]) -> Judged:
    """The experts' first choice has not the largest area for at least half of the targets."""
    agree = []
    for name, each in targets.items():
        votes = printed_votes("full")[name]
        first = max(votes, key=lambda method: votes[method])
        agree.append(each.winners()[:, each.of(first)[0]])
    return np.mean(agree, axis=0) <= 0.5


def _poor(target: Universes) -> Bool[np.ndarray, "universe method"]:
    """Whether each method is of class 3; all are where none is above random."""
    best = target.above_random.max(1, keepdims=True)
    return (target.above_random <= THIRD * best) | (best <= 0)


OF_ONE: Mapping[str, Callable[[Universes], Judged]] = {
    each.__name__: each
    for each in (
        deconvolution_is_poor,
        guided_gradcam_below_par,
        four_do_well,
        two_fail_on_r,
        printed_winner_wins,
        one_order_for_every_cutoff,
    )
}
OF_ALL: Mapping[str, Callable[[Mapping[str, Universes]], Judged]] = {
    each.__name__: each for each in (no_single_best, intervals_rise_less, experts_disagree)
}
