"""The null ladder on a page: a table of all rungs, a figure, and what was reached in words."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from ..eval import Ranking
from ..eval.ladder.rungs import ANOTHER_PATIENT, LEVELS, MEAN_OF_OTHERS, TARGET_PRIOR
from ..eval.ladder.words import level_name
from .figures import quiet
from .style import GREY, INK, RULE, TYPE, listed, style

# Rungs that each method has of its own, and what they are called on a page.
RUNGS = {
    TARGET_PRIOR: "random where the target lives",
    MEAN_OF_OTHERS: "mean map of other patients",
    ANOTHER_PATIENT: "another patient’s map",
}
ROW, HEAD, WIDTH = 0.24, 0.9, 7.2  # inches of a figure: a method, title and axis, a text column


def ladder_rows(ranking: Ranking) -> dict[str, Any]:
    """What the template needs: rungs that all methods share, then a row per method.

    Empty where no rung was computed.
    """
    rungs = ranking.ladder.rungs
    there = [name for name in RUNGS if name in {*rungs["rung"]}]
    if not there:
        return {}
    methods = [name for name in ranking.names if name in ranking.ladder.reached]
    table = rungs.set_index(["method", "rung"])
    return {
        "heads": [RUNGS[name] for name in there],
        "shared": _shared(ranking),
        "rows": [
            {
                "label": style(method).label,
                "auc": _row(ranking, method),
                "differences": [
                    table.loc[(method, rung)].to_dict() if (method, rung) in table.index else None
                    for rung in there
                ],
                "level": level_name(ranking.ladder.reached[method]),
            }
            for method in methods
        ],
    }


def _row(ranking: Ranking, name: str) -> dict[str, Any]:
    return ranking.table.set_index("method").loc[name, ["auc", "low", "high"]].to_dict()


def _shared(ranking: Ranking) -> list[dict[str, Any]]:
    """Area and interval of each control, and of the target prior at each resolution."""
    found = [
        {"label": style(name).label, **_row(ranking, name)}
        for name in ranking.table.loc[ranking.table["kind"] == "control", "method"]
    ]
    rungs = ranking.ladder.rungs
    priors = [*rungs.loc[rungs["rung"] == TARGET_PRIOR].groupby("auc", sort=True)]
    for auc, same in priors:
        label = RUNGS[TARGET_PRIOR].capitalize() + " (target prior"
        label += ")" if len(priors) == 1 else f", for {listed([*same['method']])})"
        first = same.iloc[0]
        found.append({"label": label, "auc": auc, "low": first["low"], "high": first["high"]})
    return sorted(found, key=lambda row: row["auc"])


def ladder_words(ranking: Ranking) -> list[str]:
    """Which methods reach which level, highest level first; then the level that none reaches."""
    reached = ranking.ladder.reached
    found = []
    for level in sorted(ranking.ladder.asked, reverse=True):
        names = [name for name in ranking.names if reached.get(name) == level]
        if names:
            only = " only" if level < max(ranking.ladder.asked) else ""
            found.append(f"{listed(names)}: {LEVELS[level - 1].name}{only}.")
    if none := [name for name in ranking.names if reached.get(name) == 0]:
        found.append(f"{listed(none)}: no level.")
    if 3 in ranking.ladder.asked and 3 not in reached.values():
        found.append(
            "No method was shown to do better with the ECG’s own map than with maps of other "
            "patients: nothing here is shown to be about one ECG."
        )
    return found


def ladder_table(ranking: Ranking) -> pd.DataFrame:
    """Rungs with the p and the verdict of their level, to be written as CSV."""
    return ranking.ladder.rungs.merge(ranking.ladder.levels, on=["method", "level"], how="left")


def ladder_figure(ranking: Ranking, unit: str, title: str) -> Figure | None:
    """Own area minus that of each rung with its 95 % interval, a panel a rung; None without any."""
    rungs = ranking.ladder.rungs
    there = [name for name in RUNGS if name in {*rungs["rung"]}]
    methods = [name for name in ranking.names if name in ranking.ladder.reached]
    if not there:
        return None
    figure = Figure(figsize=(WIDTH, HEAD + ROW * len(methods)), layout="constrained")
    panels = figure.subplots(1, len(there), sharey=True, squeeze=False)[0]
    for axes, rung in zip(panels, there, strict=True):
        axes.axvline(0, color=INK, linewidth=0.8)
        _dots(axes, rungs[rungs["rung"] == rung].set_index("method"), methods)
        quiet(axes, f"above {RUNGS[rung]}", size=8.5)
        axes.set_xlabel(unit)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="x", color=RULE, linewidth=0.5)
    panels[0].set_yticks(range(len(methods)), [style(name).label for name in methods], **TYPE)
    panels[0].set_ylim(len(methods) - 0.4, -0.6)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10, **TYPE)
    return figure


def _dots(axes: Any, rows: pd.DataFrame, methods: Sequence[str]) -> None:
    """A dot and an interval per method; hollow and grey where the interval holds 0."""
    for place, name in enumerate(methods):
        if name not in rows.index:
            continue
        row = rows.loc[name]
        low, high = float(row["difference_low"]), float(row["difference_high"])
        told = low > 0 or high < 0
        colour = style(name).colour if told else GREY
        axes.plot([low, high], [place, place], color=colour, linewidth=1.2)
        face = colour if told else "none"
        marker = style(name).marker
        axes.plot(
            float(row["difference"]),
            place,
            marker,
            color=colour,
            markerfacecolor=face,
            markersize=5,
        )
