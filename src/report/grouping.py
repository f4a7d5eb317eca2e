"""Findings of several jobs that belong together: methods merged, networks joined."""

import json
from collections.abc import Sequence

from ..eval import Finding, joined, merge
from ..eval.ranking import experiment

# Settings and parts of an experiment that tell networks of one group apart, or only jobs of one.
VARY_WITH_SEED = ("seed", "seeds", "logger", "method")
BY_SEED = ("networks", "seeds")


def grouped(findings: Sequence[Finding]) -> list[Finding]:
    """A finding with curves for each ranking, in the order in which the first ones came.

    Jobs with other methods are merged, networks that differ only in their seed are joined.
    """
    return [joined(group) for group in _same_but_seed(_merged(findings))]


def _same_but_seed(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Groups of findings on networks that differ only in their seed.

    A network is in a group once, and a method of one name has the same settings in all of it.
    """
    groups: list[tuple[str | None, list[Finding]]] = []
    for finding in findings:
        common = _but_seed(finding)
        fitting = (
            group
            for shared, group in groups
            if common is not None
            and shared == common
            and all(_comparable(finding, one) for one in group)
        )
        if (group := next(fitting, None)) is None:
            groups.append((common, group := []))
        group.append(finding)
    return [group for _, group in groups]


def _comparable(one: Finding, other: Finding) -> bool:
    """Whether they are on different networks, by methods with the same settings."""
    if {*one.about.networks} & {*other.about.networks}:
        return False
    a, b = (finding.facts["settings"].get("method", {}) for finding in (one, other))
    return all(a[name] == b[name] for name in a.keys() & b.keys())


def _but_seed(finding: Finding) -> str | None:
    """What networks of one group have in common; None where the settings are not known."""
    settings = finding.facts.get("settings")
    if settings is None:
        return None
    same = {key: value for key, value in settings.items() if key not in VARY_WITH_SEED}
    common = {key: value for key, value in experiment(finding).items() if key not in BY_SEED}
    return json.dumps([same, common], sort_keys=True, default=str)


def _merged(findings: Sequence[Finding]) -> list[Finding]:
    """Findings of one experiment become one, unless a method has different curves in them."""
    merged: list[Finding] = []
    for finding in findings:
        for place, other in enumerate(merged):
            if experiment(other) != experiment(finding):
                continue
            try:
                merged[place] = merge([other, finding])
            except ValueError:  # the same method with other settings: a view of its own
                continue
            break
        else:
            merged.append(finding)
    return merged
