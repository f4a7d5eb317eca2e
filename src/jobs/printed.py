"""Findings as lines of text at the end of a job."""

import pandas as pd

from ..report import RunViews, ranking_lines
from .terminal import tell


def print_findings(run: RunViews) -> None:
    """Print each ranking as a table with its sentences, then the sentences of the others."""
    for ranking in ranking_lines(run):
        tell("", ranking.title, *_aligned(ranking.table), *ranking.sentences)
    for view in run.others:
        tell("", f"{view.finding.about.evaluation}: {view.sentence}")


def _aligned(table: pd.DataFrame) -> list[str]:
    """The rows of a table under its head, texts to the left and numbers to the right."""
    columns = [[name, *table[name]] for name in table]
    widths = [max(len(text) for text in column) for column in columns]
    right = {"AUC", "95 %"}
    return [
        "  ".join(
            text.rjust(width) if name in right else text.ljust(width)
            for name, text, width in zip(table, row, widths, strict=True)
        ).rstrip()
        for row in zip(*columns, strict=True)
    ]
