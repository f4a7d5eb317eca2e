"""Which heatmaps passed every gate, for each set of networks with such findings."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ...eval import GATES, gates
from ..views.perturbation import PerturbationView
from ..views.view import View
from .deciding import about_one, deciding
from .words import SIGNS


def verdict_tables(
    sections: Sequence[PerturbationView], answers: Sequence[View]
) -> list[dict[str, Any]]:
    """A table for each set of networks that has findings: every gate of every method.

    The gate of the null ladder is that of every deciding protocol: one map has one verdict.
    """
    found = []
    for together in about_one(sections):
        section = together[0]
        networks = {*section.finding.about.networks}
        target = section.first.about.target
        own = [
            each.finding
            for each in answers
            if {*GATES} & {*each.finding.table}
            and networks & {*each.finding.about.networks}
            and each.finding.about.target == target
        ]
        if not own:
            continue
        rankings = [each.ranking for each in deciding(together)]
        table = gates(section.finding.curves, rankings, own)
        left_out = _left_out(section)
        rows = [
            {
                "method": row["method"],
                "verdicts": [row[column] for column in table.columns[1:-1]],
                "left_out": left_out.get(row["method"], ""),
                "verdict": f"{SIGNS[row['verdict']]} {row['verdict']}",
            }
            for row in table.to_dict("records")
        ]
        found.append({"title": section.title, "gates": list(table.columns[1:-1]), "rows": rows})
    return found


def verdicts_table(sections: Sequence[PerturbationView], answers: Sequence[View]) -> pd.DataFrame:
    """The rows of all tables: the gates by their names."""
    rows = [
        {
            "of": table["title"],
            "method": row["method"],
            **dict(zip(table["gates"], row["verdicts"], strict=True)),
            "left_out": row["left_out"],
            "verdict": row["verdict"].partition(" ")[2],
        }
        for table in verdict_tables(sections, answers)
        for row in table["rows"]
    ]
    return pd.DataFrame(rows)


def _left_out(section: PerturbationView) -> dict[str, str]:
    """Why each method was left out that was, by the first network that it was left out on."""
    every = [curves.left_out for curves in section.finding.curves]
    return {name: why for one in reversed(every) for name, why in one.items()}
