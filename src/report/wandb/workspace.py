"""Workspace of a project on W&B, and a run over all jobs of a sweep."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from math import nan
from pathlib import Path
from typing import Any
from warnings import catch_warnings, filterwarnings

import pandas as pd

from ...datamodules import all_may_leave
from ...eval import Finding
from ...extras import extra
from ..privacy import Pseudonyms
from ..views.views import RunViews, run_views
from .log import HEATMAPS, PAGE, page_panel
from .opened import answers
from .panels import CHART, CHART_TABLE, NONE, SUMMARY, UNTESTED, best, logged_table, use

METHODS, SWEEP_PAGE = "sweep/methods", "sweep/report"
COLUMNS = ("measure", "method", "kind", "value", "low", "high", "beats_controls")


def log_sweep(
    run: Any, findings: Mapping[str, Sequence[Finding]], page: Path, names: Pseudonyms
) -> None:
    """Log the findings of each job, by the name of its run, and the page over all of them."""
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
    run.summary.update(sweep_summary([run_views(each, names) for each in findings.values()]))


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


NAME = "ECGLens: which heatmap can be trusted"
RUN_COLUMNS = [f"summary:{name}" for name in SUMMARY]
# Widths of panels in W&B's grid of 24 columns.
HALF, WHOLE = 12, 24


def workspace(
    entity: str, project: str, rankings: Sequence[str], others: Sequence[str] = (), name: str = NAME
) -> Any:
    """Workspace of a project, not yet saved.

    `rankings` are the names of evaluations with curves, `others` of those without; the keys of
    their panels are those that log_findings gives. Raises ImportError without wandb-workspaces.
    """
    with extra("workspace"), catch_warnings():
        # wandb-workspaces 0.4 still uses validators of pydantic 1, which warns of them.
        filterwarnings("ignore", category=DeprecationWarning)
        import wandb_workspaces.reports.v2.interface as wr
        import wandb_workspaces.workspaces as ws

    def table(key: str, width: int = WHOLE) -> Any:
        return wr.WeavePanelSummaryTable(table_name=key, layout=wr.Layout(w=width, h=10))

    def media(title: str, keys: Sequence[str], height: int = 12) -> Any:
        layout = wr.Layout(w=WHOLE, h=height)
        return wr.MediaBrowser(title=title, media_keys=[*keys], num_columns=1, layout=layout)

    def bars(title: str, *names: str) -> Any:
        metrics: list[Any] = [wr.SummaryMetric(each) for each in names]
        return wr.BarPlot(title=title, metrics=metrics, layout=wr.Layout(w=HALF, h=8))

    def chart(evaluation: str) -> Any:
        return wr.CustomChart(
            query={"summaryTable": {"tableKey": CHART_TABLE.format(evaluation)}},
            chart_name=CHART,
            chart_fields={each: each for each in ("step", "lineKey", "lineVal")},
            chart_strings={"title": f"Mean curves, {evaluation}", "xname": "step"},
            layout=wr.Layout(w=HALF, h=10),
        )

    def line(metric: str) -> Any:
        layout = wr.Layout(w=HALF, h=8)
        return wr.LinePlot(x="trainer/global_step", y=[metric], title=metric, layout=layout)

    figures = [f"{each}/figure-{kind}" for each in rankings for kind in ("ranking", "ladder")]
    beat = [each for each in SUMMARY if each.startswith("beat_")]
    sections = {
        "Which heatmap can be trusted?": [
            table("answer/methods"),
            bars("Methods above each rung of the null ladder", *beat),
            bars("Error of the network, in the target's unit", "fit_error"),
            media("Report", [PAGE], height=20),
        ],
        "How far does each method move the prediction?": [
            *(chart(each) for each in rankings),
            *(table(f"{each}/ranking") for each in rankings),
        ],
        "What do the heatmaps look like?": [table(HEATMAPS)],
        "How sure is the order?": [
            media("Ranking and null ladder", figures),
            *(table(f"{each}/{kind}") for each in rankings for kind in ("ladder", "sureness")),
            table("answer/agreements"),
        ],
        "Has the network learned its target?": [
            line("train/loss"),
            line("val/loss"),
            table("answer/networks"),
        ],
        "What do other evaluations say?": [
            table("answer/evaluations"),
            *(table(f"{each}/methods") for each in others),
        ],
        "What does a sweep say as a whole?": [table(METHODS), media("Report", [SWEEP_PAGE], 20)],
    }
    return ws.Workspace(
        entity=entity,
        project=project,
        name=name,
        sections=[
            ws.Section(name=title, panels=panels, is_open=number < 3)
            for number, (title, panels) in enumerate(sections.items())
        ],
        runset_settings=ws.RunsetSettings(pinned_columns=["run:displayName", *RUN_COLUMNS]),
        auto_generate_panels=False,
    )


def save_workspace(built: Any) -> str:
    """Address of the workspace after it was saved.

    Raises ValueError where W&B does not answer or refuses it.
    """
    import wandb
    from wandb.errors import Error

    server = wandb.setup().settings.base_url
    if not answers(server):
        raise ValueError(f"expected an answer of {server}, got none; write it by --to FILE")
    try:
        return built.save().url
    except Error as problem:
        raise ValueError(f"W&B: {problem}; `wandb login` asks for the key of an account") from None


def specification(built: Any) -> dict[str, Any]:
    """View of a workspace as it is sent to W&B."""
    spec = built._to_model().spec
    return json.loads(spec.model_dump_json(by_alias=True, exclude_none=True))
