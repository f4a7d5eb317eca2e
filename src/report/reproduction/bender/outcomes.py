"""True and false classifications among the ECGs that are explained."""

from collections.abc import Mapping

import pandas as pd

from ....eval import Finding
from ....eval.evaluations.relevance import FALSE

OUTCOMES = ("TP", "FP", "TN", "FN")


def classes_of(finding: Finding) -> list[str]:
    """The classes whose output is explained."""
    return list(dict.fromkeys(finding.details["findings"]["explained"]))


def rows_of(finding: Finding, table: str, explained: str) -> pd.DataFrame:
    """The methods' rows of a class in a table of the finding; none where it was not made."""
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
