"""Contents of a page: a link to each question under a short name, with a mark of its outcome."""

from ..eval import Finding, beats_by_measure
from .views.run_views import RunViews
from .views.view import View

# Marks by shape, with their words for the legend and for those who hear the page.
MARKS = {
    "●": "shown for a method",
    "◐": "partly: by some measures",
    "✕": "not shown",
    "–": "described only, or not applicable",
}


def contents(run: RunViews) -> list[dict[str, str]]:
    """Each question with its place, title, short name and a mark of MARKS.

    What all titles begin with is left out.
    """
    every: list[tuple[View, str]] = [(view, _after(view)) for view in run.ranked]
    every += [(view, _evaluation(view)) for view in run.others]
    alike = len({view.of for view, _ in every}) == 1
    return [
        {
            "key": view.key,
            "title": _after(view) if alike else view.title,
            "name": _capital(name) if alike else f"{view.of} · {name}",
            "sign": (sign := outcome(view.finding)),
            "said": MARKS[sign],
        }
        for view, name in every
    ]


def outcome(finding: Finding) -> str:
    """Mark of a finding, from its table; no answer to which map to use.

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
