"""Variance components of a score: ECGs, networks, noise draws."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float


class Components(NamedTuple):
    """Variances of one network's score of one ECG and draw, by their source.

    `ecg` and `network` move the score of one ECG in all networks and of one network on all ECGs,
    `ecg_network` of one ECG in one network; `draw` moves it in all networks, as they share the
    noise of an ECG, `rest` in one network alone. NaN where there is one network or one draw and
    so nothing to tell the source by: its variance is then part of another.
    """

    ecg: Float[np.ndarray, "*series"]
    network: Float[np.ndarray, "*series"]
    ecg_network: Float[np.ndarray, "*series"]
    draw: Float[np.ndarray, "*series"]
    rest: Float[np.ndarray, "*series"]


def components(scores: Float[np.ndarray, "*series network draw ecg"]) -> Components:
    """The variance split by the method of moments: draws lie in ECGs, networks cross both.

    Each mean square of the balanced analysis of variance equals its expectation (Searle, Casella &
    McCulloch 1992, chapter 4). Unbiased, so that a source which adds nothing is as often below 0
    as above. Raises ValueError for fewer than 2 ECGs.
    """
    networks, draws, ecgs = scores.shape[-3:]
    if ecgs < 2:
        raise ValueError(f"expected at least 2 ECGs to split a variance, got {ecgs}")
    of_ecg = scores.mean((-3, -2), keepdims=True)
    of_network = scores.mean((-2, -1), keepdims=True)
    of_both = scores.mean(-2, keepdims=True)
    of_draw = scores.mean(-3, keepdims=True)
    mean = scores.mean((-3, -2, -1), keepdims=True)

    def square(deviations: np.ndarray, times: int, freedom: int) -> np.ndarray:
        total = times * (deviations**2).sum((-3, -2, -1))
        return np.asarray(total / freedom if freedom else np.full_like(total, np.nan))

    ecg = square(of_ecg - mean, networks * draws, ecgs - 1)
    network = square(of_network - mean, draws * ecgs, networks - 1)
    both = square(of_both - of_ecg - of_network + mean, draws, (ecgs - 1) * (networks - 1))
    draw = square(of_draw - of_ecg, networks, ecgs * (draws - 1))
    rest = square(scores - of_both - of_draw + of_ecg, 1, ecgs * (networks - 1) * (draws - 1))
    if networks == 1 and draws == 1:
        return Components(ecg, network, both, draw, rest)
    if networks == 1:
        return Components((ecg - draw) / draws, network, both, draw, rest)
    if draws == 1:
        parts = (ecg - both) / networks, (network - both) / ecgs
        return Components(*parts, both, draw, rest)
    return Components(
        ecg=(ecg - both - draw + rest) / (networks * draws),
        network=(network - both) / (draws * ecgs),
        ecg_network=(both - rest) / draws,
        draw=(draw - rest) / networks,
        rest=rest,
    )
