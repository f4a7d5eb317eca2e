"""Arends 2026, experiments 3 and 4: maps when weights are redrawn, outputs of perturbed ECGs."""

from collections.abc import Iterator, Sequence

import pandas as pd
from ecglens.eval import Finding
from ecglens.report import PerturbationView, perturbation_views
from ecglens.report.text import OUTCOMES
from ecglens_metrics.deletions import DeletionsFold

from .arends_maps import DATA, by_sign, low_to_high, shown_rhos, with_signed
from .experiments import (
    Section,
    Table,
    asked,
    drawings,
    drawings_of,
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

SMALL = 0.1  # ρ of a small effect (Cohen 1988)
STAGES = ("none", "first")  # groups of layers that are redrawn
PLACE = {"explained": "class", "data": "data", "learned from": "learned from"}
PLACE |= {"protocol": "protocol", "method": "method"}


def weights(findings: Sequence[Finding]) -> Section | None:
    """Part of the page; None where the experiment was not made."""
    redrawn = of_evaluation(findings, "weights")
    if not redrawn:
        return None
    every = pd.concat([_of(each) for each in redrawn], ignore_index=True)
    own = every.loc[every["kind"] == "method"]
    words = (
        ABSTRACT.format(printed_arends()["kept"]["words"]),
        *(_left(rows) for _, rows in own.groupby(DATA, sort=False, dropna=False)),
    )
    return Section(
        "3. Do maps depend on the weights?",
        (_shown(every, asked(redrawn)),),
        drawings(redrawn, ["cascade", "kept"]),
        words,
    )


def _of(finding: Finding) -> pd.DataFrame:
    """The finding's table with ρ before any layer is redrawn and after the first group.

    Without what the gates say of scores: the study looks at ρ.
    """
    table = with_signed(finding).assign(explained=explained(finding), **learned(finding))
    of_score = [name for name in table if str(name).startswith(("redrawn_", "labels_", "verdict"))]
    table = table.drop(columns=of_score)
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
                yield f"beyond_x_{name}", at["beyond_x"]


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
        table[f"{start}all"] = with_intervals(table, name, start, rho)
    columns = {"explained": "class", "data": "data", "learned from": "learned from"}
    columns["method"] = "method"
    for start, head in (("", "ρ"), ("signed_", "ρ, signed"), ("beyond_x_", "beyond |x|")):
        columns |= {f"{start}{stage}": f"{head}: {stage}" for stage in STAGES}
        columns[f"{start}all"] = f"{head}: all [95 %]"
    columns |= {
        "redraws": "redraws", "other_ecg": "other ECG", "centred": "less mean map",
        "permuted": "permuted labels", "abs_x": "|x|", "missing": "missing",
        "output_r": "r of outputs",
    }  # fmt: skip
    caption = (
        "Spearman ρ of the maps with those of the trained network when layers are redrawn from the "
        "output on: none (the statistics of BatchNorm alone are estimated again) and the first "
        "group, one redraw each; all, the mean over the redraws. Beyond |x|: partial ρ of absolute "
        "maps given |x|, by sample. Baselines, of absolute maps: another ECG, ρ with all layers "
        "redrawn after the mean map is subtracted, a network on permuted labels, and ρ with |x|. "
        "Intervals: over patients; beyond |x|, over redraws and patients. Redraws: networks "
        "that count in ρ beyond |x|. Missing: share of ECGs without a ρ. r of outputs: of trained "
        f"and redrawn networks. {of} for each row."
    )
    shown = shown_rhos(headed(table, columns))
    return Table("weights", caption, every, shown)


def perturbation(findings: Sequence[Finding]) -> Section | None:
    """Part of the page; None where the experiment was not made."""
    views = perturbation_views([each for each in findings if each.ranked])
    if not views:
        return None
    rows = [(view, view.ranking.table) for view in views]
    areas = _areas(_joined(rows), asked([view.finding for view in views]))
    folds = [(view, view.folds.get("deletions")) for view in views]
    told = [(view, fold.found) for view, fold in folds if isinstance(fold, DeletionsFold)]
    tables, words = [areas], [ABSTRACT.format(printed_arends()["area"]["words"]), _outcomes(views)]
    if told:
        every = _joined(
            [
                (view, each.table.assign(positive=each.positive, negative=each.negative))
                for view, each in told
            ]
        )
        tables.append(_deletions(every))
        words.append(
            "AUROC under deletion measures performance. It is beside the AUROC of the deleted "
            f"places alone, which tell the class by themselves in {int(every['mask_tells'].sum())} "
            f"of {len(every)} rows: there the network may answer to the mask."
        )
    if lacking := len(views) - len(told):
        words.append(
            f"{lacking} of {len(views)} rankings have no AUROC under deletion, which needs at "
            "least 2 patients with the class and 2 without it."
        )
    figures = drawings_of(views, ["ranking", "deletions"])
    return Section("4. Do maps find what matters?", tuple(tables), figures, tuple(words))


def _joined(rows: Sequence[tuple[PerturbationView, pd.DataFrame]]) -> pd.DataFrame:
    """Rows of all views with their class, protocol and data."""
    return pd.concat(
        [
            table.assign(
                explained=explained(view.finding),
                protocol=view.first.curves[0].protocol.name,
                **learned(view.finding),
            )
            for view, table in rows
        ],
        ignore_index=True,
    )


def _outcomes(found: Sequence[PerturbationView]) -> str:
    """Sentence on the outcome that the areas measure."""
    outcomes = dict.fromkeys(OUTCOMES[view.first.curves[0].protocol.outcome] for view in found)
    return f"The area is that of the {' or the '.join(outcomes)}, not of performance."


def _areas(every: pd.DataFrame, of: str) -> Table:
    table = labelled(every)
    table["area"] = with_intervals(table, "value")
    columns = {**PLACE, "area": "area [95 %]", "against_random": "against random"}
    caption = (
        "Area under the curve, with its 95 % interval over patients and networks. "
        f"{of} for each row."
    )
    return Table("perturbation", caption, every, headed(table, columns))


def _deletions(every: pd.DataFrame) -> Table:
    table = labelled(every)
    for name in ("auroc", "fall"):
        table[f"{name}_shown"] = with_intervals(table, name, f"{name}_")
    columns = {
        **PLACE, "positive": "with it", "negative": "without", "start": "AUROC before",
        "auroc_shown": "AUROC after [95 %]", "fall_shown": "mean fall [95 %]",
        "mask": "AUROC of the mask", "chance": "by chance", "p": "p", "mask_tells": "mask tells",
    }  # fmt: skip
    caption = (
        "AUROC of the network before and after the steps of the area, and its mean fall over them, "
        "with 95 % intervals over patients and networks; no interval where all ECGs have one "
        "value. With it, without: ECGs with the class and without it. AUROC of the mask: of the "
        "deleted places alone, which lies below the number “by chance” in 95 % of masks that are "
        "dealt to the patients at random."
    )
    return Table("deletions", caption, every, headed(table, columns))
