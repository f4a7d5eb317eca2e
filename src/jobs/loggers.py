"""Loggers of a job: the terminal, those of Lightning, and the run on W&B over a sweep."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from inspect import signature
from pathlib import Path
from textwrap import wrap
from typing import Any

import pandas as pd
from hydra.utils import get_object
from pytorch_lightning.loggers import CSVLogger, Logger, WandbLogger
from pytorch_lightning.utilities import rank_zero_only

from ..datamodules import all_may_leave
from ..eval import Finding, numbers
from ..explain import WAS_LEFT_OUT
from ..extras import install
from ..report import (
    Content,
    Identity,
    Pseudonyms,
    RunViews,
    identity,
    log_contents,
    log_findings,
    log_sweep,
    open_wandb,
    plain_settings,
    ranking_lines,
    wandb_run,
)
from .command_line import one_line, tell
from .finished import code
from .runs import contents_of, scores_of
from .settings import built


@dataclass
class Stages:
    """A line on stderr for each stage when it ends, and the time since the job `begun`.

    Only a terminal gets these lines, as it alone gets progress bars: a log has a line a minute of
    long work (progress.py). The progress of a job on a cluster is in its folder, which gains a
    finding with every evaluation, and `ecglens collect` says which jobs have finished.
    """

    begun: float = field(default_factory=time.time)  # s since 1970
    _clock: float = field(default_factory=time.monotonic)

    @property
    def minutes(self) -> float:
        """Minutes since the job began."""
        return (time.monotonic() - self._clock) / 60

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Name and duration of what the block does, once it is done."""
        start = time.monotonic()
        yield
        _say(name, time.monotonic() - start)

    def total(self) -> None:
        """The time since the job began."""
        _say("total", time.monotonic() - self._clock)


def _say(name: str, seconds: float) -> None:
    if not sys.stderr.isatty():
        return
    shown = f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.1f} min"
    print(f"{name}: {shown}", file=sys.stderr)


def open_loggers(
    config: Mapping[str, Any], folder: Path, names: Pseudonyms, identity: Callable[[], Identity]
) -> list[Logger]:
    """The loggers named by logger=…; a missing wandb is said in one line and left out.

    Fitted by several processes, a network has a run of W&B's for the fit beside that of the
    evaluation, in one group.
    """
    chosen: list[Logger] = []
    plain = plain_settings(config, names)
    for name, settings in config["logger"].items():
        if "_target_" in settings:
            kind = get_object(settings["_target_"])
            if "save_dir" in signature(kind).parameters:  # the run's folder, unless it is told
                settings = {"save_dir": str(folder), **settings}
            own = built(settings, f"logger.{name}", Logger)
            own.log_hyperparams(plain)
            chosen.append(own)
        elif settings["name"] == "csv":
            chosen.append(CSVLogger(folder, name="log"))
        elif find_spec("wandb") is None:
            print(
                f"wandb is not installed: logging to CSV only; {install('wandb')}", file=sys.stderr
            )
        elif getattr(rank_zero_only, "rank", 0) == 0:
            chosen.append(_wandb(settings, folder, config=plain, identity=identity()))
    return chosen


def of_numbers(loggers: Sequence[Logger]) -> list[Logger]:
    """Loggers that have numbers alone: all but W&B's, where each would be a chart of one point."""
    return [logger for logger in loggers if not isinstance(logger, WandbLogger)]


def note(loggers: Sequence[Logger], finding: Finding) -> None:
    """Log the numbers of a finding with curves, by measure, evaluation and method."""
    for logger in of_numbers(loggers) if finding.curves else ():
        logger.log_metrics(numbers(finding), step=0)


def send(
    loggers: Sequence[Logger], views: RunViews, page: Path, store: Path, stages: Stages
) -> None:
    """Log views and their page to W&B, if it is among the loggers, and end its run.

    They are on disk already: where W&B fails, the job goes on.
    """
    for logger in of_numbers(loggers):
        logger.finalize("success")
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            run = logger.experiment
            with on_disk(page.parent):
                log_findings(run, views, page, stages.minutes)
                if not views.stay:
                    chosen = views.findings[0].facts["settings"]["logger"].get("wandb", {})
                    kinds = chosen.get("artifacts", ())  # none of a logger of the user's own
                    made = contents_of(run.id, page, store, stages.begun)
                    log_contents(run, [each for each in made if each.kind in kinds])
            with on_disk(page.parent):
                run.finish()  # the next job of a sweep opens its own


@contextmanager
def on_disk(folder: Path) -> Iterator[None]:
    """Context in which W&B may fail: a line says so, and that the results are in the folder."""
    from wandb.errors import Error

    try:
        yield
    except (Error, OSError) as problem:
        tell(f"{one_line(problem)}; W&B lacks them, {folder} has all results", file=sys.stderr)


def _wandb(
    settings: Mapping[str, str], folder: Path, config: Mapping[str, Any], identity: Identity
) -> WandbLogger:
    """A run of W&B's with settings that have no text that may not leave (plain_settings)."""
    from wandb.errors import Error

    try:
        run = open_wandb(
            folder,
            not all_may_leave(config["data"]),
            project=settings["project"],
            mode=settings["mode"],
            config=config,
            **asdict(identity),
        )
    except Error as problem:  # no key, no network
        raise ValueError(f"W&B: {problem}; logger.wandb.mode=offline needs no account") from None
    return WandbLogger(experiment=run)


def send_sweep(
    jobs: Mapping[Path, Sequence[Finding]], page: Path, names: Pseudonyms, command: str
) -> None:
    """Log the findings of the jobs in these folders, where the first of them logs to W&B.

    `command` is that of the jobs. What they found is the input of the sweep's run.
    """
    settings = [findings[0].facts["settings"] for findings in jobs.values()]
    chosen = settings[0]["logger"].get("wandb")
    if chosen is None or "_target_" in chosen or find_spec("wandb") is None:
        return
    stays = not all(all_may_leave(each["data"]) for each in settings)
    group, own_code = group_of(page.parent), code()
    plain = [plain_settings(each, names) for each in settings]
    own = identity(plain, "sweep", own_code, names.of("group", group) if stays else group)
    each = [identity([one], command, own_code) for one in plain]
    asked = {"project": chosen["project"], "mode": chosen["mode"], **asdict(own)}
    with on_disk(page.parent), wandb_run(page.parent, stays, **asked) as run:
        found = dict(zip(distinct([one.name for one in each]), jobs.values(), strict=True))
        log_sweep(run, found, page, names)
        contents = [
            *(scores_of(one.id, folder, False) for one, folder in zip(each, jobs, strict=True)),
            Content("report", f"report-{own.id}", (page,)),
        ]
        if not stays:
            log_contents(run, [one for one in contents if one.kind in chosen["artifacts"]])


def distinct(names: Sequence[str]) -> list[str]:
    """Names of jobs, with their number for those that differ in no number, as in `store` alone."""
    counts = Counter(names)
    return [f"{name} {n}" if counts[name] > 1 else name for n, name in enumerate(names)]


def group_of(sweep: Path) -> str:
    """The W&B group of a sweep, by its folder."""
    return "-".join(sweep.parts[-2:])


def print_findings(run: RunViews) -> None:
    """Print each ranking as a table with its sentences, then the sentences of the others.

    Methods that were left out of one of the others are named too: a ranking says so itself.
    """
    for ranking in ranking_lines(run):
        if ranking.answer:
            tell("", *_broken(ranking.answer))
        tell("", ranking.title, *_aligned(ranking.table), *_broken(ranking.sentences))
    for view in run.others:
        notes = [f"- {note}" for note in view.notes if WAS_LEFT_OUT in note]
        tell("", *_broken([f"{view.finding.about.evaluation}: {view.sentence}", *notes]))


WIDE = 100  # characters of a terminal's line


def _broken(texts: Iterable[str]) -> Iterator[str]:
    """Lines of texts, with what follows a dash below it; a command is not broken."""
    for text in texts:
        if text.startswith("  "):
            yield text
        else:
            indent = "  " if text.startswith("- ") else ""
            yield from wrap(text, WIDE, subsequent_indent=indent, break_on_hyphens=False)


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
