"""The forms: the scorecard of FDA staff, FUTURE-AI Explainability 1 and 2, and TRIPOD+AI.

Their questions are in short words of ours: the papers say what each asks in full. A form says what
the run measured; whether that is enough is for its reader.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ecglens.eval import FINDING, Finding, Measure
from ecglens.report import across, style
from ecglens.report.text import rules_words

from .maps import CLAIMS, Maps, behind_use
from .network import interval
from .sources import NOT_TESTED, TO_WRITE, UNTESTED, Cell, Row, Run, methods_of

# Lago, Zamzmi, Eich, Delfino. Bioengineering 2026;13(1):111, arXiv:2506.13917. By criterion: what
# it asks, the kind of measures (eval.Measure.about) that speak of it, and the evaluations that have
# them, each with its name here.
CRITERIA: dict[str, tuple[str, str, dict[str, str]]] = {
    "Consistency": (
        "How much do explanations of similar inputs differ?",
        "robustness",
        {"axioms": "Noise, baseline shift, two runs", "consistency": "Retrained networks"},
    ),
    "Plausibility": (
        "How close is the explanation to what is known to matter?",
        "plausibility",
        {"localisation_wave": "Waves of the target", "localisation_edge": "Edges of the target"},
    ),
    "Fidelity": (
        "Does the explanation follow what the network does?",
        "faithfulness",
        {"effects": "Measured effects", "axioms": "Completeness, infidelity"},
    ),
}
USEFULNESS = "Do its users perform better with the explanation than without?"
OF = {"localisation_wave": ", waves", "localisation_edge": ", edges"}
BEATS = " †"  # the template says what it means
TESTS = {
    "measure": "response to known changes",
    "weights": "redrawn weights and permuted labels",
    "return_test": "return test",
    **{name: f"localisation{of}" for name, of in OF.items()},
}
COLUMNS, MEASURES = 3, 4  # methods, and measures of an evaluation, that a third of an A4 holds


@dataclass(frozen=True)
class Test:
    """A row of the scorecard: a measure with the number of each method."""

    words: str
    explained: str
    cells: tuple[Cell, ...]


# Name, what it asks, and its tests; a criterion without a test is the writer's.
Criterion = tuple[str, str, list[Test]]


def scorecard(run: Run, shown: Maps) -> tuple[Sequence[str], list[Criterion]]:
    """Labels of the methods, and the four criteria with what the run measured of these."""
    names = methods_of(run, COLUMNS)
    found: list[Criterion] = []
    for criterion, (asks, about, evaluations) in CRITERIA.items():
        tests = [test for each, words in evaluations.items()
                 for test in _tests(run, each, words, about, names)]  # fmt: skip
        claimed = _claimed(shown, names) if criterion == "Fidelity" else ()
        found.append((criterion, asks, [*claimed, *tests]))
    return [style(name).label for name in names], [*found, ("Usefulness", USEFULNESS, [])]


def _claimed(shown: Maps, names: Sequence[str]) -> Iterator[Test]:
    """The claims of the second page, for the methods of the card."""
    of = {each.label: each.claims for each in shown.methods}
    for place, words in enumerate(CLAIMS.values()):
        cells = [of.get(style(name).label, ()) for name in names]
        filled = tuple(each[place] if each else UNTESTED for each in cells)
        yield Test(words, "strongest null as a share of the map, as on page 2", filled)


def _tests(
    run: Run, evaluation: str, words: str, about: str, names: Sequence[str]
) -> Iterator[Test]:
    """Measures of an evaluation that are of this kind; one blank row where it was not run."""
    found = [(each, one) for each in run.of(evaluation)[:1] for one in each.measures
             if one.about == about]  # fmt: skip
    if not found:
        yield Test(words, f"evaluation={evaluation.split('_')[0]}", (UNTESTED,) * len(names))
    for finding, each in found[:MEASURES]:
        cells = tuple(_number(run, finding, each, name) for name in names)
        label = f"{each.label}{OF.get(evaluation, '')}" if len(found) > 1 else words
        yield Test(label, each.explained, cells)


def _number(run: Run, finding: Finding, measure: Measure, method: str) -> Cell:
    table = finding.table
    rows = table[(table["measure"] == measure.name) & (table["method"] == method)]
    if not len(rows):
        return UNTESTED
    row: dict[Any, Any] = rows.iloc[0].to_dict()
    text = interval(row["value"], row["low"], row["high"], measure.unit)
    if row.get("beats_controls") is True:
        text += BEATS
    return run.cell(text, (finding.about.evaluation, FINDING, f"table.{measure.name}"))


def claimed(run: Run, shown: Maps) -> Cell:
    """For how many of the methods tested each claim was shown, and a protocol that is missing."""
    if run.answer is None:
        return UNTESTED
    counts, every = [], [each for method in shown.methods for each in method.claims if each.text]
    claims = [each for of in run.answer.claims.values() for each in of]  # more than the page shows
    for name, words in CLAIMS.items():
        said = [each.verdict for each in claims if each.about == name]
        tested = len(said) - said.count(NOT_TESTED)
        true = f"{said.count('shown')} of {tested} tested" if tested else NOT_TESTED
        counts.append(f"“{words}”: {true}")
    lacks = "".join(f" {each}: {NOT_TESTED}." for each in behind_use(run))
    cited = tuple(sorted({number for each in every for number in each.cited}))
    where = "; ".join(dict.fromkeys(each.where for each in every))
    return Cell(f"Shown – {'; '.join(counts)}.{lacks}", cited, where)


def future_ai(run: Run, shown: Maps) -> list[Row]:
    """Lekadir et al. BMJ 2025;388:e081554, Explainability 1 and 2."""
    sources = [(each.about.evaluation, FINDING, "about") for each in run.made]
    kind = run.fact("One heatmap for each ECG (local): every sample of 12 leads.", "methods")
    said = claimed(run, shown)
    text = f"{across([run.answer])} {said.text}" if run.answer else ""
    names = dict.fromkeys(each.about.evaluation for each in run.made)
    tested = "; ".join(TESTS.get(name) or rules_words(name) for name in names)
    return [
        ("1 Is an explanation needed, and for whom?", TO_WRITE, "need, goal, who asked for it"),
        ("1 Which kind of explanation?", kind, "why this kind suits the goal"),
        ("1 Limits to expect", TO_WRITE, "over-reliance, misreading; page 1 has the network’s"),
        ("2 Evaluated in silico first", replace(said, text=text), ""),
        ("2 By which tests", run.cell(tested, *sources), ""),
        ("2 Then with users", TO_WRITE, "satisfaction, understanding, performance, over-reliance"),
    ]
