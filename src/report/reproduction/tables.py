"""The tables of a study from findings, a row per number, printed numbers beside."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ...eval import Finding, rank
from ..text.quality import fit_of
from .agreement import order_agreement
from .printed import printed_auc, printed_errors

# Numbers were printed for median beats alone.
PRINTED_INPUT = "median"


def auc_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """AUC, 95 % interval and class (1 best, 2 medium, 3 poor) per target, input and method.

    `printed` is the AUC of Storås 2025, Table 4, NaN where there is none.
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


def error_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """Error of each network on its test part, in ms or µV, and the printed ones."""
    rows = []
    for finding in findings:
        target, given = finding.about.target, finding.about.input
        theirs = printed_errors().get(target.name, {}) if given == PRINTED_INPUT else {}
        for number in range(len(finding.about.networks)):
            fit = fit_of(finding.about.facts(number))
            row = {"target": target.name, "unit": target.unit, "input": given, "network": number}
            for name in ("mae", "rmse"):
                known, value = theirs.get(name, np.nan), fit.get(name, np.nan)
                row |= {name: value, f"{name}_printed": known, f"{name}_ratio": value / known}
            rows.append(row)
    return pd.DataFrame(rows)


def _printed(finding: Finding) -> Mapping[str, float]:
    about = finding.about
    return printed_auc().get(about.target.name, {}) if about.input == PRINTED_INPUT else {}
