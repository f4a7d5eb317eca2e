"""Results on Weights & Biases: metrics, curves, ranking, pictures; offline unless told otherwise.

Nothing here asks for an account or a network, and without the package one line says so. Of ECGs
that may not leave this machine only numbers over many of them, and settings without texts, go in.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from typing import Any, Literal
from urllib.error import HTTPError
from urllib.request import urlopen

from PIL import Image

from ..datamodules import MAY_LEAVE, all_may_leave, may_leave
from ..eval import Finding
from .answer.agreements import agreements_table
from .privacy.pseudonyms import Pseudonyms
from .privacy.shareable import shareable
from .privacy.withheld import plain_source
from .text.quality import external_of, fit_of
from .views.perturbation import PerturbationView, perturbation_views
from .views.sureness import SOURCES, Sureness
from .views.view import View
from .views.views import views

PROJECT = "ecglens"
# Pictures of means over ECGs; the others show an ECG.
OF_MANY = ("curves", "ranking", "ranks")
# Without a network `wandb.init` gives up after 90 s, and `finish` never; a server answers in 1 s.
# What is not sent by then stays in the folder of the run.
ANSWER_S, FINISH_S = 5.0, 120.0
# What W&B gathers by itself: printed lines, the command line with its paths, code, the machine.
NOTHING_BY_ITSELF = {
    "console": "off",
    "disable_code": True,
    "disable_git": True,
    "disable_job_creation": True,
    "host": "withheld",
    "save_code": False,
    "x_disable_machine_info": True,
    "x_disable_meta": True,
    "x_disable_stats": True,
    "x_save_requirements": False,
}


def log_to_wandb(
    findings: Sequence[Finding],
    folder: Path,
    settings: Mapping[str, Any] | None = None,
    group: str | None = None,
    mode: Literal["offline", "online"] = "offline",
    run: Any = None,
) -> Path | None:
    """Log findings as one run; the folder of that run, None when wandb is not installed.

    Every file of W&B's lies in `folder`, and the run is finished afterwards; runs of one sweep
    share a `group`. A `run` that is already open (a Lightning logger's `experiment`) is used
    instead of a new one and stays open; what it knows already is its opener's affair.
    """
    if run is not None:
        _log(run, findings)
        return Path(run.dir)
    if find_spec("wandb") is None:
        print("wandb is not installed: nothing is logged to it", file=sys.stderr)
        return None
    config = dict(settings or {})
    stays = not all(all_may_leave(each.facts) for each in findings)
    if stays:
        config = plain_source({**config, MAY_LEAVE: False}, Pseudonyms())
    with _restored(_variables(folder)):
        own = open_wandb(folder, stays, project=PROJECT, group=group, mode=mode, config=config)
        try:
            _log(own, findings)
            return Path(own.dir)
        finally:
            own.finish()


def open_wandb(folder: Path, stays: bool, **settings: Any) -> Any:
    """An open run with these settings of wandb.init; all its files lie in `folder`.

    With ECGs that have to stay on this machine W&B gathers nothing by itself. The WANDB_…
    variables of this process name that folder from now on. Where its server does not answer, the
    run is offline, and a line says so.
    """
    import wandb

    folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(_variables(folder))
    own = wandb.Settings(finish_timeout=FINISH_S, **(NOTHING_BY_ITSELF if stays else {}))
    server = wandb.setup().settings.base_url
    if settings.get("mode") == "online" and not _answers(server):
        settings["mode"] = "offline"
        print(
            f"W&B: {server} does not answer; the run is kept offline, and `wandb sync` on its "
            f"folder in {folder / 'wandb'} sends it later",
            file=sys.stderr,
        )
    return wandb.init(dir=folder, settings=own, **settings)


def _answers(server: str) -> bool:
    """Whether a server answers anything within ANSWER_S, through a proxy where there is one."""
    answered = Event()

    def ask() -> None:
        with suppress(OSError):
            with suppress(HTTPError):  # an answer, though not a page
                urlopen(server, timeout=ANSWER_S).close()
            answered.set()

    # In a thread, because looking up a name without a network takes longer than any timeout.
    Thread(target=ask, daemon=True).start()
    return answered.wait(ANSWER_S)


def _log(run: Any, findings: Sequence[Finding]) -> None:
    names = Pseudonyms()
    ranked = perturbation_views([shareable(each, names) for each in findings if each.curves])
    for view in ranked:
        _log_ranking(run, view)
    for row in agreements_table(ranked).to_dict("records"):
        run.summary[f"agreement/{row['one']}/{row['other']}"] = row["tau"]
    for view in views([each for each in findings if not each.curves]):
        _log_view(run, view)


def _log_view(run: Any, view: View) -> None:
    """Everything in it is a mean over ECGs."""
    import wandb

    shown: dict[str, Any] = {
        f"{view.key}/figure/{name}": wandb.Image(Image.open(BytesIO(picture)))
        for name, picture in view.pictures.items()
    }
    table = _plain(view.finding.table)
    if not all_may_leave(view.finding.facts):  # no table's file, as in `_log_ranking`
        for row in table.to_dict("records"):
            named = [str(row.pop(of)) for of in ("measure", "method") if of in row]
            _note(run, "/".join([view.key, "methods", *named]), row)
    elif len(table):  # a reason alone has no rows
        shown[f"{view.key}/methods"] = wandb.Table(dataframe=table)
    run.log(shown)
    run.summary[f"{view.key}/answer"] = view.finding.sentence


def _note(run: Any, of: str, row: Mapping[str, Any]) -> None:
    """What is known of a row of a table, number by number."""
    known = {f"{of}/{name}": value for name, value in row.items() if value is not None}
    run.summary.update(known)


def _log_ranking(run: Any, view: PerturbationView) -> None:
    import wandb

    key, table = view.key, _plain(view.ranking.table)
    stays = "pseudonyms" in view.first.facts
    points = f"{key}/points"
    run.define_metric(f"{key}/curve/*", step_metric=points)
    for point in range(max(len(curve) for curve in view.curves.mean.values())):
        curves = {f"{key}/curve/{n}": float(c[point]) for n, c in view.curves.mean.items()}
        run.log({points: point, **curves})
    pictures = {
        f"{key}/figure/{name}": wandb.Image(Image.open(BytesIO(picture)), caption=view.title)
        for name, picture in view.pictures.items()
        if name in OF_MANY or may_leave(view.first.facts)
    }
    # W&B notes the full path of a table's file: it gets that table number by number.
    run.log(pictures if stays else {f"{key}/ranking": wandb.Table(dataframe=table), **pictures})
    for row in table.to_dict("records"):
        run.summary[f"{key}/auc/{row['method']}"] = float(row["value"])
        run.summary[f"{key}/above_random/{row['method']}"] = float(row["difference"])
        if stays:
            _note(run, f"{key}/ranking/{row['method']}", row)
    _log_sureness(run, key, view.sureness)
    run.summary[f"{key}/best"] = view.ranking.best or "none"
    run.summary[f"{key}/answer"] = view.verdict.answer
    finding = view.first
    for kind, facts in (("fit", finding.facts), ("external", external_of(finding))):
        for name, value in fit_of(facts).items():
            run.summary[f"{key}/{kind}/{name}"] = float(value)


def _log_sureness(run: Any, key: str, sure: Sureness) -> None:
    """Mean ranks and variances by method; effects stand in the table of the ranking."""
    for row in _plain(sure.table).to_dict("records"):
        for name in ("mean_rank", *SOURCES):
            if row[name] is not None:
                run.summary[f"{key}/{name}/{row['method']}"] = row[name]
    if sure.test is not None:
        run.summary[f"{key}/friedman_p"] = sure.test.p
        run.summary[f"{key}/critical_difference"] = sure.test.critical_difference


def _plain(table: Any) -> Any:
    """The table without pandas' own kinds of missing values, which W&B does not know."""
    return table.astype(object).where(table.notna(), None)


@contextmanager
def _restored(names: Iterable[str]) -> Iterator[None]:
    """These variables of the process as they were before the block, after it."""
    before = {name: os.environ.get(name) for name in names}
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _variables(folder: Path) -> dict[str, str]:
    """All files in `folder`, because HOME may be read-only; no reports home."""
    names = ("WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR")
    return {name: str(folder / "wandb") for name in names} | {
        "WANDB_DIR": str(folder),  # wandb adds its own folder to this one
        "WANDB_ERROR_REPORTING": "false",
        "WANDB_SILENT": "true",
    }
