"""Tables of Storås 2025 from findings, printed numbers beside."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from ecglens.eval import Finding, rank
from ecglens.explain import find
from ecglens.report import PerturbationView, style
from ecglens.report.text import fixed
from scipy.stats import rankdata

from .agreement import network_agreements, order_agreement
from .experiments import Section, Table, labelled, metric
from .printed import (
    PRINTED_INPUT,
    PRINTED_SOURCE,
    PRINTED_UNTIL,
    RANDOM,
    STORAS,
    printed_auc,
    printed_errors,
    printed_kappa,
    printed_methods,
    printed_votes,
)

DECIMALS = 2  # as in Storås 2025, Table 4
INDENT = "\u2003"  # of a row that belongs to the one above
METHODS = (
    "Table 1: what each method needs. Any network: one that has gradients; other methods are "
    "tried on a network first. In the columns of the article no entry means none."
)
# Rungs of the null ladder, as the ranking and the table's columns name them.
SHARES = ("target_prior", "mean_of_others", "another_patient")
LEVEL_COLUMNS = ("target", "input", "method", "level", "above_random", *SHARES)
POOR = 3  # the tier of methods whose area is near random's: a share of it would be noise


def auc_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """AUC, 95 % interval and class (1 best, 2 medium, 3 poor) per target, input and method.

    `printed` is the AUC of Storås 2025, Table 4, NaN where there is none: for strips, for ECGs that
    its generator did not make, and by other rules than its own.
    """
    rows = []
    for finding in findings:
        target, given = finding.about.target.name, finding.about.input
        theirs = _printed(finding)
        rows += [
            {
                "target": target,
                "input": given,
                "method": row["method"],
                "auc": row["value"],
                "low": row["low"],
                "high": row["high"],
                "class": row["tier"],
                "printed": theirs.get(row["method"], np.nan),
                "networks": len(finding.about.networks),
                "ecgs": len(finding.about.records),
            }
            for row in rank(finding).table.to_dict("records")
        ]
    return pd.DataFrame(rows).astype({"class": "Int64"})


def order_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """Spearman ρ with the printed order (order_agreement), and the order over the cut-offs.

    `stable` says whether every cut-off of the area gives one order, `kendall` is the lowest τ.
    """
    rows = []
    for finding in findings:
        found, ranking = order_agreement(finding, _printed(finding)), rank(finding)
        rows.append(
            {
                "target": finding.about.target.name,
                "input": finding.about.input,
                "rho": found.rho,
                "low": found.low,
                "high": found.high,
                "methods": found.methods,
                "stable": ranking.stable,
                "kendall": ranking.agreement,
            }
        )
    return pd.DataFrame(rows)


def network_order_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """Spearman ρ of each network's areas with the printed ones and with the other networks'.

    See network_agreements.
    """
    rows = [
        (finding.about.target.name, finding.about.input, *row)
        for finding in findings
        for row in network_agreements(finding, _printed(finding))
    ]
    return pd.DataFrame(rows, columns=pd.Index(["target", "input", "network", "beside", "rho"]))


def error_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """Error of each network on its test part, in ms or µV, and the printed ones."""
    rows = []
    for finding in findings:
        target, given = finding.about.target, finding.about.input
        theirs = printed_errors().get(target.name, {}) if _as_printed(finding) else {}
        for number in range(len(finding.about.networks)):
            facts = finding.about.facts(number)
            row = {"target": target.name, "unit": target.unit, "input": given, "network": number}
            for name in ("mae", "rmse"):
                known, value = theirs.get(name, np.nan), metric(facts, name)
                row |= {name: value, f"{name}_printed": known, f"{name}_ratio": value / known}
            rows.append(row)
    return pd.DataFrame(rows)


def _printed(finding: Finding) -> Mapping[str, float]:
    """Printed AUCs of the target; empty where the areas are not by the rules of the article."""
    protocol = finding.curves[0].protocol
    same = protocol.name == STORAS and protocol.until == PRINTED_UNTIL
    if same and _as_printed(finding):
        return printed_auc().get(finding.about.target.name, {})
    return {}


def _as_printed(finding: Finding) -> bool:
    """True where the ECGs are of the kind that numbers were printed for."""
    about = finding.about
    return about.input == PRINTED_INPUT and about.facts().get("source") == PRINTED_SOURCE


def paper_table(rows: pd.DataFrame, left_out: Sequence[str] = ()) -> pd.DataFrame:
    """AUC (class) [interval] for each method and target, and below it the printed AUCs.

    The last row has the numbers of ECGs and networks.

    `rows` are those of one input (auc_table); methods by their names.
    """
    targets = list(dict.fromkeys(rows["target"]))
    names = sorted({*rows["method"]} - {*left_out}, key=lambda name: style(name).label)
    of = {(row["method"], row["target"]): row for row in rows.to_dict("records")}
    lines: list[list[str]] = []
    for name in names:
        each = [of.get((name, target)) for target in targets]
        lines.append([style(name).label, *(_own_cell(row) for row in each)])
        printed = [_printed_cell(row) for row in each]
        if any(printed):
            lines.append([f"{INDENT}printed", *printed])
    numbers = rows.groupby("target")[["ecgs", "networks"]].first()
    sizes = [f"{numbers['ecgs'][target]} × {numbers['networks'][target]}" for target in targets]
    lines.append(["ECGs × networks", *sizes])
    return pd.DataFrame(lines, columns=pd.Index(["Method", *(name.upper() for name in targets)]))


def _own_cell(row: Mapping[Hashable, Any] | None) -> str:
    if row is None:
        return ""
    own, low, high = (fixed(row[name], DECIMALS) for name in ("auc", "low", "high"))
    rank = "" if pd.isna(row["class"]) else f" ({row['class']})"
    return f"{own}{rank} [{low}, {high}]"


def _printed_cell(row: Mapping[Hashable, Any] | None) -> str:
    return "" if row is None or pd.isna(row["printed"]) else fixed(row["printed"], DECIMALS)


def methods_table(finding: Finding, names: Sequence[str]) -> Table:
    """A row per method; settings are those of the run."""
    settings = finding.facts.get("settings", {}).get("method", {})
    rows = []
    for name in names:
        facts, theirs = find(name).facts, printed_methods().get(name, {})
        rows.append(
            {
                "method": name,
                "any network": facts.any_network,
                "baseline": facts.baseline,
                "noise": "noise" in settings.get(name, {}),
                "passes per ECG": facts.gradients + facts.predictions,
                "printed: requirements": theirs.get("requirements", ""),
                "printed: baseline": theirs.get("baseline", ""),
                "printed: noise": theirs.get("noise", ""),
            }
        )
    numbers = pd.DataFrame(rows)
    return Table("table-1", METHODS, numbers, labelled(numbers))


def votes_table(areas: pd.DataFrame) -> pd.DataFrame:
    """First choice by votes and by area, and Spearman ρ of votes with areas, per target.

    `areas` are rows of auc_table of one input. Over the methods that have votes.
    """
    rows = []
    for target, of_target in areas.groupby("target", sort=False):
        name = str(target)
        ours = of_target.set_index("method")["auc"].to_dict()
        for heatmaps in ("full", "averaged"):
            votes = printed_votes(heatmaps).get(name)
            if votes is None:
                continue
            rows.append(
                {
                    "target": name,
                    "map": heatmaps,
                    "votes_first": _first(votes),
                    "printed_first": _first({m: printed_auc()[name][m] for m in votes}),
                    "own_first": _first({m: ours[m] for m in votes if m in ours}),
                    "rho_printed": _rho(votes, printed_auc()[name]),
                    "rho_own": _rho(votes, ours),
                    "kappa_printed": printed_kappa()[name][heatmaps],
                }
            )
    return pd.DataFrame(rows)


def _first(values: Mapping[str, float]) -> str:
    """Method of the largest value; all methods that share it."""
    best = max(values.values(), default=np.nan)
    return " ".join(name for name, value in values.items() if value == best)


def _rho(votes: Mapping[str, float], areas: Mapping[str, float]) -> float:
    """Spearman ρ over the methods that both have; NaN for fewer than 3, or equal values alone."""
    both = [name for name in votes if name in areas]
    one, other = (rankdata([each[name] for name in both]) for each in (votes, areas))
    if len(both) < 3 or not np.ptp(one) or not np.ptp(other):
        return np.nan
    return float(np.corrcoef(one, other)[0, 1])


def template_parts(views: Sequence[PerturbationView]) -> list[Section]:
    """Table of these rankings as a part; empty where none has a rung above random."""
    table = template_table(views)
    if not len(table):
        return []
    caption = (
        "Level of the null ladder that each method reaches (3: beats other patients' maps), "
        "and the area above random of three other maps, as a share of that of the method's own "
        "map: random numbers within the target region, the mean of other patients' maps, and "
        "another patient's map. A share near 1: the method's own map does no more. Empty for a "
        "method that was not shown to be above random, or is of class 3, whose area is near "
        "random's; and for a map that was not run. The CSV has the shares of methods that were "
        "not shown to be above random too, where another method of the target was."
    )
    made = Table("templates", caption, table, shown_shares(table))
    return [Section("How much of a heatmap is a template?", (made,))]


def shown_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Table without the shares of methods that were not shown to be above random."""
    return table.assign(**table[[*SHARES]].where(table["above_random"]))


def template_table(views: Sequence[PerturbationView]) -> pd.DataFrame:
    """A row per target, input and method: level, and SHARES of the own area above random."""
    rows = [row for view in views for row in _rows(view)]
    return pd.DataFrame(rows, columns=pd.Index(LEVEL_COLUMNS))


def _rows(view: PerturbationView) -> Iterator[tuple[object, ...]]:
    ranking, about = view.ranking, view.finding.about
    rungs = ranking.ladder.rungs
    if not {*SHARES} & {*rungs["rung"]}:
        return
    table = ranking.table.set_index("method").loc[[*ranking.ladder.reached]]
    for name, of_method in rungs.groupby("method", sort=False):
        each = of_method.set_index("rung")[["auc", "own"]]
        above_random = each.reindex([*SHARES]) - each.loc[RANDOM, "auc"]
        shares = above_random["auc"] / above_random["own"]
        if table.loc[name, "tier"] == POOR or not table["beats_random"].any():
            shares = shares * np.nan
        level, above = ranking.ladder.reached[str(name)], bool(table.loc[name, "beats_random"])
        yield about.target.name, about.input, name, level, above, *shares
