"""Findings of a run or a sweep on W&B: panels, ECGs, the page, and files as artifacts.

For ECGs that may not leave this machine, artifacts hold only numbers over many of them, and
settings without texts.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from math import nan
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from ...datamodules import MAY_LEAVE
from ...eval import Finding
from ...extras import install
from ..answer.tables import NUMBERS
from ..figures.ecg import twelve_lead_figure
from ..figures.pictures import thumbnail
from ..privacy import Pseudonyms, plain_source
from ..style import style
from ..text.words import heading
from ..views.gallery import origin
from ..views.views import RunViews, run_views
from .opened import PROJECT, wandb_run
from .panels import NONE, UNTESTED, best, logged_table, panels, summary, use


@dataclass(frozen=True)
class Content:
    """Files or folders, under a name that is the same for the same content.

    `made` says that this run made them; others it has used. `kept` files do not change any more:
    W&B reads them where they are and makes no copy.
    """

    kind: str
    name: str
    paths: tuple[Path, ...]
    made: bool = True
    kept: bool = False


def log_contents(run: Any, contents: Iterable[Content]) -> None:
    """Log what the run made as its outputs, and what it used as its inputs."""
    import wandb

    for content in contents:
        artifact = wandb.Artifact(content.name, content.kind)
        policy = "immutable" if content.kept else "mutable"
        for path in content.paths:
            if path.is_dir():
                artifact.add_dir(str(path), name=path.name, policy=policy)
            else:
                artifact.add_file(str(path), name=path.name, policy=policy)
        if content.made:
            run.log_artifact(artifact)
        elif run.offline:
            # use_artifact refuses offline, where it would wait for the server; `wandb sync` sends
            # the record that it would have written.
            run._log_artifact(artifact, is_user_created=True, use_after_commit=True)
        else:
            run.use_artifact(artifact)


ECGS = 3  # a picture takes 0.15 s of a core; the page has all of them
DPI = 60  # lead names can be read; 12 leads of a beat are 580 points wide, 20 kB


def ecg_table(run: RunViews) -> Any:
    """Record, target, value along the curve before any step, true value, a heatmap per method.

    Heatmaps are those of the first network. None where no ECG is shown.
    """
    import wandb

    own = [views[0].first for _, views in run.groups]
    names = list(dict.fromkeys(n for one in own for n in one.curves[0].gallery.heatmaps))
    table = wandb.Table(
        columns=["record", "target", "start value", "true value", *(style(n).label for n in names)]
    )
    for finding in own:
        curves, unit = finding.curves[0], finding.about.target.unit
        gallery, start = curves.gallery, next(iter(curves.predictions.values()))
        target = " ".join(filter(None, [heading(finding)[0], f"({unit})" if unit else ""]))
        for place, record in enumerate(gallery.records[:ECGS]):
            at = curves.records.index(record)
            maps = {name: each[place] for name, each in gallery.heatmaps.items()}
            pictures = [_picture(finding, place, name) if name in maps else None for name in names]
            table.add_data(record, target, float(start[0, at, 0]), float(curves.y[at]), *pictures)
    return table if table.data else None


def _picture(finding: Any, place: int, method: str) -> Any:
    import wandb

    gallery = finding.curves[0].gallery
    x, heatmap, start = gallery.x[place], gallery.heatmaps[method][place], origin(gallery.segments)
    figure = twelve_lead_figure(x, heatmap, style(method).label, gallery.fs, start)
    return wandb.Image(thumbnail(figure, DPI))


# Links to a place on the page (#…) and to an address (https:…) stay.
FILE_LINK = re.compile(r'<a href="(?!#|[a-z]+:)[^"]*"[^>]*>(.*?)</a>', re.DOTALL)


def page_panel(page: Path) -> Any:
    """The page for W&B; names of files beside it stay, without their links."""
    import wandb

    text = FILE_LINK.sub(r"\1", page.read_text(encoding="utf-8"))
    # As it is: W&B would have it load a style sheet from elsewhere.
    return wandb.Html(text, inject=False)


PAGE, HEATMAPS = "answer/report", "ecgs/heatmaps"


def log_to_wandb(
    findings: Sequence[Finding],
    folder: Path,
    settings: Mapping[str, Any] | None = None,
    group: str | None = None,
    mode: Literal["offline", "online"] = "offline",
) -> Path | None:
    """Log findings as one run; the folder of that run, None when wandb is not installed.

    Every file of W&B's lies in `folder`, and the run is finished afterwards; runs of one sweep
    share a `group`.
    """
    if find_spec("wandb") is None:
        print(
            f"wandb is not installed: nothing is logged to it; {install('wandb')}", file=sys.stderr
        )
        return None
    config, names = dict(settings or {}), Pseudonyms()
    views = run_views(findings, names)
    if views.stay:
        config = plain_source({**config, MAY_LEAVE: False}, names)
    asked = {"project": PROJECT, "group": group, "mode": mode, "config": config}
    with wandb_run(folder, views.stay, **asked) as run:
        log_findings(run, views)
        return Path(run.dir)


def log_findings(run: Any, views: RunViews, page: Path | None = None, minutes: float = nan) -> None:
    """Log views, and the `page` over them, to a run of W&B's that is open and stays open.

    `minutes` is how long the run took. Findings on several targets have no summary.
    """
    shown = panels(views)
    if not views.stay and (table := ecg_table(views)) is not None:
        shown[HEATMAPS] = table
    if not views.stay and page is not None:
        shown[PAGE] = page_panel(page)
    run.log(shown)
    if len({(each.about.target, each.about.input) for each in views.findings}) == 1:
        run.summary.update(summary(views, minutes))


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
