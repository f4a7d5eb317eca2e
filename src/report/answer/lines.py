"""Rankings as lines of a terminal, with the names and the answers of the page."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..style import printed, style
from ..text.cautions import cautions_of
from ..text.numerals import counted, number
from ..text.validation import score_validation
from ..views.perturbation import PerturbationView
from ..views.run_views import RunViews
from ..views.view import View
from .cards import SIGNS, answers_of, level_of
from .deciding import about_one, protocols


@dataclass(frozen=True)
class RankingLines:
    """A title, a table with a row per method and control, and sentences on both."""

    title: str
    table: pd.DataFrame
    sentences: tuple[str, ...]


def ranking_lines(run: RunViews) -> list[RankingLines]:
    """The lines of each ranking of a run, best method first."""
    return [_lines(view, own, run.others) for own in about_one(run.ranked) for view in own]


def _lines(
    view: PerturbationView, own: Sequence[PerturbationView], others: Sequence[View]
) -> RankingLines:
    ranking, finding = view.ranking, view.finding
    answers = answers_of(own, others)
    level = f"level by {' and '.join(protocols(own))}"
    rows = [
        {
            "method": style(row["method"]).label,
            "AUC": number(row["value"]),
            "95 %": f"{number(row['low'])} to {number(row['high'])}",
            level: _level(own, row),
            "answer": f"{SIGNS[one.use]} {one.use}" if (one := answers.get(row["method"])) else "",
        }
        for row in ranking.table.to_dict("records")
    ]
    count = counted(ranking.networks, "network")
    return RankingLines(
        title=f"{view.title} · {count}" if ranking.networks > 1 else view.title,
        table=pd.DataFrame(rows),
        sentences=(
            printed(ranking.sentence, ranking.names),
            *(f"- {caution}" for caution in cautions_of(finding)),
            f"Validation of this score: {score_validation(finding)}.",
        ),
    )


def _level(own: Sequence[PerturbationView], row: Mapping[Hashable, Any]) -> str:
    """Level of the null ladder that every deciding protocol shows; nothing for a control."""
    return "" if row["kind"] == "control" else level_of(own, str(row["method"])) or "–"
