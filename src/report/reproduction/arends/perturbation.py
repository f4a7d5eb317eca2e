"""Arends 2026, experiment 4: what moves the output, and what the network still tells."""

from collections.abc import Sequence

import pandas as pd

from ....eval import Finding
from ...text.words import OUTCOMES
from ...views.perturbation import PerturbationView, perturbation_views
from ..experiments import asked, drawings_of, explained, headed, labelled, learned, with_interval
from ..part import Part, Table
from ..printed import ABSTRACT, printed_arends

PLACE = {"explained": "class", "data": "data", "learned from": "learned from"}
PLACE |= {"protocol": "protocol", "method": "method"}


def perturbation(findings: Sequence[Finding]) -> Part | None:
    """The part of the page; None where the experiment was not made."""
    found = perturbation_views([each for each in findings if each.curves])
    if not found:
        return None
    rows = [(view, view.ranking.table) for view in found]
    areas = _areas(_joined(rows), asked([view.finding for view in found]))
    told = [(view, view.deleted) for view in found if view.deleted]
    tables, words = [areas], [ABSTRACT.format(printed_arends()["area"]["words"]), _outcomes(found)]
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
    if lacking := len(found) - len(told):
        words.append(
            f"{lacking} of {len(found)} rankings have no AUROC under deletion, which needs at "
            "least 2 patients with the class and 2 without it."
        )
    figures = drawings_of(found, ["ranking", "deletions"])
    return Part("4. Do maps find what matters?", tuple(tables), figures, tuple(words))


def _joined(rows: Sequence[tuple[PerturbationView, pd.DataFrame]]) -> pd.DataFrame:
    """The rows of all views with what they are of."""
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
    """What the areas are of."""
    outcomes = dict.fromkeys(OUTCOMES[view.first.curves[0].protocol.outcome] for view in found)
    return f"The area is that of the {' or the '.join(outcomes)}, not of performance."


def _areas(every: pd.DataFrame, of: str) -> Table:
    table = labelled(every)
    ends = zip(table["value"], table["low"], table["high"], strict=True)
    table["area"] = [with_interval(*row) for row in ends]
    columns = {**PLACE, "area": "area [95 %]", "against_random": "against random"}
    caption = (
        "Area under the curve, with its 95 % interval over patients and networks. "
        f"{of} for each row."
    )
    return Table("perturbation", caption, every, headed(table, columns))


def _deletions(every: pd.DataFrame) -> Table:
    table = labelled(every)
    for name in ("auroc", "fall"):
        ends = zip(table[name], table[f"{name}_low"], table[f"{name}_high"], strict=True)
        table[f"{name}_shown"] = [with_interval(*row) for row in ends]
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
