"""Page of Bender 2023: set-up, mean relevance, judged findings, leads and figures."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from ecglens.eval import Finding
from ecglens.explain import controls
from ecglens.report.text import INPUTS

from .bender_relevance import classes_of, judged_parts, leads_part, means_part, outcomes_of
from .experiments import FIBRILLATION, Section, Table, drawings, learned, metric, of_evaluation

FIGURES = ("average-beat", "waves", "leads", "output")


def bender(findings: Sequence[Finding]) -> list[Section]:
    """The parts of the page. Raises ValueError for no relevance."""
    found = of_evaluation(findings, "relevance")
    if not found:
        raise ValueError("expected relevance as in Bender 2023, got none: no job has finished")
    return [
        *judged_parts(found),
        means_part(found),
        leads_part(found),
        setup_part(found),
        Section("Figures", (), drawings(found, FIGURES)),
    ]


def setup_part(found: Sequence[Finding]) -> Section:
    """Row for each network and class, and the differences from the study in words."""
    rows = [_row(each, name) for each in found for name in classes_of(each)]
    caption = (
        "What was explained. ECGs: those explained. AUROC and accuracy: of the class on the test "
        "part. Errors: false classifications of the explained ECGs; a dash in TP, FP, TN or FN: "
        "too few ECGs for a mean."
    )
    table = pd.DataFrame(rows, dtype=object)
    shown = table.rename(columns={"explained": "class", "ecgs": "ECGs", "auroc": "AUROC"})
    return Section("Set-up", (Table("setup", caption, table, shown),), (), tuple(_words(found)))


def _row(finding: Finding, explained: str) -> dict[str, object]:
    about, facts = finding.about, finding.facts
    return {
        "explained": explained,
        **learned(finding),
        "input": INPUTS.get(about.input, about.input),
        "network": _network(facts.get("settings", {})),
        "networks": len(about.networks),
        "methods": len([name for name in finding.methods if name not in controls()]),
        "ecgs": len(about.records),
        "auroc": metric(facts, "auroc", explained),
        "accuracy": metric(facts, "accuracy", explained),
        **outcomes_of(finding, explained),
    }


def _network(settings: Mapping[str, Any]) -> str:
    """Name of the model, or of what loads a network of the user's own; "" where not known."""
    own = (settings.get("network") or {}).get("_target_")
    return str(own or (settings.get("model") or {}).get("name", ""))


def _words(found: Sequence[Finding]) -> list[str]:
    words = ["Each row is one network: intervals are over patients, not over networks."]
    if fewer := _on_fewer(found):
        words.append(
            f"{len(fewer)} of {len(found)} findings are of networks that learned from fewer ECGs "
            f"than others of the same data: {' and '.join(map(str, fewer))}."
        )
    if any(each.about.input == "median" for each in found):
        words.append(
            "Here maps of median beats are explained, one beat of each ECG. The study explained "
            "strips and averaged relevance over their beats."
        )
        if any("af" in classes_of(each) for each in found if each.about.input == "median"):
            words.append(FIBRILLATION)
    return words


def _on_fewer(found: Sequence[Finding]) -> list[int]:
    """Training ECGs of each network that has fewer than another on the same data."""
    most: dict[object, int] = {}
    sizes = [(learned(each)["data"], learned(each)["learned from"]) for each in found]
    known = [(data, size) for data, size in sizes if isinstance(size, int)]
    for data, size in known:
        most[data] = max(most.get(data, 0), size)
    return [size for data, size in known if size < most[data]]
