"""Arends 2026, experiments 1 and 2: agreement of methods, and of retrained networks."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from ecglens.eval import Finding
from pandas.api.types import is_float

from .experiments import (
    Section,
    Table,
    asked,
    drawings,
    explained,
    headed,
    labelled,
    learned,
    of_data,
    of_evaluation,
    rho,
    with_intervals,
)
from .printed import ABSTRACT, printed_arends

DATA = ["data", "learned from"]
RHOS = ("value", "other_ecg", "signed", "signed_other_ecg")
HEADS = {
    "explained": "class", "other_ecg": "other ECG", "centred": "less mean map",
    "permuted": "permuted labels", "abs_x": "|x|", "above_other_ecg": "pairs above other ECG",
}  # fmt: skip
SIGNED = {
    "value": "signed", "low": "signed_low", "high": "signed_high", "other_ecg": "signed_other_ecg",
}  # fmt: skip


def by_sign(rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """Rows at the resolution of samples, by sign of the maps: absolute and signed."""
    samples = rows.loc[rows["scale"] == "sample"]
    return {sign: samples.loc[samples["sign"] == sign] for sign in ("absolute", "signed")}


def with_signed(finding: Finding) -> pd.DataFrame:
    """Table of the finding with ρ of absolute maps, and ρ of signed maps beside it."""
    rows = by_sign(finding.details["resolutions"])["signed"]
    signed = headed(rows, {"method": "method", **SIGNED})
    return finding.table.merge(signed, on="method", how="left", validate="one_to_one")


def shown_rhos(table: pd.DataFrame) -> pd.DataFrame:
    """The table with every ρ to two decimals."""
    return table.map(lambda cell: rho(cell) if is_float(cell) else cell)


def low_to_high(table: pd.DataFrame, name: str) -> str:
    """The smallest and the largest ρ of a column; a dash where there is none."""
    low, high = rho(float(table[name].min())), rho(float(table[name].max()))
    return low if low == high else f"{low} to {high}"


def similarity(findings: Sequence[Finding]) -> Section | None:
    """Part of the page; None where the experiment was not made."""
    compared = of_evaluation(findings, "similarity")
    if not compared:
        return None
    caption = (
        "Spearman ρ of the maps of two methods on one ECG, over all pairs of methods, beside its "
        "baselines (means over the pairs): their maps of two different ECGs, ρ after each method's "
        "mean map is subtracted, a network on permuted labels, and |x|: the smaller of the two "
        f"maps' ρ with |x|. {asked(compared)} for each row."
    )
    words = (ABSTRACT.format(printed_arends()["similarity"]["words"]),)
    rows = pd.DataFrame([row for each in compared for row in _of(each)])
    table = Table("similarity", caption, rows, shown_rhos(rows.rename(columns=HEADS)))
    return Section("1. Do the methods agree?", (table,), drawings(compared, ["matrix"]), words)


# Deconvolution has one map for all ECGs on some networks: its ρ with another ECG's map is the same
# number, and the last digit would decide which is larger.
ROUNDING = 1e-9


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
            **{name: rows[name].mean() for name in ("other_ecg", "centred", "permuted", "abs_x")},
            "above_other_ecg": int((rows["value"] > rows["other_ecg"] + ROUNDING).sum()),
        }


def consistency(findings: Sequence[Finding]) -> Section | None:
    """Part of the page; None where the experiment was not made."""
    retrained = of_evaluation(findings, "consistency")
    if not retrained:
        return None
    tables = [
        with_signed(each).assign(
            explained=explained(each), networks=len(each.about.networks), **learned(each)
        )
        for each in retrained
    ]
    every = pd.concat(tables, ignore_index=True)
    methods = by_method(every)
    words = (
        ABSTRACT.format(printed_arends()["rho"]["words"]),
        "The abstract names neither the correlation nor the sign of the maps, and prints no "
        "baseline. Its maps, ECGs and methods are others, so that the numbers are not comparable.",
        *_counted(methods),
        _judged(every),
    )
    return Section(
        "2. Do retrained networks agree?",
        (_of_methods(methods, asked(retrained)), _of_classes(every, asked(retrained))),
        drawings(retrained, ["estimates"]),
        words,
    )


def by_method(every: pd.DataFrame) -> pd.DataFrame:
    """Mean ρ of each method over classes, and whether it lies in the printed range.

    `passes` is the number of classes with that verdict, of `classes`.
    """
    own = every.loc[every["kind"] == "method"]
    groups = own.groupby([*DATA, "method"], sort=False, dropna=False)
    table = groups[[*RHOS]].mean()
    table.insert(0, "classes", groups.size())
    printed = printed_arends()["rho"]
    for name in RHOS:
        table[f"{name}_in_range"] = table[name].between(printed["low"], printed["high"])
    table["passes"] = groups["verdict"].agg(lambda verdicts: int((verdicts == "passes").sum()))
    return table.reset_index()


def _counted(methods: pd.DataFrame) -> Iterator[str]:
    """Sentence for each data set: number of methods and of baselines in the printed range."""
    for _, rows in methods.groupby(DATA, sort=False, dropna=False):
        inside = {name: int(rows[f"{name}_in_range"].sum()) for name in RHOS}
        yield (
            f"On {of_data(rows.iloc[0].to_dict())}: the mean ρ over classes lies in {_range()} for "
            f"{inside['value']} of {len(rows)} methods with absolute maps and for "
            f"{inside['signed']} with signed maps. That of the baseline, maps of two different "
            f"ECGs, lies there for {inside['other_ecg']} and {inside['signed_other_ecg']}."
        )


def _judged(every: pd.DataFrame) -> str:
    """Number of rows that pass by the rule of the project, in words."""
    own = every.loc[every["kind"] == "method", "verdict"]
    counts = {name: int((own == name).sum()) for name in ("passes", "fails", "cannot be said")}
    return (
        f"By the rule of docs/sanity.md {counts['passes']} of {len(own)} rows of a method and a "
        f"class pass, {counts['fails']} fail, and {counts['cannot be said']} cannot be said. To "
        "pass, the interval of ρ of absolute maps less this baseline must lie above a margin."
    )


def _of_methods(methods: pd.DataFrame, of: str) -> Table:
    heads = {"value": "ρ", "other_ecg": "other ECG", "signed": "ρ, signed",
             "signed_other_ecg": "other ECG, signed"}  # fmt: skip
    columns = {"method": "method", "data": "data", "learned from": "learned from"}
    columns["classes"] = "classes"
    for name, head in heads.items():
        columns |= {name: head, f"{name}_in_range": f"{head} in {_range()}"}
    columns["passes"] = "classes that pass"
    shown = shown_rhos(headed(labelled(methods), columns))
    caption = (
        "Mean over classes of Spearman ρ between networks that differ in their seed, of absolute "
        "and of signed maps, and of the baseline, their maps of two different ECGs. "
        f"{of} for each class."
    )
    return Table("consistency-methods", caption, methods, shown)


def _of_classes(every: pd.DataFrame, of: str) -> Table:
    table = labelled(every)
    for name, start in (("value", ""), ("signed", "signed_")):
        table[f"{start}shown"] = with_intervals(table, name, start, rho)
    columns = {
        "explained": "class", "data": "data", "learned from": "learned from", "method": "method",
        "shown": "ρ [95 %]", "other_ecg": "other ECG", "centred": "less mean map",
        "permuted": "permuted labels", "abs_x": "|x|", "missing": "missing", "verdict": "verdict",
        "signed_shown": "ρ, signed [95 %]", "signed_other_ecg": "other ECG, signed",
        "output_r": "r of outputs",
    }  # fmt: skip
    caption = (
        "Spearman ρ of the maps of networks that differ in their seed, with its 95 % interval over "
        "patients, and its baselines: of absolute maps, where it is not said otherwise. Missing: "
        "share of ECGs without a ρ, as a constant map has none. r of outputs: the agreement of the "
        f"networks' own outputs. {of} for each row."
    )
    shown = shown_rhos(headed(table, columns))
    return Table("consistency", caption, every, shown)


def _range() -> str:
    printed = printed_arends()["rho"]
    return f"{printed['low']:.2f}–{printed['high']:.2f}"
