"""The findings of a study as parts: their views' figures, and tables of a column per class."""

from collections.abc import Iterable, Sequence

import pandas as pd

from ...eval import Finding
from ..style import style
from ..views.perturbation import perturbation_views
from ..views.view import View
from ..views.views import views
from .part import Drawing


def of_evaluation(findings: Sequence[Finding], name: str) -> list[Finding]:
    """Those of an evaluation that was made, without curves."""
    return [each for each in findings if each.about.evaluation == name and not each.reason]


def drawings(findings: Sequence[Finding], figures: Sequence[str]) -> tuple[Drawing, ...]:
    """The figures of these names of every finding, as its view draws them."""
    return tuple(_drawn(views(findings), figures))


def rankings(findings: Sequence[Finding]) -> tuple[Drawing, ...]:
    """Methods and controls by area with their intervals, a figure for each class and protocol."""
    found = perturbation_views([each for each in findings if each.curves])
    caption = "Mean area with its 95 % interval; hollow grey dots are controls."
    return tuple(
        Drawing(
            f"{view.key}-ranking", f"{view.title}{_data(view)}. {caption}", view.figures["ranking"]
        )
        for view in found
    )


def explained(finding: Finding) -> str:
    """The class whose logit is explained, or the target."""
    return (
        finding.about.target.explained
        if finding.about.target.classes
        else finding.about.target.name
    )


def learned(finding: Finding) -> dict[str, object]:
    """The data, and the number of ECGs that the network learned from: columns of a table."""
    facts = finding.about.facts()
    return {"data": facts.get("source", ""), "learned from": facts.get("train")}


def labelled(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the printed names of the methods."""
    return table.assign(method=[style(name).label for name in table["method"]])


def _drawn(found: Sequence[View], figures: Sequence[str]) -> Iterable[Drawing]:
    for view in found:
        for name, figure in view.figures.items():
            if name.startswith(tuple(figures)):
                caption = f"{view.title}{_data(view)}. {view.caption(name)}"
                yield Drawing(f"{view.key}-{name}".replace(" ", "-"), caption, figure)


def _data(view: View) -> str:
    """The data of the figure, where it is known."""
    source = view.finding.about.facts().get("source")
    return f" · {source}" if source else ""
