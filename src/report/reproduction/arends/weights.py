"""Arends 2026, experiment 3: the loss of maps when weights are redrawn."""

from collections.abc import Iterator, Sequence

import pandas as pd

from ....eval import Finding
from ..experiments import (
    asked,
    drawings,
    explained,
    headed,
    labelled,
    learned,
    of_data,
    of_evaluation,
)
from ..part import Part, Table
from ..printed import ABSTRACT, printed_arends
from .signs import by_sign, low_to_high, rhos_with_intervals, shown_rhos, with_signed

SMALL = 0.1  # ρ of a small effect (Cohen 1988)
DATA = ["data", "learned from"]
STAGES = ("none", "first")  # groups of layers that are redrawn
REDRAWN, BY_SAMPLE = "weights redrawn", "by sample"


def weights(findings: Sequence[Finding]) -> Part | None:
    """The part of the page; None where the experiment was not made."""
    found = of_evaluation(findings, "weights")
    if not found:
        return None
    every = pd.concat([_of(each) for each in found], ignore_index=True)
    own = every.loc[every["kind"] == "method"]
    words = (
        ABSTRACT.format(printed_arends()["kept"]["words"]),
        *(_left(rows) for _, rows in own.groupby(DATA, sort=False, dropna=False)),
    )
    return Part(
        "3. Do maps depend on the weights?",
        (_shown(every, asked(found)),),
        drawings(found, ["cascade", "kept"]),
        words,
    )


def _of(finding: Finding) -> pd.DataFrame:
    """The finding's table with ρ before, after the first group, and beyond |x|.

    `beyond_x` is the partial ρ given |x| of absolute maps by sample with all layers redrawn.
    """
    table = with_signed(finding).assign(explained=explained(finding), **learned(finding))
    kept = finding.details["kept"]
    kept = kept.loc[(kept["gate"] == REDRAWN) & (kept["part"] == BY_SAMPLE)].set_index("method")
    names = {"kept": "beyond_x", "kept_low": "beyond_x_low", "kept_high": "beyond_x_high"}
    table = table.join(kept[[*names, "redraws"]].rename(columns=names), on="method")
    for name, numbers in _stages(finding):
        table = table.join(numbers.rename(name), on="method")
    return table


def _stages(finding: Finding) -> Iterator[tuple[str, pd.Series]]:
    """ρ of each method before any layer is redrawn and after the first group, one redraw."""
    rows = finding.details["stages"]
    for sign, of_sign in by_sign(rows.loc[rows["mode"] == "cascade"]).items():
        for number, name in enumerate(STAGES):
            at = of_sign.loc[of_sign["stage"] == number].set_index("method")
            yield (name if sign == "absolute" else f"signed_{name}"), at["value"]
            if sign == "absolute":
                yield f"beyond_x_{name}", at["kept"]


def _left(own: pd.DataFrame) -> str:
    """Range of ρ at each stage, and how many stay above a small effect."""
    absolute, signed, beyond = (
        int((own[name].abs() > SMALL).sum()) for name in ("value", "signed", "beyond_x")
    )
    return (
        f"On {of_data(own.iloc[0].to_dict())}, over {len(own)} rows of a method and a class: ρ of "
        f"absolute maps is {low_to_high(own, 'none')} before any layer is redrawn, "
        f"{low_to_high(own, 'first')} after the first group and {low_to_high(own, 'value')} after "
        f"all; ρ beyond |x| is then {low_to_high(own, 'beyond_x')}. Rows in which |ρ| ends above "
        f"{SMALL}, a small effect (Cohen 1988): {absolute} with absolute maps, {signed} with "
        f"signed maps, {beyond} beyond |x|."
    )


def _shown(every: pd.DataFrame, of: str) -> Table:
    table = labelled(every)
    for name, start in (("value", ""), ("signed", "signed_"), ("beyond_x", "beyond_x_")):
        table[f"{start}all"] = rhos_with_intervals(table, name, start)
    columns = {"explained": "class", "data": "data", "learned from": "learned from"}
    columns["method"] = "method"
    for start, head in (("", "ρ"), ("signed_", "ρ, signed"), ("beyond_x_", "beyond |x|")):
        columns |= {f"{start}{stage}": f"{head}: {stage}" for stage in STAGES}
        columns[f"{start}all"] = f"{head}: all [95 %]"
    columns |= {
        "redraws": "redraws", "other_ecg": "other ECG", "centred": "less mean map",
        "permuted": "permuted labels", "abs_x": "|x|", "missing": "missing",
        "output_r": "r of outputs", "verdict": "verdict",
    }  # fmt: skip
    caption = (
        "Spearman ρ of the maps with those of the trained network when layers are redrawn from the "
        "output on: none (the statistics of BatchNorm alone are estimated again) and the first "
        "group, one redraw each; all, the mean over the redraws. Beyond |x|: partial ρ of absolute "
        "maps given |x|, by sample. Baselines, of absolute maps: another ECG, ρ with all layers "
        "redrawn after the mean map is subtracted, a network on permuted labels, and ρ with |x|. "
        "Intervals: over patients; beyond |x|, over redraws and patients. Redraws: networks "
        "that count in ρ beyond |x|. Missing: share of ECGs without a ρ. r of outputs: of trained "
        f"and redrawn networks. Verdict: docs/sanity.md. {of} for each row."
    )
    shown = shown_rhos(headed(table, columns))
    return Table("weights", caption, every, shown)
