"""Experiments on what maps show: suppressors, redrawn weights, focus, agreement, edges of QT."""

from collections.abc import Callable, Mapping

import numpy as np
import torch
from ecglens.ecg import BEAT_LENGTH
from ecglens.eval.evaluations.sanity import correlations, spearman
from ecglens.explain import controls
from ecglens.models import layers, randomised
from ecglens.store import Store
from ecglens_metrics import alike
from jaxtyping import Bool, Float

from ..apart import Steps
from ..season.hearts import Ecgs
from ..season.trained import trained
from ..season.world import Known
from ..special_networks import cosine
from . import removal
from .networks import PICKUP, Reader, area, maps_of, season, slope, world
from .removal import Numbers
from .rules import Claim

POPULAR = (
    "saliency",
    "input_x_gradient",
    "integrated_gradients",
    "gradient_shap",
    "smoothgrad",
    "deeplift",
    "lrp_epsilon",
    "occlusion",
)


def haufe2024(claim: Claim, number: int, store: Store) -> Numbers:
    """Relevance on the suppressing lead, and what the default protocol makes of it."""
    for known, mask in world(claim, number, store).suppressors.values():
        net = Steps(known.network)
        yield from _on(maps_of(net, known.ecgs, POPULAR, store), mask.numpy(), "by_hand")
        without = torch.where(mask, 0.0, known.truth)
        areas = [area(net, known.ecgs.x, each).mean() for each in (known.truth, without)]
        yield "rewarded", float(areas[0] / areas[1] - 1)
    reader = Reader(season(claim, number), number, store, disturbed=True)
    if reader.reads:
        maps = maps_of(reader.net, reader.asked(claim.ecgs), POPULAR, store)
        mask = np.zeros(reader.ecgs.x.shape[1:], bool)
        mask[PICKUP] = True
        yield from _on(maps, mask, "trained")


def _on(maps: Mapping[str, np.ndarray], mask: Bool[np.ndarray, "lead time"], part: str) -> Numbers:
    """Mean share of relevance within a mask, of each of the eight methods."""
    for name in POPULAR:
        sizes = np.abs(maps[name].astype(float))
        yield part, float(np.mean(sizes[:, mask].sum(1) / sizes.sum((1, 2))))


def adebayo2018(claim: Claim, number: int, store: Store) -> Numbers:
    """What is left of maps when all weights are drawn again."""
    reader = Reader(season(claim, number), number, store)
    if not reader.reads:
        return
    ecgs, net = reader.asked(claim.ecgs), reader.net
    redrawn = randomised(net, layers(net, ecgs.x), reader.ecgs.x, number)
    both = ("guided_backprop", "saliency")
    own, other = (maps_of(each, ecgs, both, store) for each in (net, redrawn))
    kept = {name: alike(own[name], other[name]) for name in both}
    edges = {name: alike(own[name], own["abs_dx"]) for name in both}
    for guided, plain in zip(*(kept[name] for name in both), strict=True):
        yield "kept", float(guided)
        yield "more", float(guided - plain)
    for guided, plain in zip(*(edges[name] for name in both), strict=True):
        yield "edges", float(guided - plain)


def erts2026(claim: Claim, number: int, store: Store) -> Numbers:
    """Focus of maps beside their cosine with the truth."""
    _, maps, true = _judged(claim, number, store)
    focus = np.stack([_focus(each) for each in maps.values()])
    yield from (("methods", float(rho)) for rho in spearman(focus.T, true.T))
    yield from (("ecgs", float(rho)) for rho in spearman(focus, true))


def convergence(claim: Claim, number: int, store: Store) -> Numbers:
    """Agreement of each method with the others beside its cosine with the truth."""
    copies, maps, true = _judged(claim, number, store)
    every = np.stack([np.abs(each).reshape(len(each), -1) for each in maps.values()])
    agreement = _with_others(correlations(every, every))
    for part in ("methods", "copies") if copies else ("methods",):
        yield from ((part, float(rho)) for rho in spearman(agreement.T, true.T))


def _with_others(rho: Float[np.ndarray, "method method ecg"]) -> Float[np.ndarray, "method ecg"]:
    """Mean ρ of each method with the others; NaN for an empty map, which has no ranks."""
    own = np.eye(len(rho), dtype=bool)[..., None]
    there = np.isfinite(rho) & ~own
    count = there.sum(1)
    total = np.where(there, rho, 0.0).sum(1)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def _judged(
    claim: Claim, number: int, store: Store
) -> tuple[bool, Mapping[str, np.ndarray], Float[np.ndarray, "method ecg"]]:
    """Maps of all methods on network `number`, and their cosines with the truth.

    Also whether it reads copies of one fact. A world has four networks without and three with them.
    """
    place = world(claim, number // 7, store)
    every: list[tuple[bool, Known]] = [(False, each) for each in place.contributions.values()]
    every += [(True, each) for each in place.redundancy.values()]
    copies, known = every[number % 7]
    maps = maps_of(Steps(known.network), known.ecgs, "all", store)
    maps = {name: each for name, each in maps.items() if name not in controls()}
    x, truth = known.ecgs.x.numpy(), known.truth.numpy()
    cosines = [cosine(each * x if slope(name) else each, truth) for name, each in maps.items()]
    return copies, maps, np.stack(cosines)


def _focus(maps: Float[np.ndarray, "ecg lead time"]) -> Float[np.ndarray, " ecg"]:
    """1 − entropy of the shares of |map| over its largest value; NaN for an empty map."""
    sizes = np.abs(maps.astype(float)).reshape(len(maps), -1)
    total = sizes.sum(1, keepdims=True)
    shares = np.divide(sizes, total, out=np.full_like(sizes, np.nan), where=total > 0)
    entropy = -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(1)
    return 1 - entropy / np.log(sizes.shape[1])


NEAR = 10  # samples, 20 ms: the distance at which a sample belongs to an edge
AFTER = 50  # samples, 100 ms after T


def qtcnet2025(claim: Claim, number: int, store: Store) -> Numbers:
    """Density of integrated gradients at QRS onset and T offset."""
    network = trained(season(claim, number), 0, "qt", store)
    ecgs = world(claim, number, store).trained_ecgs
    own, redrawn = (
        maps_of(Steps(each), ecgs, ["integrated_gradients"], store)["integrated_gradients"]
        for each in (network.own, network.redrawn)
    )
    for ecg in range(len(ecgs.x)):
        both, last = (_density(own[ecg], each, ecgs, ecg) for each in (("on", "off"), ("off",)))
        yield "concentrates", both
        yield "t_offset", last
        yield "confirms", both - _density(redrawn[ecg], ("on", "off"), ecgs, ecg)


def _density(
    one: Float[np.ndarray, "lead time"], edges: tuple[str, ...], ecgs: Ecgs, ecg: int
) -> float:
    """Mean |map| near these edges over that from P onset to AFTER T offset, all leads."""
    marks = ecgs.parameters[ecg].marks
    places = {"on": marks.qrs_on, "off": marks.t_off}
    time = np.arange(BEAT_LENGTH)
    near = np.zeros(BEAT_LENGTH, bool)
    for edge in edges:
        near |= np.abs(time - places[edge]) <= NEAR
    first = marks.qrs_on if np.isnan(marks.p_on) else marks.p_on
    every = (time >= first) & (time <= marks.t_off + AFTER)
    sizes = np.abs(one.astype(float)).mean(0)
    return float(sizes[near].mean() / sizes[every].mean())


# The experiment of each claim gives numbers of one network by part; their mean is the network's.
EXPERIMENTS: Mapping[str, Callable[[Claim, int, Store], Numbers]] = {
    each.__name__: each
    for each in (
        removal.control_true,
        removal.control_false,
        removal.song2023,
        removal.timing2025,
        removal.baer2025,
        removal.f_fidelity2025,
        haufe2024,
        removal.hooker2019,
        adebayo2018,
        erts2026,
        convergence,
        qtcnet2025,
    )
}
