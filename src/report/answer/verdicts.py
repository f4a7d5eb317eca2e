"""Which heatmaps passed every gate, of each network that experiments were made on."""

from collections.abc import Sequence
from typing import Any

from ...eval import gates
from ...eval.evaluations.sanity import Finding
from ...eval.gate import PASSED, Light
from ..views.perturbation import Section
from ..views.view import AnswerSection
from .deciding import about_one, deciding

# Told apart by shape as well as by word.
SIGNS: dict[Light, str] = {PASSED: "●", "not tested enough": "◐", "do not show": "✕"}


def lights(sections: Sequence[Section], answers: Sequence[AnswerSection]) -> list[dict[str, Any]]:
    """A table for each set of networks that has findings: every gate of every method.

    The gate of the null ladder is that of every deciding protocol: one map has one light.
    """
    found = []
    for together in about_one(sections):
        section = together[0]
        networks = {each.network for each in section.results}
        target = section.result.target
        own = [
            each.answer.finding
            for each in answers
            if isinstance(each.answer.finding, Finding)
            and networks & {*each.answer.networks}
            and each.answer.target == target
        ]
        if not own:
            continue
        rankings = [each.ranking for each in deciding(together)]
        table = gates(section.results, rankings, own)
        left_out = _left_out(section)
        rows = [
            {
                "method": row["method"],
                "verdicts": [row[column] for column in table.columns[1:-1]],
                "left_out": left_out.get(row["method"], ""),
                "light": f"{SIGNS[row['light']]} {row['light']}",
            }
            for row in table.to_dict("records")
        ]
        found.append({"title": section.title, "gates": list(table.columns[1:-1]), "rows": rows})
    return found


def _left_out(section: Section) -> dict[str, str]:
    """Why each method was left out that was, by the first network that it was left out on."""
    every = [each.scores.left_out for each in section.results]
    return {name: why for one in reversed(every) for name, why in one.items()}
