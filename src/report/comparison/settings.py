"""Settings, versions and counts in which two runs differ."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...eval import Finding
from ..wandb.identity import SAME_NUMBERS

ABSENT = "–"


def differing(first: Sequence[Finding], second: Sequence[Finding]) -> list[dict[str, str]]:
    """Each setting that is not the same in both runs, with its two values, by its dotted name."""
    one, other = (_facts(each) for each in (first, second))
    names = sorted({*one, *other})
    rows = [(name, one.get(name, ABSENT), other.get(name, ABSENT)) for name in names]
    return [
        {"name": name, "first": mine, "second": theirs}
        for name, mine, theirs in rows
        if mine != theirs
    ]


def _facts(findings: Sequence[Finding]) -> dict[str, str]:
    """Settings, versions and counts of a run as text; several values where its jobs differ."""
    found: dict[str, dict[str, None]] = {}
    for finding in findings:
        facts = finding.facts
        counts = {"ECGs": len(finding.about.records), "networks": len(finding.about.networks)}
        of_run = {**facts.get("settings", {}), "versions": facts.get("versions", {}), **counts}
        for name, value in _flat(of_run):
            found.setdefault(name, {})[value] = None
    return {name: ", ".join(values) for name, values in found.items()}


def _flat(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in settings.items():
        if not before and name in SAME_NUMBERS:
            continue
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(value)
