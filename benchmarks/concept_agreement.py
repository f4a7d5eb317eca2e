"""The picture of agreement: what is observed, beside what agrees without any cause."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from ecglens.report.figures import quiet
from ecglens.report.style import BLUE, INK, style
from ecglens.report.text.numerals import MINUS
from ecglens_study import cohen_kappa
from matplotlib.figure import Figure

from .concept_page import Page

EXPLAINED = "af"  # the class that the study's own example explains
# One map for every ECG, hardly above the baseline, clearly above it (2), and a map of no network.
METHODS = ("deconvolution", "saliency", "integrated_gradients", "feature_ablation", "random")
ROW, GAP, TOP, LEFT, WIDE = 6.2, 8.0, 13.0, 50.0, 74.0  # mm


@dataclass(frozen=True)
class Agreement:
    """An agreement with what there is without a common cause; `says` is printed beside it."""

    name: str
    observed: float
    baseline: float
    says: str


def agreement(results: Path) -> Figure:
    """Agreement of methods and of networks in these kept results, and of two experts, as dots."""
    parts = {
        "Methods on one network (ρ of maps)": [*_methods(results)],
        "Retrained networks (ρ of maps)": [*_networks(results)],
        "Two experts (share of equal answers)": [*_experts()],
    }
    rows = sum(map(len, parts.values()))
    height = TOP + ROW * rows + GAP * len(parts) + 8.0
    page = Page(height)
    page.write(2.0, 4.0, "Filled dot: observed agreement. Hollow diamond: its baseline.", 8.5)
    page.write(LEFT + WIDE + 6.0, 10.0, "beyond it", 8.0, fontweight="bold")
    axes = page.axes(LEFT, TOP, WIDE, height - TOP - 8.0)
    axes.set(xlim=(-0.08, 1.05), ylim=(height - TOP - 8.0, 0.0))
    down = 0.0
    for title, found in parts.items():
        page.write(2.0, TOP + down + 3.5, title, 8.0, fontweight="bold")
        down += GAP
        for each in found:
            ends = each.baseline, each.observed
            axes.plot(ends, [down, down], color=INK, linewidth=1.2, zorder=2)
            axes.plot(each.baseline, down, "D", color="white", mec=INK, markersize=6.5, zorder=3)
            axes.plot(each.observed, down, "o", color=BLUE, markersize=4.5, zorder=4)
            page.write(LEFT - 2.0, TOP + down, each.name, 8.0, ha="right")
            page.write(LEFT + WIDE + 6.0, TOP + down, each.says, 8.0)
            down += ROW
    axes.patch.set_alpha(0.0)  # the titles of the parts reach into it
    axes.set_yticks([])
    quiet(axes, "")
    axes.spines["left"].set_visible(False)
    axes.tick_params(labelsize=8)
    return page.figure


def _methods(results: Path) -> Iterator[Agreement]:
    """Mean over all pairs of methods."""
    table = pd.read_csv(results / "similarity.csv")
    chosen = (table["explained"] == EXPLAINED) & (table["maps"] == "absolute")
    numbers = table.loc[chosen, ["pairs", "mean", "other_ecg"]].to_numpy(float)
    for pairs, observed, baseline in numbers:
        yield _of_maps(f"{pairs:.0f} pairs", observed, baseline)


def _networks(results: Path) -> Iterator[Agreement]:
    """A method's maps of networks that differ in their seed alone."""
    table = pd.read_csv(results / "consistency.csv")
    rows = table.loc[(table["explained"] == EXPLAINED) & (table["measure"] == "rho")]
    numbers = rows.set_index("method").loc[[*METHODS], ["value", "other_ecg"]].to_numpy(float)
    for name, (observed, baseline) in zip(METHODS, numbers, strict=True):
        yield _of_maps(style(name).label, observed, baseline)


def _of_maps(name: str, observed: float, baseline: float) -> Agreement:
    return Agreement(name, observed, baseline, _signed(observed - baseline))


def _experts() -> Iterator[Agreement]:
    """Two experts who choose among three maps: evenly, and nearly always the same one."""
    # Numbers of items by the pair of answers: 60 % are equal, where chance gives a third.
    even = {(i, j): 9 if i == j else 3 for i in range(3) for j in range(3)}
    skewed = {(0, 0): 118, (0, 1): 5, (1, 0): 2}  # the example of docs/study.md
    for name, counts in (("three maps equally often", even), ("nearly always one map", skewed)):
        one, other = (np.repeat([pair[n] for pair in counts], [*counts.values()]) for n in (0, 1))
        chance = sum(float((one == map_).mean() * (other == map_).mean()) for map_ in range(3))
        kappa = float(cohen_kappa(np.stack([one, other])).value[0])
        yield Agreement(name, float((one == other).mean()), chance, f"κ = {_plain(kappa)}")


def _plain(number: float) -> str:
    return f"{number:.2f}".replace("-", MINUS)


def _signed(number: float) -> str:
    return f"{number:+.2f}".replace("-", MINUS)
