"""Whether the methods stand in the order that a study printed."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.stats import rankdata

from ...eval import Finding
from ...eval.ranking import areas, errors, side_by_side, usable_patients
from ...eval.statistics import REPLICATES, resampled

# They anchor both ends of an order: with them, any two orders agree (ρ = 0.6 and more by chance).
ANCHORS = ("random", "deconvolution")
LEAST_METHODS = 3  # of two, any order is the same or reversed
PRINTED = "printed"


@dataclass(frozen=True)
class OrderAgreement:
    """Spearman ρ between AUCs and printed ones, with its 95 % interval; NaN where unknown."""

    rho: float
    low: float
    high: float
    methods: int


def order_agreement(finding: Finding, printed: Mapping[str, float]) -> OrderAgreement:
    """Agreement of the methods' order by their AUC with that of the printed AUCs.

    Without the ANCHORS. The interval is of patients and networks that are drawn again (2000
    percentile bootstrap replicates). Of K redrawn networks the variance is (K − 1)/K of what it
    should be, so that with two or three the interval is too narrow; that of one network speaks of
    it alone.
    """
    each = side_by_side(finding)
    names = [*each[0].methods, *each[0].controls]
    places = [place for place, name in enumerate(names) if name in printed and name not in ANCHORS]
    if len(places) < LEAST_METHODS:
        return OrderAgreement(np.nan, np.nan, np.nan, len(places))
    aucs = areas(errors(each), each[0].protocol.until)[places]
    theirs = np.array([printed[names[place]] for place in places])
    means = _redrawn(aucs, usable_patients(each[0]), each[0].seed)
    low, high = np.quantile(spearman(means, theirs), [0.025, 0.975])
    own = spearman(aucs.mean((1, 2))[None], theirs)
    return OrderAgreement(float(own[0]), float(low), float(high), len(places))


def network_agreements(
    finding: Finding, printed: Mapping[str, float]
) -> list[tuple[int, str, float]]:
    """Spearman ρ of each network with the printed AUCs, and with each later network.

    A row is the network, what it is compared with (PRINTED or the number of the other network) and
    ρ; with the printed AUCs over the methods that were printed, with a network over all methods,
    both without the ANCHORS. Nothing for fewer than 3 methods.
    """
    each = side_by_side(finding)
    own = [place for place, name in enumerate(each[0].methods) if name not in ANCHORS]
    both = [place for place in own if each[0].methods[place] in printed]
    aucs = areas(errors(each), each[0].protocol.until).mean(2).T  # network, method
    theirs = np.array([printed[each[0].methods[place]] for place in both])
    found = []
    for number, one in enumerate(aucs):
        if len(both) >= LEAST_METHODS:
            found.append((number, PRINTED, float(spearman(one[None, both], theirs)[0])))
        for other in range(number + 1, len(aucs) if len(own) >= LEAST_METHODS else 0):
            rho = spearman(one[None, own], aucs[other, own])
            found.append((number, str(other), float(rho[0])))
    return found


def _redrawn(
    aucs: Float[np.ndarray, "method network ecg"], patients: list[str], seed: int
) -> Float[np.ndarray, "replicate method"]:
    """The mean AUCs of redrawn patients and networks."""
    ecgs = resampled(patients, seed)
    count = aucs.shape[1]
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), REPLICATES)
    return np.einsum("mne,rn,re->rm", aucs, drawn / count, ecgs, optimize=True)


def spearman(
    ours: Float[np.ndarray, "row method"], theirs: Float[np.ndarray, " method"]
) -> Float[np.ndarray, " row"]:
    """Correlation of the ranks of each row with those of `theirs`; equal values share a rank."""
    one, other = rankdata(ours, axis=1), rankdata(theirs)
    one, other = one - one.mean(1, keepdims=True), other - other.mean()
    return one @ other / np.sqrt((one**2).sum(1) * (other**2).sum())
