"""The views of findings, in their order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from ... import registry
from ...eval import Finding
from ..keys import unique_key
from .agreement import ConsistencyView, SimilarityView
from .effects import EffectsView
from .measures import MeasuresView
from .not_applicable import NotApplicableView
from .relevance import RelevanceView
from .shortcuts import ShortcutsView
from .view import View
from .weights import WeightsView

# Views by the name of their evaluation, beside those of installed packages; other evaluations have
# MeasuresView. A module that is no installed package may add its own.
VIEWS: dict[str, type[View]] = {
    "consistency": ConsistencyView,
    "effects": EffectsView,
    "relevance": RelevanceView,
    "shortcuts": ShortcutsView,
    "similarity": SimilarityView,
    "weights": WeightsView,
}


def views(findings: Sequence[Finding]) -> list[View]:
    """A view for each finding without curves, with a key of its own."""
    found: list[View] = []
    for finding in findings:
        about = finding.about
        explained = f" {about.target.explained}" if about.target.classes else ""
        name = f"{about.target.name}{explained} {about.input} {about.evaluation}"
        key = unique_key(name, {view.key for view in found})
        found.append(view_class(finding)(key, finding))
    titles = Counter(view.title for view in found)
    return [
        view if titles[view.title] == 1 else replace(view, differing=view.network) for view in found
    ]


def view_class(finding: Finding) -> type[View]:
    """The view of this evaluation: our own or a package's; else a number per ECG and method.

    Raises ValueError for an entry point of `ecglens.views` that is no view.
    """
    if finding.reason:
        return NotApplicableView
    name = finding.about.evaluation
    outside = registry.offered("views")
    found = VIEWS.get(name) or (outside[name].load() if name in outside else MeasuresView)
    if not (isinstance(found, type) and issubclass(found, View)):
        raise ValueError(
            f"expected the view of {name} to be a subclass of ecglens.report.View, got {found!r}"
        )
    return found
