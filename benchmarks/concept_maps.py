"""Pictures of heatmaps beside what they are compared with, on exact ECGs and small networks."""

from collections.abc import Sequence

import numpy as np
from ecglens.ecg import LEADS
from ecglens.eval.evaluations.sanity import spearman
from ecglens.explain import Inputs, attribute
from ecglens.models.randomised import layers, randomised
from ecglens.report.figures.ecg import shown
from ecglens.report.style import style
from ecglens_benchmark.meta_evaluation import NETWORKS, truth_of
from ecglens_benchmark.meta_evaluation.maps import exact_batch
from ecglens_benchmark.planted import MEANT, NEW, Planted, world
from ecglens_metrics import relevance_rank
from ecglens_metrics.axioms import Unshifted, baseline_shift, leads_off, noisy, without
from ecglens_metrics.shortcuts import audit
from ecglens_paper.figures.panels import Trace
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import Tensor, nn

from .concept_networks import intervals, of_pr
from .concept_page import Row, grid, lead

Maps = Float[np.ndarray, "ecg lead time"]
FEW = 32  # ECGs that an agreement of maps is the mean of


def trace(x: Maps, maps: Maps, ecg: int, name: str) -> Trace:
    """A lead of an ECG under its map, whose full colour is that of all leads."""
    return Trace(lead(x[ecg], name), lead(shown(maps[ecg]), name))


KNOWN = {
    "window": ("the height\nof T in V5", "V5"),
    "edge": ("the steep parts\nof QRS in V5", "V5"),
    "three votes": ("T in II, by vote of\n3 copies (1 shown)", "II"),
}
TRIED = ("saliency", "vargrad", "occlusion", "feature_ablation", "abs_x")


def methods() -> Figure:
    """What methods mark on networks whose weights were set by hand, below the truth."""
    batch = exact_batch(FEW)
    x = batch.x.numpy()
    ecg = int(np.abs(x).max((1, 2)).argmin())  # low waves leave room for more rows
    rows: dict[str, list[tuple[Trace, str]]] = {}
    inputs = Inputs(batch.record, segments=batch.segments)
    for network, (_, name) in KNOWN.items():
        net = NETWORKS[network]
        truth = truth_of(net, batch.x).numpy()
        region = (truth != 0).reshape(FEW, -1)
        found = {"the truth": truth}
        for method in TRIED:
            found[style(method).label] = attribute(method, net, batch.x, inputs=inputs).numpy()
        for label, maps in found.items():
            share = relevance_rank(np.abs(maps).reshape(FEW, -1), region).mean()
            said = percent(share) if maps.any() else "all zero"
            cell = trace(x, np.abs(maps), ecg, name), "" if label == "the truth" else said
            rows.setdefault(label, []).append(cell)
    leads = [name for _, name in KNOWN.values()]
    return grid(
        "What a network was built to read; %: how many of a map’s top points are true",
        [head for head, _ in KNOWN.values()],
        [
            Row(label, [one for one, _ in cells], leads, [word for _, word in cells])
            for label, cells in rows.items()
        ],
    )


SANE = ("saliency", "deconvolution", "abs_x")
LEAD = "II"


def sanity() -> Figure:
    """Maps of one ECG by a network, a retrained one and a redrawn one, and of another ECG."""
    batch = intervals().test_batch(FEW)
    net = of_pr(0)
    redrawn = randomised(net, layers(net, batch.x), batch.x, seed=0)
    inputs = Inputs(batch.record, segments=batch.segments)
    heads = (
        "network",
        "retrained:\nshould stay",
        "weights redrawn:\nshould be lost",
        "other ECG’s map:\nshould differ",
    )
    rows = []
    for method in SANE:
        maps = [
            np.abs(attribute(method, each, batch.x, inputs=inputs).numpy())
            for each in (net, of_pr(1), redrawn)
        ]
        maps.append(np.roll(maps[0], 1, axis=0))
        rows.append(_beside(method, batch.x.numpy(), maps))
    title = f"Maps of one ECG; ρ: how like the first they are (mean of {FEW} ECGs)"
    return grid(title, heads, rows)


def _beside(method: str, x: Maps, maps: Sequence[Maps]) -> Row:
    """Maps of the first ECG, each with its mean agreement over the ECGs with the first map."""
    flat = [each.reshape(len(each), -1) for each in maps]
    rhos = [f"ρ = {spearman(flat[0], each).mean():.2f}" for each in flat[1:]]
    traces = [trace(x, each, 0, LEAD) for each in maps]
    return Row(style(method).label, traces, [LEAD] * len(maps), ["", *rhos])


def axioms() -> Figure:
    """Maps of an ECG, of it with noise, with a shifted baseline, and with a lead that is off."""
    batch = intervals().test_batch(FEW)
    net, x = of_pr(0), batch.x
    shift = baseline_shift()
    off = leads_off(batch.record, seed=0)
    cases: list[tuple[nn.Module, Tensor]] = [
        (net, x),
        (net, noisy(x, batch.record, 0, 0)),
        (Unshifted(net, shift).eval(), x + shift),
        (net, without(x, off)),
    ]
    leads = [LEAD, LEAD, LEAD, LEADS[off[0]]]
    rows = []
    for method in ("saliency", "input_x_gradient", "deeplift"):
        maps = [np.abs(attribute(method, each, given).numpy()) for each, given in cases]
        flat = [each.reshape(FEW, -1) for each in maps]
        words = ["", *(f"ρ = {spearman(flat[0], each).mean():.2f}" for each in flat[1:3])]
        there = maps[3][np.arange(FEW), off].sum(1) / maps[3].sum((1, 2))
        traces = [
            trace(given.numpy(), each, 0, name)
            for (_, given), each, name in zip(cases, maps, leads, strict=True)
        ]
        rows.append(Row(style(method).label, traces, leads, [*words, percent(there.mean())]))
    heads = (
        "as recorded",
        "with noise\nof 10 µV",
        "baseline\n0.1 mV higher",
        "a lead is off:\nits share",
    )
    title = f"Changes that are not the heart’s: what does the map do? (means of {FEW} ECGs)"
    return grid(title, heads, rows)


SHORTCUT, METHOD = "lead", "saliency"
TWINS = {"Cheats": True, "Clean twin": False}


def shortcuts() -> Figure:
    """An ECG with V3 off by a network that learned to use it, and by its clean twin."""
    x, _, present, segments = world(SHORTCUT, NEW, FEW, strength=0.0)
    ecg, leads = int(np.flatnonzero(present)[0]), ("V2", "V3", "V5")
    rows = []
    for says, cheats in TWINS.items():
        maps = np.abs(attribute(METHOD, Planted(SHORTCUT, 0, cheats).fitted(), x).numpy())
        found = audit({METHOD: maps}, x.numpy(), segments)
        share = float(np.nanmean(found.shares[MEANT[SHORTCUT]][METHOD]))
        traces = [trace(x.numpy(), maps, ecg, name) for name in leads]
        rows.append(Row(f"{says}:\n{percent(share)} on V3", traces, leads))
    title = f"{style(METHOD).label} of two networks that tell whether T in V5 is high; V3 is off"
    return grid(title, [""] * len(leads), rows)


def percent(share: float) -> str:
    """A share as a percentage."""
    return f"{100 * share:.0f} %"
