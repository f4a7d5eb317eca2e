"""The card of a method: one page as HTML and PDF, and its result as JSON."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...eval.benchmark import PARTS, SUITE, beside, side_by_side
from ...explain import controls
from ...store import write_json, write_text
from ..figures.pictures import inline_svg, vector
from ..self_contained import environment, write_file
from ..style import style
from .content import (
    KEPT,
    LEVELS,
    UNDECIDED,
    answer,
    cost_words,
    label_of,
    order_lines,
    over_words,
    part_rows,
    source_lines,
    table_rows,
    untried,
    warnings,
)
from .figure import headline_scores, scores_figure
from .paper import paper

Result = Mapping[str, Any]
CARD = "card"


def write_card(result: Result, others: Sequence[Result], folder: Path) -> Path:
    """Write card.html, card.pdf and card.json into `folder`; the path of the page.

    `others` are results that the method is set beside, usually the reference of its tier.
    """
    results = beside(result, others)
    scores = side_by_side(results)
    names = headline_scores(scores)
    method = result["method"]["name"]
    about = {
        "label": label_of(result),
        "answer": answer(result, results),
        "warnings": warnings(result, results[1:]),
        "parts": part_rows(result),
        "cost": cost_words(result),
        "sources": source_lines(result),
        "order": order_lines(results),
    }
    page = environment().get_template("card.html")
    text = page.render(
        suite=SUITE,
        result=result,
        figure=inline_svg(scores_figure(method, scores, names), "scores"),
        rows=table_rows(results),
        limits=[part.label for part in PARTS if part.limit],
        own=method,
        controls=[style(name).label for name in controls()],
        untried=untried(results),
        undecided=UNDECIDED,
        kept=KEPT,
        levels=LEVELS,
        scores=score_rows(method, scores),
        notes=[f"{o['part']}: {note}" for o in result["outcomes"] for note in o["notes"]],
        **about,
    )
    write_json(folder / f"{CARD}.json", result)
    figure = paper(result, about, scores, names)
    write_file(folder / f"{CARD}.pdf", vector(figure, "pdf"))
    return write_text(folder / f"{CARD}.html", text)


def score_rows(method: str, scores: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each score: the method's value, the controls', its places, and over what."""
    found = []
    for score in scores.values():
        first, last = score["places"].get(method, ("", ""))
        found.append(
            {
                "label": score["label"],
                "better": score["better"],
                "value": score["values"].get(method),
                "controls": [score["values"].get(name) for name in controls()],
                "place": first if first == last else f"{first}–{last}",
                "of": len(score["places"]),
                "over": over_words(score),
            }
        )
    return found
