"""Pictures of the score, the null ladder and the statistics, from a finding of a run."""

import numpy as np
import pandas as pd
import torch
from ecglens.ecg import FS_HZ
from ecglens.eval import Finding, area_under_curve, prediction_change
from ecglens.eval.ranking import harder_to_beat
from ecglens.report.figures import quiet
from ecglens.report.figures.paper import places
from ecglens.report.style import BLUE, GREY, INK, RULE, VERMILION, style
from ecglens_paper.figures.panels import Trace
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .concept_page import WIDTH, Page, height_of, lead, panel_of

SHOWN_LEADS = ("II", "V6")  # P is upright in both
STEPS = (0, 5, 25)


def best_of(finding: Finding) -> str:
    """The method of largest area."""
    table = finding.table
    return str(table.loc[table["kind"] == "method"].sort_values("value")["method"].iloc[-1])


def moved_most(finding: Finding, name: str) -> int:
    """The ECG of the gallery that the method's steps move most."""
    curves = finding.curves[0]
    rows = [curves.records.index(record) for record in curves.gallery.records]
    change = prediction_change(torch.from_numpy(curves.predictions[name][0, rows]))
    return int(area_under_curve(change, curves.protocol.until).argmax())


def perturbation(finding: Finding) -> Figure:
    """An ECG after 0, 5 and 25 steps of the best method, above the curve of the prediction."""
    curves, name = finding.curves[0], best_of(finding)
    gallery, unit = curves.gallery, finding.about.target.unit
    number = moved_most(finding, name)
    steps = gallery.steps
    if steps is None:
        raise ValueError("expected a run that kept its steps; run it again")
    hit, x = steps.hit(name, number), gallery.x[number]
    row = curves.records.index(gallery.records[number])
    read = {each: curves.predictions[each][0, row] for each in (name, "random")}
    after = [x + np.where(hit <= k, steps.changes[number], 0) for k in STEPS]
    cells = [(name, k) for name in SHOWN_LEADS for k in range(len(STEPS))]
    traces = [Trace(lead(after[k], each), None) for each, k in cells]
    panel = panel_of([each for each, _ in cells], traces, len(STEPS))
    top, zoom = 12.0, WIDTH / panel.sheet.width
    page = Page(top + height_of(panel) + 55.0)
    said = f"{finding.about.target.name.upper()} as read after k segments were replaced"
    page.write(2, 3.5, f"{said}, in the order of {style(name).label} (thick; thin: as before)", 8.5)
    axes = page.ecg(top, panel)
    for cell, k in zip(panel.sheet.cells, STEPS, strict=False):
        text = f"k = {k}: {read[name][k]:.0f} {unit}"
        page.write(cell.left * zoom, 9.0, text, 9.0, fontweight="bold")
    for cell, (each, k) in zip(panel.sheet.cells, cells, strict=True):
        changed = lead(hit, each) <= STEPS[k]
        for signal, colour, width in ((x, INK, 0.6), (after[k], VERMILION, 2.6)):
            across, down = places(cell.left, cell.zero, lead(signal, each), FS_HZ)
            down = np.where(changed, down, np.nan)
            axes.plot(across, down, color=colour, linewidth=width, zorder=4)
    _curve(page, top + height_of(panel) + 8.0, read, name, curves.protocol.until, unit)
    return page.figure


def _curve(
    page: Page, top: float, read: dict[str, np.ndarray], name: str, until: int, unit: str
) -> None:
    axes = page.axes(16.0, top, 138.0, 36.0)
    for each, values in read.items():
        change, look = np.abs(values - values[0]), style(each)
        area = float(area_under_curve(torch.from_numpy(change)[None], until)[0])
        label = f"{look.label}: area {area:.0f} {unit} × steps"
        axes.plot(change, look.dash, color=look.colour, linewidth=1.8, label=label)
        if each == name:
            span = np.arange(until + 1)
            axes.fill_between(span, change[: until + 1], color=look.colour, alpha=0.25, linewidth=0)
            axes.plot(STEPS, change[[*STEPS]], "o", color=INK, markersize=5, clip_on=False)
    axes.axvline(until, color=GREY, linewidth=0.8, linestyle=":")
    axes.set(xlim=(0, STEPS[-1]), xlabel=f"step k; the score is the shaded area up to k = {until}")
    axes.set_ylim(bottom=0)
    axes.set_ylabel(f"change of\nthe prediction, {unit}")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    quiet(axes, "")
    axes.legend(frameon=False, fontsize=8, loc="best", labelcolor=INK)


KNOWS = {
    "random": "nothing",
    "abs_x": "this ECG: where it is high",
    "abs_dx": "this ECG: where it is steep",
    "target_prior": "the region of the target",
    "mean_of_others": "the network, ECGs in general",
    "another_patient": "the network, one other ECG",
}
RUNGS = {
    "random": "random numbers",
    "abs_x": "|x|",
    "abs_dx": "|dx/dt|",
    "target_prior": "target prior",
    "mean_of_others": "mean of others’ maps",
    "another_patient": "another patient’s map",
}
LEVELS = {
    1: "beats the controls",
    2: "beats the target\nregion itself",
    3: "beats other\npatients’ maps",
}
STEP, STAIRS = 9.5, 63.0  # mm: a rung, and the right end of all
PALE = "#cfe3f1"  # under the map that is tested


def ladder(finding: Finding, rungs: pd.DataFrame) -> Figure:
    """The rungs as steps with what each map knows; beside them its area and the best method's.

    `rungs` is the run's …-ladder.csv.
    """
    name, unit = best_of(finding), finding.about.target.unit
    rows = harder_to_beat(rungs.loc[rungs["method"] == name]).set_index("rung")
    rows = rows.loc[[rung for rung in RUNGS if rung in rows.index]]
    count = len(rows)
    top, bottom = 8.0, 8.0 + STEP * (count + 1)
    page = Page(bottom + 12.0)
    page.write(2, 4.0, "A null map, and what it knows", 8.5, fontweight="bold")
    page.write(65, 4.0, "To be above these is", 8.5, fontweight="bold")
    page.write(106, 4.0, "How far it moves the network", 8.5, fontweight="bold")
    for place, rung in enumerate(rows.index):
        _stair(page, place, bottom, RUNGS[rung], f"knows {KNOWS[rung]}", RULE)
    _stair(page, count, bottom, f"{style(name).label}, its own map", "the map that is tested", PALE)
    for level, text in LEVELS.items():
        if (own_rungs := np.flatnonzero(rows["level"] == level)).size:
            low, high = (bottom - STEP * at for at in (own_rungs[0] + 0.1, own_rungs[-1] + 0.9))
            page.sheet.plot([65, 66.5, 66.5, 65], [low, low, high, high], color=INK, linewidth=0.8)
            reached = "reached" if rows["reached"].iloc[own_rungs].all() else "not shown"
            page.write(68, (low + high) / 2, f"level {level}: {reached}\n{text}", 7.5)
    axes = page.axes(106.0, top, 50.0, bottom - top)
    axes.hlines(range(count), rows["low"], rows["high"], color=GREY, linewidth=2.0)
    axes.plot(rows["auc"], range(count), "o", color=GREY, markerfacecolor="white", markersize=6)
    own = finding.table.set_index("method").loc[name]
    axes.hlines(count, own["low"], own["high"], color=BLUE, linewidth=2.4)
    axes.plot(own["value"], count, "o", color=BLUE, markersize=7)
    axes.axvline(own["value"], color=BLUE, linewidth=0.8, linestyle=":")
    axes.set(ylim=(-0.5, count + 0.5), xlabel=f"area, {unit} × steps; 95 % interval")
    axes.set_xlim(left=0)
    axes.set_yticks([])
    quiet(axes, "")
    axes.spines["left"].set_visible(False)
    return page.figure


def _stair(page: Page, place: int, bottom: float, name: str, knows: str, colour: str) -> None:
    left, low, high = 2.0 + 2.5 * place, bottom - STEP * place, bottom - STEP * (place + 1)
    corners = [left, STAIRS, STAIRS, left], [low, low, high + 0.8, high + 0.8]
    page.sheet.fill(*corners, color=colour, linewidth=0)
    page.write(left + 1.5, (low + high) / 2 - 1.4, name, 8.0, fontweight="bold")
    page.write(left + 1.5, (low + high) / 2 + 2.2, knows, 7.0)
