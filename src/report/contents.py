"""Contents of a page: a link to each question under a short name, with a mark of its outcome."""

from collections.abc import Sequence

from ..eval import Finding, beats_by_measure
from .views.perturbation import PerturbationView
from .views.view import View

# Marks by shape, with their words for the legend and for those who hear the page.
MARKS = {
    "●": "shown for a method",
    "◐": "partly: by some measures",
    "✕": "not shown",
    "–": "described only, or not applicable",
}


def contents(ranked: Sequence[PerturbationView], others: Sequence[View]) -> list[dict[str, str]]:
    """Each question with its place, title, short name and a mark of MARKS.

    What all titles begin with is left out.
    """
    rankings = [(view, _after(view), "●" if view.ranking.best else "✕") for view in ranked]
    measured = [(view, _evaluation(view), outcome(view.finding)) for view in others]
    every = rankings + measured
    alike = len({view.of for view, _, _ in every}) == 1
    return [
        {
            "key": view.key,
            "title": _after(view) if alike else view.title,
            "name": _capital(name) if alike else f"{view.of} · {name}",
            "sign": sign,
            "said": MARKS[sign],
        }
        for view, name, sign in every
    ]


def outcome(finding: Finding) -> str:
    """Mark of a finding without a ranking, from its table.

    Shown: a method beats every control by all measures that order methods, or passes a test.
    """
    table = finding.table
    if "verdict" in table:
        methods = table.loc[table["kind"] == "method", "verdict"]
        if methods.isin(["not judged"]).all():
            return "–"
        return "●" if (methods == "passes").any() else "✕"
    if finding.reason or not any(each.higher_is_better is not None for each in finding.measures):
        return "–"
    beats = beats_by_measure(finding.measures, table).to_numpy(bool)
    if len(beats) and beats.all(1).any():
        return "●"
    return "◐" if beats.any() else "✕"


def _after(view: View) -> str:
    return view.title.removeprefix(f"{view.of} · ")


def _evaluation(view: View) -> str:
    name = view.finding.about.evaluation.replace("_", " ")
    return " · ".join(filter(None, [name, view.differing]))


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
