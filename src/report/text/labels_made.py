"""Who made the labels, and what follows for a reader."""

from collections.abc import Mapping

from ...datamodules import ECGLENS, maker_words
from ...eval import Finding

# Programs whose measurement a network learns in place of a clinician's.
PROGRAMS = ("12sl", "recorder")


def makers(finding: Finding) -> Mapping[str, int]:
    """Number of ECGs by the maker of the label that is explained; empty where nobody told."""
    return finding.facts.get("labels_by", {}).get(finding.about.target.explained, {})


def labels_cautions(finding: Finding) -> list[str]:
    """Cautions on labels that a program measured."""
    made, target = makers(finding), finding.about.target
    if not made:
        return []
    said = maker_words(made)
    if ECGLENS in made:
        text = f"The labels are {said}: the network learns ECGLens' measurement, errors included."
        if target.edges or target.waves:
            text += " Marks of the same kind say where the target lies in each ECG."
        return [text]
    if any(who in made for who in PROGRAMS):
        return [f"The labels are {said}: the network learns that program, errors included."]
    return []
