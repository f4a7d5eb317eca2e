"""The null ladder, and how sure the order of a ranking is: effects, variance, ranks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ...eval import ANOTHER_PATIENT, MEAN_OF_OTHERS, TARGET_PRIOR, Finding, Ranking, rank_test
from ...eval.ranking import harder_to_beat, level_name, of_the_mean, strata
from ...eval.statistics import LEVEL, Friedman
from ..figures.intervals import Mark, draw_interval, method_rows
from ..style import GREY, INK, TYPE, listed, style
from ..text.numerals import number, percent, probability, sampled

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
    """Values for the template: rungs that methods share, then a row per method.

    `grains` are the resolutions of the methods’ maps. Empty where no rung was computed.
    """
    rungs = harder_to_beat(ranking.ladder.rungs)
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
    priors = rungs.loc[rungs["rung"] == TARGET_PRIOR].drop_duplicates("auc")
    for row in priors.to_dict("records"):
        grain = grains.get(row["method"], "point")
        label = f"Target prior, random {GRAINS.get(grain, grain)}"
        found.append({"label": label, "value": row["auc"], "low": row["low"], "high": row["high"]})
    return sorted(found, key=lambda row: row["value"])


def ladder_table(ranking: Ranking) -> pd.DataFrame:
    """Rungs with the p and the verdict of their level, to be written as CSV."""
    return ranking.ladder.rungs.merge(ranking.ladder.levels, on=["method", "level"], how="left")


def ladder_figure(ranking: Ranking, unit: str, title: str) -> Figure | None:
    """Own area minus each rung's with its 95 % interval, a panel per rung; None without rungs."""
    rungs = harder_to_beat(ranking.ladder.rungs)
    there = [name for name in RUNGS if name in {*rungs["rung"]}]
    methods = [name for name in ranking.names if name in ranking.ladder.reached]
    if not there:
        return None
    figure = Figure(figsize=(WIDTH, HEAD + ROW * len(methods)), layout="constrained")
    # One scale: a column on its own scale looks as far above its null as another.
    panels = figure.subplots(1, len(there), sharex=True, sharey=True, squeeze=False)[0]
    for axes, rung in zip(panels, there, strict=True):
        axes.axvline(0, color=INK, linewidth=0.8)
        _dots(axes, rungs[rungs["rung"] == rung].set_index("method"), methods)
        axes.set_xlabel(unit)
        method_rows(axes, methods, f"above {RUNGS[rung]}", 8.5)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10, **TYPE)
    return figure


def _dots(axes: Any, rows: pd.DataFrame, methods: Sequence[str]) -> None:
    """A dot and an interval per method; hollow and grey where the interval holds 0."""
    for place, name in enumerate(methods):
        if name not in rows.index:
            continue
        value, low, high = rows.loc[name, ["difference", "difference_low", "difference_high"]]
        told = low > 0 or high < 0
        mark = Mark(INK if told else GREY, not told, size=5)
        draw_interval(axes, place, (value, low, high), mark)


# Of two methods the ranks say no more than the share of ECGs on which one is ahead.
LEAST_METHODS = 3
# Two networks differ in one number, and it takes more to say how far networks differ.
LEAST_NETWORKS = 3
# Sources of variance: in the head of a table, in a sentence, and what makes them count less.
SOURCES = {
    "ecg": ("ECG", "the ECG", "ECGs"),
    "network": ("Network", "the network", "networks"),
    "ecg_network": ("ECG × network", "ECG and network together", "ECGs or networks"),
    "draw": ("Noise draw", "the noise draw", "noise draws"),
    "rest": ("Draw × network", "draw and network together", "noise draws"),
}
SPLITS = {"label": "label of the ECG", "prediction": "side of the prediction"}
# Columns of a ranking that the table of a page repeats.
OF_RANKING = ("superiority", "p_best", "equivalent", "first", "place_low", "place_high")


@dataclass(frozen=True)
class RankingUncertainty:
    """How sure the order of methods is, over networks that differ in their seed alone."""

    finding: Finding
    ranking: Ranking

    @cached_property
    def test(self) -> Friedman | None:
        """Friedman's test; None for fewer than LEAST_METHODS."""
        return rank_test(self.finding) if len(self.methods) >= LEAST_METHODS else None

    @property
    def tells(self) -> bool:
        """True if mean ranks differ at all, without which no two of them may be compared."""
        return self.test is not None and self.test.p < LEVEL

    @property
    def methods(self) -> pd.DataFrame:
        """The rows of the ranking that are no controls."""
        return self.ranking.table.loc[self.ranking.table["kind"] == "method"]

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row per method, best first: effect, places, mean rank, variances by source."""
        ranks = dict(zip(self.test.methods, self.test.mean_ranks, strict=True)) if self.test else {}
        table = self.methods.loc[:, ["method", *OF_RANKING]].assign(
            mean_rank=[ranks.get(name, np.nan) for name in self.methods["method"]]
        )
        return table.join(self.ranking.variance, on="method").reset_index(drop=True)

    @cached_property
    def strata(self) -> pd.DataFrame:
        """Each method's score by label and by side of the prediction (eval.ranking.strata)."""
        return strata(self.finding)

    @property
    def sources(self) -> list[str]:
        """Those that can be told from each other; none where there is only one."""
        found = [name for name in SOURCES if np.isfinite(self.table[name]).any()]
        return found if len(found) > 1 else []

    @property
    def rows(self) -> list[dict]:
        """The table with `sd`, the whole spread, and `shares` of its variance by source."""
        parts = self.table.loc[:, [*SOURCES]].clip(lower=0)
        whole = parts.sum(axis=1)
        shares = parts.loc[:, self.sources].div(whole.where(whole > 0), axis=0)
        more = self.table.assign(sd=np.sqrt(whole), shares=shares.to_numpy().tolist())
        return more.to_dict("records")

    @cached_property
    def uncertainty(self) -> pd.DataFrame:
        """Share of each source in the uncertainty of the mean areas above random, largest first.

        Empty where the sources cannot be told from each other, or nothing varies.
        """
        columns = {"source": [], "share": []}
        draws = self.finding.curves[0].protocol.draws
        split = self.table.loc[:, [*SOURCES]]
        added = of_the_mean(split, self.ranking.networks, draws, self.ranking.ecgs).sum()
        if self.sources and added.sum() > 0:
            shares = (added / added.sum()).sort_values(ascending=False, kind="stable")
            columns = {"source": [*shares.index], "share": [*shares]}
        return pd.DataFrame(columns)

    @property
    def friedman(self) -> pd.DataFrame:
        """Friedman's test of the ranks as a row; empty where there is none."""
        if self.test is None:
            return pd.DataFrame()
        names = ("statistic", "p", "blocks", "critical_difference")
        return pd.DataFrame([{name: getattr(self.test, name) for name in names}])

    @property
    def sentences(self) -> list[str]:
        """Sentences on the order; empty where no method was scored."""
        if self.table.empty:
            return []
        said = (self._for_what(), self._spread(), self._networks(), self._ranks(), self._both())
        return [*filter(None, (*said, *self._strata()))]

    def _for_what(self) -> str:
        if self.ranking.best is not None:
            return ""
        return (
            "No method was shown to reach the level that is needed: however sure, it is "
            "an order of maps not to rely on."
        )

    def _spread(self) -> str:
        """Where more would make the mean differences from random surer."""
        if not self.sources:
            return "There is one network and one noise draw: the spread cannot be split."
        rows = self.uncertainty
        if rows.empty:
            return ""
        shares = ", ".join(
            f"{SOURCES[name][1]} {percent(share)}"
            for name, share in zip(rows["source"], rows["share"], strict=True)
            if share >= 0.005  # less is 0 in whole percent
        )
        helps = f"more {SOURCES[rows['source'].iloc[0]][2]} would help most"
        if 1 < self.ranking.networks < LEAST_NETWORKS:
            helps = "two networks have one degree of freedom, too few to say what would help most"
        return f"The uncertainty of the mean areas above random comes from: {shares}; {helps}."

    def _networks(self) -> str:
        if self.ranking.networks > 1:
            return ""
        return "One network cannot tell how a retrained one would rank them."

    def _ranks(self) -> str:
        if self.test is None:
            return f"Ranks are tested from {LEAST_METHODS} methods on."
        values = f"Friedman\u2019s χ² = {number(self.test.statistic)}, "
        values += f"p {'' if self.test.p < 0.001 else '= '}{probability(self.test.p)}"
        blocks = f"{self.test.blocks} {sampled(self.finding.facts)}"
        if self.tells:
            return f"Over {blocks} the methods\u2019 ranks differ beyond chance ({values})."
        return (
            f"Over {blocks} the methods\u2019 ranks may differ by chance ({values}): none can be "
            "told from another by how often it is ahead."
        )

    def _both(self) -> str:
        """Methods that area and ranks judge differently beside the strongest one."""
        if not self.tells or self.test is None or self.ranking.best is None:
            return ""
        table = self.table.set_index("method")
        behind = table["mean_rank"] - table.loc[self.ranking.best, "mean_rank"]
        by_rank = behind >= self.test.critical_difference
        compared = table["p_best"].notna() & (table.index != self.ranking.best)
        by_area = table["p_best"] < LEVEL
        sentences = ["Area measures how far a method is ahead, ranks measure how often."]
        for which, one, other in (
            (by_area & ~by_rank, "area", "ranks"),
            (by_rank & ~by_area, "ranks", "area"),
        ):
            if names := [str(name) for name in table.index[compared & which]]:
                verb = "is" if len(names) == 1 else "are"
                sentences.append(
                    f"{listed(names)} {verb} told from the strongest by {one} but not by {other}."
                )
        return " ".join(sentences) if len(sentences) > 1 else ""

    def _strata(self) -> list[str]:
        """A sentence per split where gaps matter: which methods, and the largest gap."""
        found = self.strata.loc[self.strata["matters"].astype(bool)]
        sentences = []
        for split, rows in found.groupby("split", sort=False):
            row = rows.loc[rows["gap"].abs().idxmax()]
            p = f"p {'' if row['p'] < 0.001 else '= '}{probability(row['p'])}"
            sentences.append(
                f"The score depends on the {SPLITS[str(split)]} (less than half as far above "
                f"random on one side): {listed([*rows['method']])}. Largest gap: "
                f"{style(row['method']).label}, {number(row['one_difference'])} above random where "
                f"the {row['one']}, {number(row['other_difference'])} where the {row['other']} "
                f"(gap {number(row['gap_low'])} to {number(row['gap_high'])}, {p})."
            )
        return sentences
