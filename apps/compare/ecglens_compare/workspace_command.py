"""`ecglens workspace`: the panels of a project on W&B, arranged for a team."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from warnings import catch_warnings, filterwarnings

from ecglens.extras import extra
from ecglens.jobs import parser_of, user_errors

NOTE = """Needs `pip install '.[workspace]'` in a copy of the source and an account (`wandb login`,
or WANDB_API_KEY). The workspace is a view of the project that every member can open; it changes no
run. docs/team.md says which panel answers which question.

exit status: 0 the workspace was saved or written, 2 wrong use, no account or no answer
"""
RANKINGS = ("default", "noise_10")  # those of evaluation=perturbation


def main() -> None:
    """Run; a user's mistake ends the process with one line and status 2."""
    arguments = _parser().parse_args()
    with user_errors("stopped; nothing was saved"):
        entity, mark, project = arguments.project.partition("/")
        if not (entity and mark and project) or "/" in project:
            raise ValueError(
                f"expected ENTITY/PROJECT, such as ward/ecglens, got {arguments.project}"
            )
        print(_made(entity, project, arguments))


def _parser() -> argparse.ArgumentParser:
    parser = parser_of("Arrange the panels of a project on Weights & Biases.", NOTE)
    add = parser.add_argument
    add("project", metavar="ENTITY/PROJECT", help="user or team, and project")
    add("--rankings", nargs="+", default=RANKINGS, metavar="NAME", help="evaluations with curves")
    add("--others", nargs="+", default=(), metavar="NAME", help="other evaluations, as weights")
    add("--to", type=Path, metavar="FILE", help="write the specification as JSON, send nothing")
    return parser


def _made(entity: str, project: str, arguments: argparse.Namespace) -> str:
    """Address of the saved workspace, or path of the file."""
    from ecglens.store import write_json

    built = workspace(entity, project, arguments.rankings, arguments.others)
    if arguments.to is not None:
        return str(write_json(arguments.to, specification(built)).resolve())
    return save_workspace(built)


NAME = "ECGLens: which heatmap can be trusted"
# Widths of panels in W&B's grid of 24 columns.
HALF, WHOLE = 12, 24


def workspace(
    entity: str, project: str, rankings: Sequence[str], others: Sequence[str] = (), name: str = NAME
) -> Any:
    """Workspace of a project, not yet saved.

    `rankings` are the names of evaluations with curves, `others` of those without; the keys of
    their panels are those that log_findings gives. Raises ImportError without wandb-workspaces.
    """
    from ecglens.report.wandb import (
        CHART,
        CHART_TABLE,
        HEATMAPS,
        METHODS,
        PAGE,
        SUMMARY,
        SWEEP_PAGE,
    )

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
    columns = [f"summary:{each}" for each in SUMMARY]
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
        runset_settings=ws.RunsetSettings(pinned_columns=["run:displayName", *columns]),
        auto_generate_panels=False,
    )


def save_workspace(built: Any) -> str:
    """Address of the workspace after it was saved.

    Raises ValueError where W&B does not answer or refuses it.
    """
    import wandb
    from ecglens.report.wandb import answers
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
