"""Pictures of where relevance lies, of waves that are swapped, and of metrics that are tested."""

from collections.abc import Mapping
from dataclasses import replace

import ecglens
import numpy as np
import torch
from ecglens.ecg import FS_HZ, WAVES
from ecglens.eval import DEFAULT, Finding, TargetRegion
from ecglens.report.figures import quiet
from ecglens.report.figures.paper import places
from ecglens.report.style import BLUE, GREY, INK, VERMILION, style
from ecglens_benchmark.meta_evaluation import (
    NETWORKS,
    Completeness,
    Metric,
    PerturbationAuc,
    exact_ecgs,
    mixed,
    truth_of,
)
from ecglens_metrics import relevance_rank
from ecglens_metrics.wave_swaps import to_donor, weights
from ecglens_paper.figures.panels import Trace
from ecglens_relevance.drawing import MeanTrace, average_beat_figure, strength
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .concept_maps import FEW, percent, trace
from .concept_networks import intervals, of_af, of_pr, rhythms
from .concept_page import WIDTH, Page, Row, grid, height_of, lead, panel_of

LOCATED = ("saliency", "gradcam", "abs_x")
EDGES = {"P_on": "onset of P", "QRS_on": "onset of QRS"}  # of the demo's target
LEADS_SHOWN = ("I", "II", "V1")  # leads with low R waves leave room for the rows


def localisation(finding: Finding) -> Figure:
    """Maps of a run on an ECG whose deciding places are shaded, with the share that lies there."""
    gallery, target = finding.curves[0].gallery, finding.about.target
    where = TargetRegion("edge", target.edges, target.waves, target.lead)
    region = where.points(gallery.segments)
    flat = region.reshape(len(region), -1)
    rows = []
    for name in LOCATED:
        maps = np.abs(gallery.heatmaps[name])
        share = float(relevance_rank(maps.reshape(len(maps), -1), flat)[0])
        shaded = [
            replace(trace(gallery.x, maps, 0, each), region=lead(region[0], each))
            for each in LEADS_SHOWN
        ]
        named = f"{style(name).label}\n{percent(share)} inside"
        rows.append(Row(named, shaded, LEADS_SHOWN))
    edges = " and ".join(EDGES[each] for each in target.edges)
    chance = percent(flat[0].mean())
    title = f"Shaded: {edges} ± 20 ms. Top points inside: by chance {chance}"
    return grid(title, [""] * len(LEADS_SHOWN), rows)


def relevance() -> Figure:
    """The average beat of each group with its mean signed relevance, for one method and lead."""
    (found,) = ecglens.evaluate(of_af(), rhythms(), "relevance", ["integrated_gradients"], n=64)
    beats = found.details["average_beats"]
    traces = {}
    for says, group in (("sinus rhythm", "not dx_af"), ("fibrillation", "dx_af")):
        for name in ("II", "V1"):
            own = beats.loc[(beats["group"] == group) & (beats["lead"] == name)]
            traces[f"{name}, {says}"] = MeanTrace.of(own)
    full = strength([*traces.values()])
    return average_beat_figure(
        traces, "What speaks for fibrillation and what against it, in average beats", full, "logit"
    )


def effects() -> Figure:
    """Waves swapped with another patient's: what the network reads, and what maps say of it."""
    batch, net = intervals().test_batch(FEW), of_pr(0)
    x, marks = batch.x[0], batch.segments
    waves = torch.from_numpy(weights(marks[0].numpy())).to(x)
    donors = [to_donor(x, marks[0], *each) for each in zip(batch.x[1:], marks[1:], strict=True)]
    with torch.no_grad():
        moved = net(torch.stack([x + each * waves[0] for each in donors])) - net(x[None])
    change = donors[int(moved[:, 0].abs().argsort()[len(donors) // 2])]  # the usual donor of a P
    swaps = {"recorded": torch.zeros_like(x)}
    swaps |= {f"other {name}": change * waves[WAVES.index(name)] for name in ("P", "QRS", "T")}
    after = [(x + each).numpy() for each in swaps.values()]
    with torch.no_grad():
        read = net(torch.stack([x + each for each in swaps.values()]))[:, 0].tolist()
    panel = panel_of(["II"] * len(after), [Trace(lead(one, "II"), None) for one in after], 4)
    top, zoom = 12.0, WIDTH / panel.sheet.width
    page = Page(top + height_of(panel) + 50.0)
    page.write(
        2, 3.5, "A wave is swapped with another patient’s (thick): PR as read by the network"
    )
    axes = page.ecg(top, panel)
    for cell, text, value in zip(panel.sheet.cells, swaps, read, strict=True):
        page.write(cell.left * zoom, 9.0, f"{text}: {value:.0f} ms", fontweight="bold")
    for cell, each in zip(panel.sheet.cells, swaps.values(), strict=True):
        here = lead(each.numpy(), "II") != 0
        across, down = places(cell.left, cell.zero, lead((x + each).numpy(), "II"), FS_HZ)
        axes.plot(across, np.where(here, down, np.nan), color=VERMILION, lw=2.4, zorder=4)
    methods = ["saliency", "deconvolution"]
    (found,) = ecglens.evaluate(net, intervals(), "effects", methods, n=FEW)
    by_wave = found.details["waves"].set_index("wave")["mean_size"]
    share = found.details["relevance"].set_index("method")
    beside = top + height_of(panel) + 8.0
    moves = page.axes(14.0, beside, 56.0, 32.0)
    _bars(moves, by_wave.to_dict(), "mean change of the output, ms")
    says = page.axes(92.0, beside, 64.0, 32.0)
    for name, marker in zip(methods, "oX", strict=True):
        label, colour = style(name).label, style(name).colour
        says.plot(WAVES, share.loc[name, [*WAVES]] * 100, marker, color=colour, label=label, ms=7)
    says.set_ylim(0, 100)
    quiet(says, "share of a map’s relevance in these waves, %", 8.5)
    says.legend(frameon=False, fontsize=8, labelcolor=INK)
    return page.figure


def _bars(axes: Axes, values: Mapping[str, float], title: str) -> None:
    axes.bar([*values], [*values.values()], color=GREY, width=0.6)
    quiet(axes, title, 8.5)


DOSES = (0.0, 0.25, 0.5, 0.75, 1.0)
TRIALS: Mapping[str, Metric] = {
    "Area by the default protocol: fit,\nfalls with every dose": PerturbationAuc(
        replace(DEFAULT, draws=1)
    ),
    "Completeness gap: unfit,\nas good without any truth left": Completeness(),
}


def meta_evaluation() -> Figure:
    """The true map of a network set by hand under more and more noise, and two metrics of it."""
    x, net = exact_ecgs(FEW), NETWORKS["window"]
    names = [str(number) for number in range(len(x))]
    truth = truth_of(net, x)
    maps = {dose: mixed(truth, dose, "rolled", 0, names) for dose in DOSES}
    low = int(x.abs().amax((1, 2)).argmin())
    cells = [trace(x.numpy(), maps[dose].abs().numpy(), low, "V5") for dose in DOSES]
    panel = panel_of(["V5"] * len(DOSES), cells, len(DOSES))
    top, zoom = 12.0, WIDTH / panel.sheet.width
    page = Page(top + height_of(panel) + 55.0)
    page.write(2, 3.5, "A network reads T in V5: its true map, more and more of it replaced")
    page.key(3.5)
    page.ecg(top, panel)
    for cell, dose in zip(panel.sheet.cells, DOSES, strict=True):
        page.write(cell.left * zoom, 9.0, f"{percent(dose)} noise", fontweight="bold")
    for place, (title, metric) in enumerate(TRIALS.items()):
        scores = [float(metric(net, x, each, 0).mean()) for each in maps.values()]
        axes = page.axes(16.0 + 80.0 * place, top + height_of(panel) + 12.0, 60.0, 32.0)
        axes.plot(
            [100 * dose for dose in DOSES], scores, "o-", color=(BLUE, GREY)[place], clip_on=False
        )
        axes.set_ylim(bottom=0)
        axes.set_xlabel("noise, %")
        better = "higher" if metric.higher_is_better else "lower"
        axes.set_ylabel(f"score ({better} is better)")
        quiet(axes, title, 8.5)
    return page.figure


__all__ = ["effects", "localisation", "meta_evaluation", "relevance"]
