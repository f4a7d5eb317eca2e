"""Arends 2026: its four experiments from findings, beside what its abstract prints."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ...eval import Finding, rank
from ...eval.evaluations.sanity import headline
from .experiments import drawings, explained, labelled, learned, of_evaluation, rankings
from .part import Part, Table
from .printed import printed_arends
from .setup import setup_part

ABSTRACT = "The abstract: “{}”."


def arends(findings: Sequence[Finding]) -> list[Part]:
    """The parts of the page. Raises ValueError for none of the four experiments."""
    parts = [
        part
        for part in (
            _similarity(findings),
            _consistency(findings),
            _weights(findings),
            _areas(findings),
        )
        if part is not None
    ]
    if not parts:
        raise ValueError("expected an experiment of Arends 2026, got none: no job has finished")
    return [setup_part(findings), *parts]


def in_printed_range(table: pd.DataFrame) -> pd.DataFrame:
    """Methods by ρ between networks: in the printed range, and beyond the other-ECG baseline."""
    printed = printed_arends()["rho"]
    inside = table["value"].between(printed["low"], printed["high"])
    baseline = table["other_ecg"].between(printed["low"], printed["high"])
    return table.assign(
        in_printed_range=inside, baseline_in_printed_range=baseline,
        above_baseline=table["difference_low"] > 0,
    )  # fmt: skip


def _similarity(findings: Sequence[Finding]) -> Part | None:
    found = of_evaluation(findings, "similarity")
    rows = []
    for finding in found:
        pairs = headline(finding.details["pairs"])
        controls = [*finding.table.loc[finding.table["kind"] == "control", "method"]]
        own = pairs.loc[~pairs["method"].isin(controls) & ~pairs["other"].isin(controls)]
        rows.append(
            {
                "class": explained(finding),
                **learned(finding),
                "pairs": len(own),
                "mean": own["value"].mean(),
                "sd": own["value"].std(),
                "lowest": own["value"].min(),
                "highest": own["value"].max(),
                "other ECG": own["other_ecg"].mean(),
                "pairs above other ECG": int((own["value"] > own["other_ecg"]).sum()),
            }
        )
    if not rows:
        return None
    caption = (
        "Spearman ρ of the absolute maps of two methods on one ECG, over all pairs of methods, "
        "beside the baseline: their maps of two different ECGs."
    )
    words = (ABSTRACT.format(printed_arends()["similarity"]["words"]),)
    table = Table("similarity", caption, pd.DataFrame(rows))
    return Part("1. Do the methods agree?", (table,), drawings(found, ["matrix"]), words)


def _consistency(findings: Sequence[Finding]) -> Part | None:
    found = of_evaluation(findings, "consistency")
    if not found:
        return None
    tables = [
        in_printed_range(each.table).assign(
            explained=explained(each), networks=len(each.about.networks), **learned(each)
        )
        for each in found
    ]
    every = pd.concat(tables, ignore_index=True)
    own = every.loc[every["kind"] == "method"]
    words = (
        ABSTRACT.format(printed_arends()["rho"]["words"]),
        f"Here {int(own['in_printed_range'].sum())} of {len(own)} ρ lie in 0.41–0.65, one ρ for "
        "each method, class and data set; of their baselines, ρ of maps of two different ECGs, "
        f"{int(own['baseline_in_printed_range'].sum())} do. Above their baseline are "
        f"{int(own['above_baseline'].sum())}.",
    )
    columns = {
        "explained": "class", "data": "data", "learned from": "learned from", "method": "method",
        "value": "ρ", "low": "low", "high": "high",
        "in_printed_range": "in 0.41–0.65", "other_ecg": "other ECG", "centred": "less mean map",
        "permuted": "permuted labels", "abs_x": "|x|", "above_baseline": "above other ECG",
    }  # fmt: skip
    shown = pd.DataFrame({head: labelled(every)[name] for name, head in columns.items()})
    caption = (
        "Spearman ρ of the absolute maps of networks that differ in their seed, with its 95 % "
        "interval over patients, and its baselines."
    )
    table = Table("consistency", caption, every, shown)
    return Part("2. Do retrained networks agree?", (table,), drawings(found, ["estimates"]), words)


def _weights(findings: Sequence[Finding]) -> Part | None:
    found = of_evaluation(findings, "weights")
    rows = [row for finding in found for row in _cascade(finding)]
    if not rows:
        return None
    table = pd.DataFrame(rows)
    own = table.loc[table["kind"] == "method"]
    words = (
        ABSTRACT.format(printed_arends()["kept"]["words"]),
        f"Here ρ is {own['none'].mean():.2f} before any layer is redrawn, "
        f"{own['first'].mean():.2f} after the first group and {own['last'].mean():.2f} after all, "
        "means over methods, classes and data sets; it ends above 0.1 for "
        f"{int((own['last'] > 0.1).sum())} of these {len(own)} ρ.",
    )
    caption = (
        "ρ of the absolute maps with those of the trained network when layers are redrawn from "
        "the output on: none (the statistics of BatchNorm alone are estimated again), the first "
        "group, and all. Baseline: the map of another ECG. Verdict: docs/sanity.md."
    )
    shown = labelled(table).drop(columns="kind")
    return Part(
        "3. Do maps depend on the weights?",
        (Table("weights", caption, table, shown),),
        drawings(found, ["cascade", "kept"]),
        words,
    )


def _cascade(finding: Finding) -> list[dict[str, object]]:
    stages = finding.details["stages"]
    rows = stages.loc[(stages["mode"] == "cascade") & (stages["sign"] == "absolute")]
    verdicts = finding.table.set_index("method")["verdict"].to_dict()
    found = []
    for name, of_method in rows.groupby("method", sort=False):
        at = of_method.set_index("stage").sort_index()
        found.append(
            {
                "explained": explained(finding),
                **learned(finding),
                "method": str(name),
                "kind": at["kind"].iloc[0],
                "none": at["value"].get(0, np.nan),
                "first": at["value"].get(1, np.nan),
                "last": at["value"].iloc[-1],
                "other ECG": at["other_ecg"].iloc[-1],
                "verdict": verdicts.get(str(name), ""),
            }
        )
    return found


def _areas(findings: Sequence[Finding]) -> Part | None:
    ranked = [each for each in findings if each.curves]
    if not ranked:
        return None
    tables = [
        rank(each).table.assign(
            explained=explained(each), protocol=each.curves[0].protocol.name, **learned(each)
        )
        for each in ranked
    ]
    every = pd.concat(tables, ignore_index=True)
    columns = [
        "explained", "data", "learned from", "protocol", "method", "value", "low", "high",
        "against_random",
    ]  # fmt: skip
    words = (ABSTRACT.format(printed_arends()["area"]["words"]),)
    table = Table(
        "perturbation",
        "Area under the curve, with its 95 % interval over patients and networks.",
        every,
        pd.DataFrame({name: labelled(every)[name] for name in columns}),
    )
    return Part("4. Do maps find what matters?", (table,), rankings(findings), words)
