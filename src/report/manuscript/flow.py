"""Which ECGs were left out on the way, as a table."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ...datamodules import Excluded, grouped
from ..text.sampled import generated
from ..text.words import target_words
from .manuscript import Manuscript

PARTS = {"train": "Training part", "val": "Validation part", "test": "Test part"}


def reasons(facts: Mapping[str, Any], kind: str) -> list[tuple[str, int]]:
    """Why ECGs were left out, the most frequent reason first; `kind` is a fact with names.

    Reasons that differ in their values are one, with "…" for these.
    """
    left_out = [Excluded(str(name), str(reason)) for name, reason in facts.get(kind, [])]
    return [(group.reason, len(group.names)) for group in grouped(left_out)]


def flow(manuscript: Manuscript) -> pd.DataFrame:
    """A row per step: what, the ECGs, and the patients if there are any; rows add up."""
    facts = manuscript.facts
    label = f"without {target_words(manuscript.target)}"
    patients = facts.get("patients_of_part", {})
    rows: list[tuple[str, Any, Any]] = [("ECGs read", facts.get("ecgs"), None)]
    rows += [(f"– could not be used: {why}", n, None) for why, n in reasons(facts, "excluded")]
    rows += [("Usable", facts.get("usable"), facts.get("patients"))]
    rows += [(f"– {label}: {why}", n, None) for why, n in reasons(facts, "without_label")]
    rows += [(words, facts.get(part), patients.get(part)) for part, words in PARTS.items()]
    explained = [
        (len(each.curves[0].records), len({*each.curves[0].patients})) for each in manuscript.ranked
    ]
    explained += [(len(each.about.records), each.patients) for each in manuscript.others]
    rows += [("– of the test part explained", *most) for most in [max(explained)]]
    nobody = generated(facts)
    known = [(*row[:2], None if nobody else row[2]) for row in rows if row[1] is not None]
    return pd.DataFrame(known, columns=pd.Index(["step", "ecgs", "patients"])).astype(
        {"ecgs": "Int64", "patients": "Int64"}
    )
