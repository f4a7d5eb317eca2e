"""The card of a method as HTML, PDF and JSON; a leaderboard as a page and a table."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from ecglens.explain import controls
from ecglens.report import environment, style, write_file, write_table
from ecglens.report.figures import inline_svg, vector
from ecglens.store import write_json, write_text

from .content import (
    KEPT,
    LEVELS,
    MARKS,
    SIGNED,
    UNDECIDED,
    answer,
    cost_words,
    label_of,
    order_lines,
    over_words,
    part_rows,
    table_rows,
    untried,
    warnings,
)
from .drawing import Scores, headline_scores, paper, scores_figure
from .standings import alike, beside, same_networks, side_by_side
from .suite import PARTS, SUITE, TIERS

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
        "sources": [f"Published network {each}." for each in result.get("sources", ())],
        "order": order_lines(results),
    }
    page = environment("ecglens_benchmark").get_template("card.html")
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
        signed=SIGNED,
        levels=LEVELS,
        scores=score_rows(method, scores),
        notes=[f"{o['part']}: {note}" for o in result["outcomes"] for note in o["notes"]],
        **about,
    )
    write_json(folder / f"{CARD}.json", result)
    figure = paper(result, about, scores, names)
    write_file(folder / f"{CARD}.pdf", vector(figure, "pdf"))
    return write_text(folder / f"{CARD}.html", text)


def score_rows(method: str, scores: Scores) -> list[dict[str, Any]]:
    """A row for each score: the method's value, the controls', its places, and over what."""
    rows = []
    for score in scores.values():
        first, last = score["places"].get(method, ("", ""))
        rows.append(
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
    return rows


def write_leaderboard(results: Sequence[Result], folder: Path) -> Path:
    """Write leaderboard.html and leaderboard.csv into `folder`; the path of the page.

    Raises ValueError for no result, two tiers or tiers of other sizes, and two results of one name.
    """
    tiers = {each["tier"] for each in results}
    if len(tiers) != 1:
        raise ValueError(
            f"expected results of one tier, got {', '.join(sorted(tiers)) or 'none'}; "
            "a quick result is not compared with a full one"
        )
    (tier,) = tiers
    # Results of before have no sizes: those of their tier.
    usual = TIERS[tier].sizes if tier in TIERS else {}
    if len({json.dumps(each.get("sizes", usual), sort_keys=True) for each in results}) > 1:
        raise ValueError(f"expected results of one size, got several sizes of the {tier} tier")
    each_once(results, "run one of them again with `ecglens benchmark … --name NAME`")
    scores = side_by_side(results)
    rows = table_rows(results)
    page = environment("ecglens_benchmark").get_template("leaderboard.html")
    text = page.render(
        suite=SUITE,
        tier=tier,
        rows=rows,
        limits=[part.label for part in PARTS if part.limit],
        warnings=_warnings(results),
        untried=untried(results),
        undecided=UNDECIDED,
        signed=SIGNED,
        scores=[
            {**scores[name], "units": over_words(scores[name])} for name in headline_scores(scores)
        ],
        names=[(row["method"], row["label"]) for row in rows],
        controls=[(name, style(name).label) for name in _controls(scores)],
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_table(_table(results, rows, scores), folder / "leaderboard.csv")
    return write_text(folder / "leaderboard.html", text)


def each_once(cards: Sequence[Result], what_to_do: str) -> None:
    """Raise ValueError for two cards of one name."""
    names = [each["method"]["name"] for each in cards]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"expected each method once, got {', '.join(twice)} twice; {what_to_do}")


def _warnings(results: Sequence[Result]) -> list[str]:
    lines = [
        f"{label_of(each)}: {check['said']}"
        for each in results
        for check in each["checks"]
        if check["said"]
    ]
    lines += [
        f"{style(one).label} and {style(other).label} have the same number in every score: one "
        "method under two names."
        for one, other in alike(results)
    ]
    others = [label_of(each) for each in results if not same_networks(results[0], each)]
    if others:
        lines.append(
            f"{', '.join(others)} ran on other networks than {label_of(results[0])} (another "
            "machine or versions): places by score may differ for that reason alone."
        )
    return lines


def _controls(scores: Scores) -> list[str]:
    """Controls that any score has a row of; they have scores and no limits."""
    return [name for name in controls() if any(name in each["rows"] for each in scores.values())]


def _table(
    results: Sequence[Result], rows: Sequence[Mapping[str, Any]], scores: Scores
) -> pd.DataFrame:
    """A row for each method in order, then one for each control, with the place "control"."""
    by_name = {each["method"]["name"]: each for each in results}

    def values(name: str) -> dict[str, float | None]:
        return {score: each["values"].get(name) for score, each in scores.items()}

    found = []
    for row in rows:
        result = by_name[row["method"]]
        verdicts = {each["part"]: MARKS[each["verdict"]] for each in result["outcomes"]}
        about = {name: row[name] for name in ("method", "place", "met", "reads")}
        own = values(row["method"])
        found.append({**about, **verdicts, **result["cost"], **own, "hash": result["hash"]})
    found += [{"method": name, "place": "control", **values(name)} for name in _controls(scores)]
    # Whole numbers stay whole beside the empty fields of controls.
    return pd.DataFrame(found).astype({"met": "Int64", "passes": "Int64"})
