"""A run on W&B over all jobs of a sweep."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import nan
from pathlib import Path
from typing import Any

import pandas as pd

from ...eval import Finding
from ..answer.tables import NUMBERS
from ..privacy import Pseudonyms
from ..views.views import RunViews, run_views
from .log import page_panel
from .panels import NONE, UNTESTED, best, logged_table, use

METHODS, SWEEP_PAGE = "sweep/methods", "sweep/report"


def log_sweep(
    run: Any, findings: Mapping[str, Sequence[Finding]], page: Path, names: Pseudonyms
) -> None:
    """Log the findings of each job, by the name of its run, and the page over all of them."""
    jobs = [run_views(each, names) for each in findings.values()]
    stays = any(each.stay for each in jobs)
    table = pd.concat(
        [_rows(name, each) for name, several in findings.items() for each in several],
        ignore_index=True,
    )
    shown = {METHODS: logged_table(table, stays)}
    if not stays:
        shown[SWEEP_PAGE] = page_panel(page)
    run.log(shown)
    run.summary.update(sweep_summary(jobs))


def sweep_summary(jobs: Sequence[RunViews]) -> dict[str, Any]:
    """Summary values that a table of sweeps is sorted and filtered by.

    `best` is the strongest method to use in most jobs, or the methods where several are in as many,
    and `best_share` the share of jobs in which each of them is, of the jobs with
    a ranking: NaN where there is none.
    """
    ranked = [each for each in jobs if each.ranked]
    answers = [use(each) for each in ranked]
    counts = Counter(best(each) for each in ranked)
    most = max(counts.values(), default=0)
    leading = sorted(name for name, count in counts.items() if count == most)
    return {
        "jobs": len(jobs),
        "findings": sum(len(each.findings) for each in jobs),
        "best": ", ".join(leading) or UNTESTED,
        "best_share": most / len(ranked) if ranked else nan,
        "jobs_use": len(answers) - answers.count(NONE),
        "jobs_none": answers.count(NONE),
    }


def _rows(name: str, finding: Finding) -> pd.DataFrame:
    """A row per measure and method of a finding."""
    about = finding.about
    rows = finding.table.filter(items=[*NUMBERS])
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
