"""Arends 2026, experiment 1: the agreement of the methods with each other."""

from collections.abc import Iterator, Sequence

import pandas as pd

from ....eval import Finding
from ....eval.evaluations.sanity import BASELINES
from ..experiments import asked, drawings, explained, learned, of_evaluation
from ..part import Part, Table
from ..printed import ABSTRACT, printed_arends
from .signs import by_sign, shown_rhos

HEADS = {
    "explained": "class", "other_ecg": "other ECG", "centred": "less mean map",
    "permuted": "permuted labels", "abs_x": "|x|", "above_other_ecg": "pairs above other ECG",
}  # fmt: skip


def similarity(findings: Sequence[Finding]) -> Part | None:
    """The part of the page; None where the experiment was not made."""
    found = of_evaluation(findings, "similarity")
    if not found:
        return None
    caption = (
        "Spearman ρ of the maps of two methods on one ECG, over all pairs of methods, beside its "
        "baselines (means over the pairs): their maps of two different ECGs, ρ after each method's "
        "mean map is subtracted, a network on permuted labels, and |x|: the smaller of the two "
        f"maps' ρ with |x|. {asked(found)} for each row."
    )
    words = (ABSTRACT.format(printed_arends()["similarity"]["words"]),)
    rows = pd.DataFrame([row for each in found for row in _of(each)])
    table = Table("similarity", caption, rows, shown_rhos(rows.rename(columns=HEADS)))
    return Part("1. Do the methods agree?", (table,), drawings(found, ["matrix"]), words)


def _of(finding: Finding) -> Iterator[dict[str, object]]:
    """A row for absolute maps and one for signed maps."""
    controls = finding.table.loc[finding.table["kind"] == "control", "method"]
    pairs = finding.details["pairs"]
    own = pairs.loc[~pairs["method"].isin(controls) & ~pairs["other"].isin(controls)]
    for sign, rows in by_sign(own).items():
        yield {
            "explained": explained(finding),
            **learned(finding),
            "maps": sign,
            "pairs": int(rows["value"].notna().sum()),
            "mean": rows["value"].mean(),
            "sd": rows["value"].std(),
            "lowest": rows["value"].min(),
            "highest": rows["value"].max(),
            **{name: rows[name].mean() for name in BASELINES},
            "above_other_ecg": int((rows["value"] > rows["other_ecg"]).sum()),
        }
