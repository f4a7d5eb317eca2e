"""Findings to one run of W&B: panels, tables, the page, the summary.

Of ECGs that may not leave this machine only numbers over many of them, and settings without texts,
go in.
"""

import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from math import nan
from pathlib import Path
from typing import Any, Literal

from ...datamodules import MAY_LEAVE
from ...eval import Finding
from ..privacy.pseudonyms import Pseudonyms
from ..privacy.withheld import plain_source
from ..views.run_views import RunViews, run_views
from .ecgs import ecg_table
from .opened import PROJECT, wandb_run
from .page_panel import page_panel
from .panels import panels
from .summary import summary

PAGE, ECGS = "answer/report", "ecgs/heatmaps"


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
        print("wandb is not installed: nothing is logged to it", file=sys.stderr)
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
        shown[ECGS] = table
    if not views.stay and page is not None:
        shown[PAGE] = page_panel(page)
    run.log(shown)
    if len({(each.about.target, each.about.input) for each in views.findings}) == 1:
        run.summary.update(summary(views, minutes))
