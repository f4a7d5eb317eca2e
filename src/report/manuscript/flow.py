"""Which ECGs were left out on the way, as a table and as the boxes of a figure."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ...datamodules import Excluded, grouped
from ..figures.flow_chart import Box, FlowChart
from ..text.sampled import generated
from ..text.words import target_words
from .manuscript import Manuscript

PARTS = {"train": "Training part", "val": "Validation part", "test": "Test part"}
UNUSED, EXPLAINED = "could not be used", "of the test part explained"


def reasons(facts: Mapping[str, Any], kind: str) -> list[tuple[str, int]]:
    """Why ECGs were left out, the most frequent reason first; `kind` is a fact with names.

    Reasons that differ in their values are one, with "…" for these.
    """
    left_out = [Excluded(str(name), str(reason)) for name, reason in facts.get(kind, [])]
    return [(group.reason, len(group.names)) for group in grouped(left_out)]


def flow_chart(manuscript: Manuscript) -> FlowChart:
    """Boxes from the ECGs that were read to those that were explained; what is unknown is out."""
    facts, people = manuscript.facts, manuscript.facts.get("patients_of_part", {})
    nobody = generated(facts)

    def box(words: str, ecgs: Any, patients: Any = None) -> list[Box]:
        return [Box(words, ecgs, None if nobody else patients)] if ecgs is not None else []

    explained = [
        (len(each.curves[0].records), len({*each.curves[0].patients})) for each in manuscript.ranked
    ]
    explained += [(len(each.about.records), each.patients) for each in manuscript.others]
    return FlowChart(
        read=box("ECGs read", facts.get("ecgs")),
        unused=reasons(facts, "excluded"),
        usable=box("Readable", facts.get("usable"), facts.get("patients")),
        without=f"without {target_words(manuscript.target)}",
        unlabelled=reasons(facts, "without_label"),
        parts=[
            each
            for part, words in PARTS.items()
            for each in box(words, facts.get(part), people.get(part))
        ],
        explained=box("Explained", *max(explained))[0],
    )


def flow(manuscript: Manuscript) -> pd.DataFrame:
    """A row per step: what, the ECGs, and the patients if there are any; rows add up."""
    chart = flow_chart(manuscript)
    rows: list[tuple[str, int, int | None]] = [each.row for each in chart.read]
    rows += [(f"– {UNUSED}: {why}", n, None) for why, n in chart.unused]
    rows += [each.row for each in chart.usable]
    rows += [(f"– {chart.without}: {why}", n, None) for why, n in chart.unlabelled]
    rows += [each.row for each in chart.parts]
    rows += [(f"– {EXPLAINED}", *chart.explained.row[1:])]
    return pd.DataFrame(rows, columns=pd.Index(["step", "ecgs", "patients"])).astype(
        {"ecgs": "Int64", "patients": "Int64"}
    )
