"""Whether a map may be used is decided in eval/answer alone: pages, commands and W&B print it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import ecglens
import pytest

SRC = Path(ecglens.__file__).parent
APPS = Path(__file__).parents[2] / "apps"
# Applications that print answers; others judge methods by measures of their own.
PRINTING = ("compare", "export", "open", "paper", "plan", "sheets", "study")
BELOW = ("datamodules", "ecg", "engine", "eval", "explain", "models", "store")
# What a decision reads: levels of a ranking, its strongest method, verdicts of gates.
OF_LADDER = {"reached", "needed", "tested", "above", "not_above", "levels"}
COLUMNS = {"redrawn_verdict", "moved_verdict", "labels_verdict", "beats_controls"}
VERDICTS = {"passes", "fails", "cannot be said", "not judged", "cannot be had"}
# Files that show these numbers, or describe one score, and what they do with them.
ALLOWED = {
    "report/answer/statements.py": "says which twins an answer compared with",
    "report/answer/tables.py": "shows the gates, and what two scores agree on",
    "report/answer/top.py": "says in a few words which gates failed or are missing",
    "report/answer/words.py": "says which gates of an answer failed or are missing",
    "report/page.py": "marks the outcome of each evaluation by itself",
    "report/figures/intervals.py": "leaves gates out of a figure that were not tried",
    "report/ranked.py": "columns of a printed table",
    "report/text/words.py": "says how far the strongest method of one score is from random",
    "report/views/measures.py": "heads of a table of verdicts",
    "report/views/perturbation.py": "draws the strongest method of one score",
    "report/views/ranking_uncertainty.py": "draws the null ladder and what is near its top",
}


def reads(tree: ast.AST) -> Iterator[str]:
    """What a decision reads, in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            of = node.value.attr if isinstance(node.value, ast.Attribute) else ""
            of = node.value.id if isinstance(node.value, ast.Name) else of
            if of == "ladder" and node.attr in OF_LADDER:
                yield f"ladder.{node.attr}"
            if of == "ranking" and node.attr == "best":
                yield "ranking.best"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from {node.value} & (COLUMNS | VERDICTS)


def test_nothing_outside_the_answer_decides_which_maps_are_used() -> None:
    found = {}
    for file in SRC.rglob("*.py"):
        name = file.relative_to(SRC).as_posix()
        allowed = any(name == each or name.startswith(f"{each}/") for each in ALLOWED)
        if name.partition("/")[0] not in BELOW and not allowed:
            found[name] = [*reads(ast.parse(file.read_text("utf-8")))]
    assert {name: each for name, each in found.items() if each} == {}


@pytest.mark.parametrize("app", PRINTING)
def test_no_application_that_prints_an_answer_decides(app: str) -> None:
    files = [*(APPS / app / f"ecglens_{app}").rglob("*.py")]
    assert files
    found = {file.name: [*reads(ast.parse(file.read_text("utf-8")))] for file in files}
    allowed = {"statistics.py": ["redrawn_verdict"]}  # names the test that was made
    assert {name: each for name, each in found.items() if each and allowed.get(name) != each} == {}


def test_what_is_allowed_is_there_and_needed() -> None:
    for name in ALLOWED:
        path = SRC / name
        files = [path] if path.suffix else [*path.rglob("*.py")]
        told = [own for each in files for own in reads(ast.parse(each.read_text("utf-8")))]
        assert told or not path.exists(), name


@pytest.mark.parametrize(
    "code",
    [
        "ok = ranking.ladder.reached[name] >= ranking.ladder.needed",
        "won = [view.ranking.best for view in views]",
        "bad = row['labels_verdict'] == word",
        "use = verdict == 'passes'",
    ],
)
def test_a_second_decision_is_found(code: str) -> None:
    assert [*reads(ast.parse(code))]
