"""Where a run's numbers go while it runs: a CSV file and Weights & Biases."""

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pytorch_lightning.loggers import CSVLogger, Logger, WandbLogger
from pytorch_lightning.utilities import rank_zero_only

from ..report import open_wandb


def open_loggers(config: Mapping[str, Any], folder: Path, group: str) -> list[Logger]:
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
            chosen.append(_wandb(config, settings, folder, group))
    return chosen


def _wandb(
    config: Mapping[str, Any], settings: Mapping[str, str], folder: Path, group: str
) -> WandbLogger:
    from wandb.errors import Error

    try:
        run = open_wandb(
            folder,
            name="-".join(config[part]["name"] for part in ("target", "input", "model")),
            project=settings["project"],
            group=group,
            mode=settings["mode"],
            config=dict(config),
        )
    except Error as problem:  # no key, no network
        raise ValueError(f"W&B: {problem}; logger.wandb.mode=offline needs no account") from None
    return WandbLogger(experiment=run)
