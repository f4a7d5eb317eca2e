"""A run over all jobs of a sweep: one table and the sweep's report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ...datamodules import all_may_leave
from ...eval import Finding
from .page_panel import page_panel
from .panels import logged_table

METHODS, SWEEP_PAGE = "sweep/methods", "sweep/report"
COLUMNS = ("measure", "method", "kind", "value", "low", "high", "beats_controls")


def log_sweep(run: Any, findings: Mapping[str, Sequence[Finding]], page: Path) -> None:
    """Log the findings of each job, by the name of its run, and the page over all of them.

    The summary has the number of jobs and of findings.
    """
    every = [each for several in findings.values() for each in several]
    stays = not all(all_may_leave(each.facts) for each in every)
    table = pd.concat(
        [_rows(name, each) for name, several in findings.items() for each in several],
        ignore_index=True,
    )
    shown = {METHODS: logged_table(table, stays)}
    if not stays:
        shown[SWEEP_PAGE] = page_panel(page)
    run.log(shown)
    run.summary.update({"jobs": len(findings), "findings": len(every)})


def _rows(name: str, finding: Finding) -> pd.DataFrame:
    """A row per measure and method of a finding."""
    about = finding.about
    rows = finding.table.filter(items=[*COLUMNS])
    facts = {
        "run": name,
        "target": about.target.explained,
        "unit": about.target.unit,
        "input": about.input,
        "evaluation": about.evaluation,
        "networks": len(about.networks),
        "ecgs": len(about.records),
    }
    for place, (column, value) in enumerate(facts.items()):
        rows.insert(place, column, value)
    return rows
