"""Where a run's numbers go while it runs: a CSV file and Weights & Biases."""

import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import CSVLogger, Logger, WandbLogger
from pytorch_lightning.utilities import rank_zero_only

from ..datamodules import all_may_leave
from ..eval import Finding
from ..report import Pseudonyms, log_to_wandb, open_wandb, plain_settings
from .errors import one_line


def open_loggers(
    config: Mapping[str, Any], folder: Path, group: str, names: Pseudonyms
) -> list[Logger]:
    """The loggers named by logger=…; a missing wandb is said in one line and left out.

    Fitted by several processes, a network has a run of W&B's for the fit beside that of the
    evaluation, in one group.
    """
    chosen: list[Logger] = []
    for settings in config["logger"].values():
        if settings["name"] == "csv":
            chosen.append(CSVLogger(folder, name="log"))
        elif find_spec("wandb") is None:
            print("wandb is not installed: logging to CSV only", file=sys.stderr)
        elif getattr(rank_zero_only, "rank", 0) == 0:
            chosen.append(_wandb(config, settings, folder, group, names))
    return chosen


def send(loggers: Sequence[Logger], findings: Sequence[Finding], folder: Path) -> None:
    """Log findings to W&B, if it is among the loggers, and end its run.

    They are on disk already: where W&B fails, a line says so, and the job goes on.
    """
    for logger in loggers:
        if isinstance(logger, WandbLogger):
            from wandb.errors import Error

            try:
                log_to_wandb(findings, folder, run=logger.experiment)
                logger.experiment.finish()  # the next job of a sweep opens its own
            except (Error, OSError) as problem:
                print(
                    f"{one_line(problem)}; W&B lacks them, {folder} has all results",
                    file=sys.stderr,
                )


def _wandb(
    config: Mapping[str, Any],
    settings: Mapping[str, str],
    folder: Path,
    group: str,
    names: Pseudonyms,
) -> WandbLogger:
    """A run of W&B's; of ECGs that may not leave this machine it gets no text and no folder."""
    from wandb.errors import Error

    stays = not all_may_leave(config["data"])
    try:
        run = open_wandb(
            folder,
            stays,
            name="-".join(config[part]["name"] for part in ("target", "input", "model")),
            project=settings["project"],
            # The last folders of the run's path: the user's words.
            group=names.of("group", group) if stays else group,
            mode=settings["mode"],
            config=plain_settings(config, names),
        )
    except Error as problem:  # no key, no network
        raise ValueError(f"W&B: {problem}; logger.wandb.mode=offline needs no account") from None
    return WandbLogger(experiment=run)
