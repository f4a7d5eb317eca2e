"""The null ladder on a page: a table of all rungs and a figure."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from ...eval import ANOTHER_PATIENT, MEAN_OF_OTHERS, TARGET_PRIOR, Ranking
from ...eval.ranking import level_name
from ..figures.curves import quiet
from ..style import GREY, INK, RULE, TYPE, style

# Rungs that each method has of its own, and what they are called on a page.
RUNGS = {
    TARGET_PRIOR: "target prior",
    MEAN_OF_OTHERS: "mean of others",
    ANOTHER_PATIENT: "another patient’s",
}
# The resolution of a target prior as it stands in a table.
GRAINS = {"point": "points", "moment": "moments", "wave": "waves"}
ROW, HEAD, WIDTH = 0.24, 0.9, 7.2  # inches of a figure: a method, title and axis, a text column


def ladder_rows(ranking: Ranking, grains: Mapping[str, str]) -> dict[str, Any]:
    """What the template needs: rungs that methods share, then a row per method.

    `grains` are the resolutions of the methods’ maps. Empty where no rung was computed.
    """
    rungs = ranking.ladder.rungs
    there = [name for name in RUNGS if name in {*rungs["rung"]}]
    if not there:
        return {}
    methods = [name for name in ranking.names if name in ranking.ladder.reached]
    table = rungs.set_index(["method", "rung"])
    return {
        "heads": [RUNGS[name] for name in there],
        "shared": _shared(ranking, grains),
        "rows": [
            {
                "label": style(method).label,
                "own": _row(ranking, method),
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
    return ranking.table.set_index("method").loc[name, ["value", "low", "high"]].to_dict()


def _shared(ranking: Ranking, grains: Mapping[str, str]) -> list[dict[str, Any]]:
    """Area and interval of each control, and of the target prior at each resolution."""
    found = [
        {"label": style(name).label, **_row(ranking, name)}
        for name in ranking.table.loc[ranking.table["kind"] == "control", "method"]
    ]
    rungs = ranking.ladder.rungs
    priors = [*rungs.loc[rungs["rung"] == TARGET_PRIOR].groupby("auc", sort=True)]
    for auc, same in priors:
        grain = grains.get(str(same["method"].iloc[0]), "point")
        label = f"Target prior, random {GRAINS.get(grain, grain)}"
        first = same.iloc[0]
        found.append({"label": label, "value": auc, "low": first["low"], "high": first["high"]})
    return sorted(found, key=lambda row: row["value"])


def ladder_table(ranking: Ranking) -> pd.DataFrame:
    """Rungs with the p and the verdict of their level, to be written as CSV."""
    return ranking.ladder.rungs.merge(ranking.ladder.levels, on=["method", "level"], how="left")


def ladder_figure(ranking: Ranking, unit: str, title: str) -> Figure | None:
    """Own area minus each rung's with its 95 % interval, a panel per rung; None without rungs."""
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
        significant = low > 0 or high < 0
        colour = style(name).colour if significant else GREY
        axes.plot([low, high], [place, place], color=colour, linewidth=1.2)
        face = colour if significant else "none"
        marker = style(name).marker
        axes.plot(
            float(row["difference"]),
            place,
            marker,
            color=colour,
            markerfacecolor=face,
            markersize=5,
        )
