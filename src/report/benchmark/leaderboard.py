"""Results of several methods as one page and one table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ...eval.benchmark import PARTS, SUITE, alike, same_networks, side_by_side
from ...explain import controls
from ...store import write_text
from ..self_contained import environment
from ..style import style
from ..tables import write_table
from .content import KEPT, MARKS, UNDECIDED, label_of, over_words, table_rows, untried
from .figure import headline_scores

Result = Mapping[str, Any]


def write_leaderboard(results: Sequence[Result], folder: Path) -> Path:
    """Write leaderboard.html and leaderboard.csv into `folder`; the path of the page.

    Raises ValueError for no result, two tiers, and two results of one name.
    """
    tiers = {each["tier"] for each in results}
    if len(tiers) != 1:
        raise ValueError(
            f"expected results of one tier, got {', '.join(sorted(tiers)) or 'none'}; "
            "a quick result is not compared with a full one"
        )
    names = [each["method"]["name"] for each in results]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(
            f"expected each method once, got {', '.join(twice)} twice; run one of them again with "
            "`ecglens benchmark … --name NAME`"
        )
    scores = side_by_side(results)
    rows = table_rows(results)
    page = environment().get_template("leaderboard.html")
    text = page.render(
        suite=SUITE,
        tier=tiers.pop(),
        rows=rows,
        limits=[part.label for part in PARTS if part.limit],
        warnings=_warnings(results),
        untried=untried(results),
        undecided=UNDECIDED,
        kept=KEPT,
        scores=[
            {**scores[name], "units": over_words(scores[name])} for name in headline_scores(scores)
        ],
        names=[(row["method"], row["label"]) for row in rows],
        controls=[(name, style(name).label) for name in _controls(scores)],
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_table(_table(results, rows, scores), folder / "leaderboard.csv")
    return write_text(folder / "leaderboard.html", text)


def _warnings(results: Sequence[Result]) -> list[str]:
    found = [
        f"{label_of(each)}: {check['said']}"
        for each in results
        for check in each["checks"]
        if check["said"]
    ]
    found += [
        f"{style(one).label} and {style(other).label} have the same number in every score: one "
        "method under two names."
        for one, other in alike(results)
    ]
    others = [label_of(each) for each in results if not same_networks(results[0], each)]
    if others:
        found.append(
            f"{', '.join(others)} ran on other networks than {label_of(results[0])} (another "
            "machine or versions): places by score may differ for that reason alone."
        )
    return found


def _controls(scores: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Controls that any score has a row of; they have scores and no limits."""
    return [name for name in controls() if any(name in each["rows"] for each in scores.values())]


def _table(
    results: Sequence[Result],
    rows: Sequence[Mapping[str, Any]],
    scores: Mapping[str, Mapping[str, Any]],
) -> pd.DataFrame:
    """A row for each method in order, then one for each control, with the place "control"."""
    by_name = {each["method"]["name"]: each for each in results}
    found = []
    for row in rows:
        result = by_name[row["method"]]
        verdicts = {each["part"]: MARKS[each["verdict"]] for each in result["outcomes"]}
        about = {name: row[name] for name in ("method", "place", "met", "reads")}
        own = _values(row["method"], scores)
        found.append({**about, **verdicts, **result["cost"], **own, "hash": result["hash"]})
    found += [
        {"method": name, "place": "control", **_values(name, scores)} for name in _controls(scores)
    ]
    # Whole numbers stay whole beside the empty fields of controls.
    return pd.DataFrame(found).astype({"met": "Int64", "passes": "Int64"})


def _values(name: str, scores: Mapping[str, Mapping[str, Any]]) -> dict[str, float | None]:
    return {score: each["values"].get(name) for score, each in scores.items()}
