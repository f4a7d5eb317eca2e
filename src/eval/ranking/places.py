"""Probability of each place of a method among the methods, by resampling."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.stats import rankdata

from ..statistics.resampling import REPLICATES, resampled_means


class Places(NamedTuple):
    """Probability of the first place and the 95 % interval of the place (1 is the highest AUC)."""

    first: Float[np.ndarray, " method"]
    low: Float[np.ndarray, " method"]
    high: Float[np.ndarray, " method"]


def places(
    aucs: Float[np.ndarray, "method network ecg"], patients: Sequence[str], seed: int
) -> Places:
    """Places of the methods in resamples of patients and, where there are several, of networks.

    Methods with equal means share the first place and have the mean of their places. Raises
    ValueError for fewer than 2 patients.
    """
    of_network = resampled_means(aucs, patients, seed)
    networks = aucs.shape[1]
    # A stream of its own: the same numbers would tie the networks drawn to the patients drawn.
    random = np.random.default_rng((seed, 1))
    drawn = random.multinomial(networks, np.full(networks, 1 / networks), REPLICATES) / networks
    means = np.einsum("mnr,rn->mr", of_network, drawn)
    if not len(means):
        return Places(*(np.empty(0),) * 3)
    highest = means == means.max(0)
    place = rankdata(-means, axis=0)
    low, high = np.quantile(place, [0.025, 0.975], axis=1, method="inverted_cdf")
    return Places((highest / highest.sum(0)).mean(1), low, high)
