"""Findings as lines of text at the end of a job."""

from collections.abc import Sequence
from math import isnan

import pandas as pd

from ..eval import Finding, rank
from ..report import cautions_of, grouped, score_validation

COLUMNS = ("method", "auc", "low", "high", "difference_low", "beats_controls", "rank")
# Printed for a finding without a sentence: none of its measures has a direction.
IN_THE_REPORT = "the numbers are in the report."


def print_findings(findings: Sequence[Finding]) -> None:
    """Print each ranking as a table with its sentence, then the sentences of the others."""
    for finding in grouped([each for each in findings if each.curves]):
        print_ranking(finding)
    for finding in findings:
        if not finding.curves:
            sentence = finding.sentence or IN_THE_REPORT
            print(f"\n{finding.about.evaluation}: {sentence}")


def print_ranking(finding: Finding) -> None:
    """Print the ranking of a finding with curves, and what to know before relying on it."""
    about, ranking, curves = finding.about, rank(finding), finding.curves[0]
    columns = list(COLUMNS)
    if len(curves.methods) < 2:
        columns.remove("rank")  # ranks exist only where methods are gathered
    networks = f", {len(about.networks)} networks" if len(about.networks) > 1 else ""
    print(f"\n{about.target.name} ({about.input}, {curves.protocol.name}{networks})")
    table = ranking.table.rename(columns={"value": "auc"})
    print(table[columns].map(_shown).to_string(index=False))
    print(ranking.sentence)
    for caution in cautions_of(finding):
        print(f"- {caution}")
    print(f"Validation of this score: {score_validation(finding)}.")


def _shown(value: object) -> object:
    """Three digits of a number; nothing for what a control does not have."""
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.3g}"
    return "" if value is pd.NA else value
