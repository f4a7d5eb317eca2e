"""The views of findings, in their order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module

from ...eval import Finding
from ..keys import unique_key
from .measures import MeasuresView
from .not_applicable import NotApplicableView
from .view import View


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
    """The class that the evaluation names; the usual one for a number per ECG and method.

    Raises ValueError for a name that is no view.
    """
    if finding.reason:
        return NotApplicableView
    name = finding.about.view
    if not name:
        return MeasuresView
    module, _, kind = name.rpartition(".")
    found = getattr(import_module(module), kind, None)
    if not (isinstance(found, type) and issubclass(found, View)):
        raise ValueError(
            f"expected the view of {finding.about.evaluation} to be a subclass of "
            f"ecglens.report.View, got {name}"
        )
    return found
