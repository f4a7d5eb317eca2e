"""Bender 2023: mean relevance by class, outcome and lead, and the verdicts on its findings."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from ecglens.eval import Finding
from ecglens.explain import find, methods
from ecglens.report import unique_key
from ecglens.report.text import percent

from .experiments import Section, Table, headed, labelled, learned, of_data, with_interval
from .printed import ABSTRACT, printed_bender

FALSE = "near 0 for false classifications"  # a finding, as printed_bender() names it
OUTCOMES = ("TP", "FP", "TN", "FN")
KindOfMap = Literal["contribution", "slope", "other"]
KINDS: dict[str, KindOfMap] = {"target": "contribution", "target/µV": "slope"}
ALL_LEADS = 12
FIRST = 3  # leads that are named
HEADS = {
    "explained": "class", "r": "r with the class", "compared_with": "compared with",
    "r_there": "r there",
} | {f"sum_{name.lower()}": f"Σ R: {name}" for name in OUTCOMES}  # fmt: skip
APART = (
    "Verdicts are counted for each network by the kind of map. Contributions are in the unit of "
    "the output, as relevance is. Slopes are gradients: their mean is no relevance, so that their "
    "verdicts do not speak about the study. Others are in neither unit."
)


def classes_of(finding: Finding) -> list[str]:
    """Classes whose output is explained."""
    return list(dict.fromkeys(finding.details["findings"]["explained"]))


def rows_of(finding: Finding, table: str, explained: str) -> pd.DataFrame:
    """Rows of the methods on a class in a table of the finding; empty where it was not made."""
    rows = finding.details.get(table)
    if rows is None:
        return pd.DataFrame()
    return rows.loc[(rows["explained"] == explained) & (rows["kind"] == "method")]


def outcomes_of(finding: Finding, explained: str) -> Mapping[str, int | None]:
    """Number of ECGs by outcome, None where too few for a mean; `errors` are FP and FN."""
    counts: dict[str, int | None] = dict.fromkeys(OUTCOMES)
    rows = rows_of(finding, "by_output", explained)
    if len(rows):
        first = rows.loc[rows["method"] == rows["method"].iloc[0]]
        counts |= {str(name): int(each["ecgs"].sum()) for name, each in first.groupby("outcome")}
    said = finding.details["findings"]
    wrong = said.loc[(said["explained"] == explained) & (said["finding"] == FALSE), "ecgs"]
    errors = int(wrong.iloc[0]) if len(wrong) else None
    return {"errors": errors, **counts, **_false(counts, errors)}


def _false(counts: Mapping[str, int | None], errors: int | None) -> dict[str, int]:
    """FP and FN as far as their sum tells them."""
    if errors is None:
        return {}
    known = {name: each for name in ("FP", "FN") if (each := counts[name]) is not None}
    left = errors - sum(known.values())
    return known | {name: left for name in {"FP", "FN"} - {*known} if known or not left}


def kind_of_map(method: str) -> KindOfMap:
    """Contribution in the unit of the output, slope in that of its gradient, or other."""
    return KINDS.get(find(method).facts.unit, "other") if method in methods() else "other"


def means_part(found: Sequence[Finding]) -> Section:
    """A row for each method, class and network; a sentence where no group was large enough."""
    rows = [row for each in found for name in classes_of(each) for row in _rows(each, name)]
    title = "Mean relevance by class and outcome"
    if not rows:
        return Section(title, (), (), ("No mean was kept: each group has too few patients.",))
    caption = (
        "r: mean relevance over leads and time, in ECGs with the class and in those that it is "
        "compared with. Σ R: sum over leads and time, mean over the ECGs of an outcome; for "
        "contributions in the unit of the output. A dash: too few patients for a mean."
    )
    table = pd.DataFrame(rows)
    shown = labelled(table).rename(columns=HEADS)
    return Section(title, (Table("means", caption, table, shown),))


def _rows(finding: Finding, explained: str) -> Iterator[dict[str, object]]:
    leads, outputs = (rows_of(finding, name, explained) for name in ("by_lead", "by_output"))
    every = [row["method"] for rows in (leads, outputs) for row in rows.to_dict("records")]
    for method in dict.fromkeys(every):
        groups = _by_group(leads, method)
        other = next((name for name in groups if name != explained), "")
        sums = _by_outcome(outputs, method)
        yield {
            "method": method,
            "explained": explained,
            **learned(finding),
            "map": kind_of_map(method),
            "r": groups.get(explained, np.nan),
            "compared_with": other,
            "r_there": groups.get(other, np.nan),
            **{f"sum_{name.lower()}": sums.get(name, np.nan) for name in OUTCOMES},
        }


def _by_group(leads: pd.DataFrame, method: str) -> dict[str, float]:
    """Mean over the leads, each of which has the same samples and ECGs."""
    if not len(leads):
        return {}
    rows = leads.loc[(leads["method"] == method) & (leads["leads"] == ALL_LEADS)]
    return rows.groupby("group", sort=False)["mean"].mean().to_dict()


def _by_outcome(outputs: pd.DataFrame, method: str) -> dict[str, float]:
    """Mean over ECGs from the means of their bins."""
    if not len(outputs):
        return {}
    rows = outputs.loc[outputs["method"] == method]
    return {
        str(name): float(np.average(each["relevance"], weights=each["ecgs"]))
        for name, each in rows.groupby("outcome")
    }


def leads_part(found: Sequence[Finding]) -> Section:
    """Leads by signed mean relevance with its interval, in 12 and in 8 leads, and by share."""
    words = [ABSTRACT.format(printed_bender()["leads"])]
    every, shown = [], []
    for finding in found:
        for name in classes_of(finding):
            rows = rows_of(finding, "by_lead", name)
            if not len(rows) or name not in {*rows["group"]}:
                words.append(
                    f"{name} on {of_data(learned(finding))}: the run kept no mean by lead, which "
                    f"needs more patients with the class than its {len(finding.about.records)} "
                    "ECGs have."
                )
                continue
            every.append(rows.assign(**learned(finding)))
            shown += _named(rows, {"class": name, **learned(finding)})
    if not every:
        return Section("Leads", (), (), tuple(words))
    caption = (
        f"The {FIRST} leads with the largest mean relevance in ECGs with the class, with its 95 % "
        "interval over patients; the same leads in the ECGs that it is compared with; and the "
        f"{FIRST} leads with the largest share of |relevance| in ECGs with the class. In the 12 "
        "leads of the input and, where the map allows it, in the 8 independent ones. Which leads "
        "the advice names is not in the abstract."
    )
    table = Table(
        "leads", caption, pd.concat(every, ignore_index=True), labelled(pd.DataFrame(shown))
    )
    return Section("Leads", (table,), (), tuple(words))


def _named(rows: pd.DataFrame, of: Mapping[str, object]) -> Iterator[dict[str, object]]:
    """A row for each method in 12 and in 8 leads; `of` names the class and the data."""
    for method in dict.fromkeys(rows["method"]):
        for leads in dict.fromkeys(rows.loc[rows["method"] == method, "leads"]):
            own = rows.loc[(rows["method"] == method) & (rows["leads"] == leads)]
            there = own.loc[own["group"] == of["class"]]
            beside = own.loc[own["group"] != of["class"]]
            largest = _first(there, "mean")
            beside = {row["lead"]: row for row in beside.to_dict("records")}
            yield {
                "method": method,
                **of,
                "map": kind_of_map(method),
                "leads": leads,
                "largest mean [95 %]": _means(largest),
                "compared with": next((row["group"] for row in beside.values()), ""),
                "there": _means([beside[row["lead"]] for row in largest if beside]),
                "largest share": "; ".join(
                    f"{row['lead']} {percent(row['share'])}" for row in _first(there, "share")
                ),
            }


def _first(rows: pd.DataFrame, name: str) -> list[dict[Hashable, Any]]:
    """Rows of the leads with the largest numbers in a column."""
    return rows.sort_values(name, ascending=False).head(FIRST).to_dict("records")


def _means(rows: Sequence[Mapping[Hashable, Any]]) -> str:
    return "; ".join(
        f"{row['lead']} {with_interval(row['mean'], row['mean_low'], row['mean_high'])}"
        for row in rows
    )


def judged_parts(found: Sequence[Finding]) -> list[Section]:
    """Part for each finding of the study."""
    every = pd.concat([_of(each) for each in found], ignore_index=True)
    first, *others = dict.fromkeys(every["finding"])
    return [_said(every, first, APART), *(_said(every, name) for name in others)]


def _of(finding: Finding) -> pd.DataFrame:
    """The judged rows with the data, the kind of map and the number of ECGs by outcome."""
    rows = finding.details["findings"].assign(**learned(finding))
    rows["map"] = [kind_of_map(name) for name in rows["method"]]
    outcomes = {name: outcomes_of(finding, name) for name in classes_of(finding)}
    counts = [outcomes[name] for name in rows["explained"]]
    return rows.join(pd.DataFrame(counts, index=rows.index, dtype=object))


def _said(every: pd.DataFrame, name: str, *words: str) -> Section:
    rows = every.loc[every["finding"] == name]
    ends = zip(rows["value"], rows["low"], rows["high"], strict=True)
    shown = labelled(rows).assign(estimate=[with_interval(*row) for row in ends])
    columns = {
        "method": "method", "map": "map", "explained": "class", "data": "data",
        "learned from": "learned from", "ecgs": "ECGs", "estimate": "value [95 %]", "line": "line",
        "verdict": "verdict", "TP": "TP", "FP": "FP", "TN": "TN", "FN": "FN",
    }  # fmt: skip
    caption = (
        "The number that is judged with its interval, the line it is judged against, and the "
        "verdict (docs/relevance.md). ECGs: those that the number is about. A dash in TP, FP, TN "
        "or FN: too few ECGs for a mean."
    )
    key = unique_key(name, ())
    tables = (_counts(rows, key), Table(key, caption, rows, headed(shown, columns)))
    return Section(name, tables, (), (ABSTRACT.format(printed_bender()[name]), *words))


def _counts(rows: pd.DataFrame, key: str) -> Table:
    """Methods with each verdict by network, class and kind of map."""
    own = rows.loc[rows["kind"] == "method"]
    groups = ["data", "learned from", "explained", "map"]
    counts = own.groupby([*groups, "verdict"], sort=False, dropna=False).size()
    table = counts.unstack("verdict", fill_value=0).reset_index()
    table.insert(len(groups), "methods", table.drop(columns=groups).sum(axis=1))
    caption = "Methods with each verdict."
    shown = table.rename(columns={"explained": "class"})
    return Table(f"{key}-verdicts", caption, table, shown)
