"""Agreement of the methods' order with a printed one, and between networks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from ecglens.eval import Finding
from ecglens.eval.statistics import kendall, resampled
from jaxtyping import Float
from scipy.stats import rankdata

from .printed import RANDOM

# They anchor both ends of an order: with them, any two orders agree (ρ = 0.6 and more by chance).
ANCHORS = (RANDOM, "deconvolution")
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
    names = [name for name in finding.methods if name in printed and name not in ANCHORS]
    if len(names) < LEAST_METHODS:
        return OrderAgreement(np.nan, np.nan, np.nan, len(names))
    aucs, patients = _areas(finding, names)
    theirs = np.array([printed[name] for name in names])
    means = _redrawn(aucs, patients, finding.curves[0].seed)
    low, high = np.quantile(spearman(means, theirs), [0.025, 0.975])
    own = spearman(aucs.mean((1, 2))[None], theirs)
    return OrderAgreement(float(own[0]), float(low), float(high), len(names))


def network_agreements(
    finding: Finding, printed: Mapping[str, float]
) -> list[tuple[int, str, float]]:
    """Spearman ρ of each network with the printed AUCs, and with each later network.

    A row is the network, what it is compared with (PRINTED or the number of the other network) and
    ρ; with the printed AUCs over the methods that were printed, with a network over all methods,
    both without the ANCHORS. Nothing for fewer than 3 methods.
    """
    left_out = {*ANCHORS, *finding.curves[0].controls}
    names = [name for name in finding.methods if name not in left_out]
    if len(names) < LEAST_METHODS:
        return []
    both = [place for place, name in enumerate(names) if name in printed]
    theirs = np.array([printed[names[place]] for place in both])
    aucs = _areas(finding, names)[0].mean(2).T  # network, method
    found = []
    for number, one in enumerate(aucs):
        if len(both) >= LEAST_METHODS:
            found.append((number, PRINTED, float(spearman(one[None, both], theirs)[0])))
        rhos = spearman(aucs[number + 1 :], one)
        found += [(number, str(other), float(rho)) for other, rho in enumerate(rhos, number + 1)]
    return found


def order_between(one: Finding, other: Finding) -> OrderAgreement | None:
    """Kendall τ-b between the orders of two rankings, as `rho`, with its 95 % interval.

    Over the methods that both have, without controls; patients and networks of each are drawn
    again (see order_agreement). None for fewer than 3 methods.
    """
    names = [name for name in _uncontrolled(one) if name in _uncontrolled(other)]
    if len(names) < LEAST_METHODS:
        return None
    (first, ours), (second, theirs) = (_areas(each, names) for each in (one, other))
    seed = one.curves[0].seed
    # Two streams: the same draws on both sides would tie patients who have nothing in common.
    drawn = kendall(_redrawn(first, ours, seed), _redrawn(second, theirs, seed + 1))
    low, high = np.quantile(drawn, [0.025, 0.975])
    tau = float(kendall(first.mean((1, 2)), second.mean((1, 2))))
    return OrderAgreement(tau, float(low), float(high), len(names))


def within(finding: Finding) -> float:
    """Mean Kendall τ-b between the orders of two networks of a ranking; NaN for one network."""
    aucs = _areas(finding, _uncontrolled(finding))[0].mean(2).T  # network, method
    taus = [float(kendall(one, other)) for one, other in combinations(aucs, 2)]
    return float(np.mean(taus)) if taus else np.nan


def _uncontrolled(finding: Finding) -> list[str]:
    return [name for name in finding.methods if name not in finding.curves[0].controls]


def _areas(
    finding: Finding, names: Sequence[str]
) -> tuple[Float[np.ndarray, "method network ecg"], list[str]]:
    """Mean area over draws of each ECG that has one, and the patients of these ECGs."""
    aucs = np.stack([finding.scores["auc"][name].mean(1) for name in names])
    usable = np.flatnonzero(np.isfinite(aucs).all((0, 1)))
    return aucs[..., usable], [finding.about.patients[place] for place in usable]


def _redrawn(
    aucs: Float[np.ndarray, "method network ecg"], patients: list[str], seed: int
) -> Float[np.ndarray, "replicate method"]:
    """Mean AUCs of redrawn patients and networks."""
    ecgs = resampled(patients, seed)
    count = aucs.shape[1]
    shares = np.full(count, 1 / count)
    drawn = np.random.default_rng(seed).multinomial(count, shares, len(ecgs))
    return np.einsum("mne,rn,re->rm", aucs, drawn / count, ecgs, optimize=True)


def spearman(
    ours: Float[np.ndarray, "row method"], theirs: Float[np.ndarray, " method"]
) -> Float[np.ndarray, " row"]:
    """Correlation of the ranks of each row with those of `theirs`; equal values share a rank."""
    one, other = rankdata(ours, axis=1), rankdata(theirs)
    one, other = one - one.mean(1, keepdims=True), other - other.mean()
    return one @ other / np.sqrt((one**2).sum(1) * (other**2).sum())
