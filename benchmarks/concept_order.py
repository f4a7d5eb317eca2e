"""Pictures of how sure an order of methods is: over patients, and where something is changed."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ecglens.eval import Finding
from ecglens.eval.statistics.ranks import kendall
from ecglens.report.figures import quiet
from ecglens.report.style import BLUE, GREY, INK, RULE, TYPE, style
from ecglens.report.text.numerals import MINUS
from matplotlib.figure import Figure

from .concept_page import Page

ROW, TIED = 8.5, 0.05  # mm of a method, and the p from which on it may be the best


def statistics(finding: Finding) -> Figure:
    """Each patient's difference from random as a dot, its mean with the interval, and the ties."""
    unit, table = finding.about.target.unit, finding.table
    rows = table.loc[table["kind"] == "method"].sort_values("value", ascending=False)
    scores = finding.scores["auc"]
    chance = scores["random"].mean((0, 1))
    count = len(rows)
    page = Page(ROW * count + 21.0)
    axes = page.axes(34.0, 9.0, 88.0, ROW * count)
    spread = np.random.default_rng(0)  # places of dots within a row; they say nothing
    for place, row in enumerate(rows.to_dict("records")):
        colour = style(row["method"]).colour
        difference = scores[row["method"]].mean((0, 1)) - chance
        jitter = place + spread.uniform(-0.3, 0.3, len(difference))
        axes.plot(difference, jitter, ".", color=GREY, markersize=3.5, alpha=0.6)
        axes.hlines(
            place, row["difference_low"], row["difference_high"], color=colour, lw=3, zorder=3
        )
        axes.plot(row["difference"], place, "D", color="white", mec=INK, markersize=5, zorder=4)
        page.write(124.0, 9.0 + ROW * (place + 0.5), _said(row), 7.5)
    axes.axvline(0, color=INK, linewidth=0.8)
    tied = int((rows["p_best"] >= TIED).sum())
    ends = 9.0 + 1.0, 9.0 + ROW * tied - 1.0
    page.sheet.plot([121, 122.5, 122.5, 121], [*ends[:1] * 2, *ends[1:] * 2], color=INK, lw=0.8)
    key = "Dot: a patient. Diamond and bar: mean over patients with its 95 % interval."
    page.write(34.0, 4.0, key, 8.0)
    axes.set_yticks(range(count), [style(name).label for name in rows["method"]], **TYPE)
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_xlabel(f"area less that of a random map on the same ECG, {unit} × steps")
    quiet(axes, "")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return page.figure


def _said(row: Mapping[Hashable, Any]) -> str:
    if row["p_best"] == 1.0:
        return "highest mean"
    if row["p_best"] >= TIED:
        return f"tied with it, p = {row['p_best']:.2f}"
    return "worse than the best" if row["beats_random"] else "not above random"


TARGETS = {"PR": "PR interval", "J": "J amplitude"}
CHANGES = ("noise seed", "other ECGs", "network")  # those that both protocols have
LOOKS = {
    "published": ("s", "none", "published, one draw"),
    "points": ("o", BLUE, "points, 5 draws"),
}
ENOUGH = 0.9  # the rule's smallest τ
COLUMNS = 9  # of that table; one of shares begins alike


def stability(finding: Finding, page_of: Path) -> Figure:
    """Two orders of the same methods, and τ of such pairs from the table of docs/stability.md."""
    page = Page(64.0)
    _two_orders(page, finding)
    rows = [
        [cell.strip() for cell in line.strip("| ").split("|")]
        for line in page_of.read_text(encoding="utf-8").splitlines()
        if line.startswith(("| published |", "| points |"))
    ]
    taus = {
        tuple(row[:3]): float(row[4].replace(MINUS, "-")) for row in rows if len(row) == COLUMNS
    }
    panels = [page.axes(91.0 + 36.0 * number, 15.0, 31.0, 30.0) for number in range(len(TARGETS))]
    for axes, (target, title) in zip(panels, TARGETS.items(), strict=True):
        axes.axvspan(ENOUGH, 1.05, color=RULE, alpha=0.6, linewidth=0)
        for protocol, (marker, fill, label) in LOOKS.items():
            found = [taus[protocol, target, change] for change in CHANGES]
            axes.plot(found, range(len(found)), marker, color=BLUE, mfc=fill, ms=7, label=label)
        axes.set_yticks(range(len(CHANGES)), CHANGES if axes is panels[0] else [""] * 3)
        axes.set(xlim=(0, 1.05), ylim=(len(CHANGES) - 0.5, -0.5), xlabel="mean τ of pairs")
        quiet(axes, title, 8.5)
        axes.grid(axis="x", color=RULE, linewidth=0.5)
    page.figure.legend(
        *panels[0].get_legend_handles_labels(),
        loc="lower right", ncols=2, frameon=False, fontsize=8, labelcolor=INK,
    )  # fmt: skip
    page.write(86.0, 4.0, "Is it the same for another draw, other", 8.5, fontweight="bold")
    page.write(86.0, 7.8, "ECGs, another network? Shaded: yes", 8.5, fontweight="bold")
    return page.figure


def _two_orders(page: Page, finding: Finding) -> None:
    """The methods in the order of the first and of the second noise draw of a finding."""
    scores, table = finding.scores["auc"], finding.table
    names = [*table.loc[table["kind"] == "method", "method"]]
    areas = np.array([[scores[name][0, draw].mean() for name in names] for draw in (0, 1)])
    ranks = (-areas).argsort(axis=1).argsort(axis=1)
    tau = float(kendall(*areas))
    page.write(2.0, 4.0, f"Methods by two noise draws: τ = {tau:.2f}", 8.5, fontweight="bold")
    axes = page.axes(29.0, 9.0, 11.0, 49.0)
    for name, (one, other) in zip(names, ranks.T, strict=True):
        axes.plot([0, 1], [one, other], "o-", color=style(name).colour, ms=5, clip_on=False)
        for across, place, side in ((-0.15, one, "right"), (1.15, other, "left")):
            axes.text(across, place, style(name).label, ha=side, va="center", fontsize=7, **TYPE)
    axes.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.5))
    axes.axis("off")
