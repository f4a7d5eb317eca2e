"""The tables of a study from findings, a row per number, printed numbers beside."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ...eval import STORAS2025, Finding, rank
from ..text.quality import fit_of
from .agreement import network_agreements, order_agreement
from .printed import (
    PRINTED_INPUT,
    PRINTED_SOURCE,
    PRINTED_UNTIL,
    printed_auc,
    printed_errors,
)


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
            fit = fit_of(finding.about.facts(number))
            row = {"target": target.name, "unit": target.unit, "input": given, "network": number}
            for name in ("mae", "rmse"):
                known, value = theirs.get(name, np.nan), fit.get(name, np.nan)
                row |= {name: value, f"{name}_printed": known, f"{name}_ratio": value / known}
            rows.append(row)
    return pd.DataFrame(rows)


def _printed(finding: Finding) -> Mapping[str, float]:
    """The printed AUCs of the target, where the areas are by the rules of the article."""
    protocol = finding.curves[0].protocol
    same = protocol.name == STORAS2025.name and protocol.until == PRINTED_UNTIL
    if same and _as_printed(finding):
        return printed_auc().get(finding.about.target.name, {})
    return {}


def _as_printed(finding: Finding) -> bool:
    """Whether the ECGs are of the kind that numbers were printed for."""
    about = finding.about
    return about.input == PRINTED_INPUT and about.facts().get("source") == PRINTED_SOURCE
