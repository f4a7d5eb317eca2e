"""Where a run's numbers go while it runs: a CSV file and Weights & Biases."""

import hashlib
import os
import sys
from importlib.util import find_spec

from pytorch_lightning.loggers import CSVLogger, Logger, WandbLogger

from .job import Job


def loggers(job: Job) -> list[Logger]:
    """The loggers named by logger=…; a missing wandb is said in one line and left out."""
    chosen: list[Logger] = []
    for settings in job.config["logger"].values():
        if settings["name"] == "csv":
            chosen.append(CSVLogger(job.folder, name="", version="log"))
        elif find_spec("wandb") is None:
            print("wandb is not installed: logging to CSV only", file=sys.stderr)
        else:
            chosen.append(_wandb(job, settings))
    return chosen


def _wandb(job: Job, settings: dict[str, str]) -> WandbLogger:
    # Everything of W&B's goes into the run folder: HOME may be read-only on a cluster.
    for variable in ("WANDB_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "WANDB_DATA_DIR"):
        os.environ[variable] = str(job.folder)
    os.environ["WANDB_ERROR_REPORTING"] = "false"
    os.environ.setdefault("WANDB_SILENT", "true")
    name = f"{job.target.name}-{job.config['input']['name']}-{job.config['model']['name']}"
    return WandbLogger(
        name=name,
        # The fit may run in another process than the evaluation: both name the same run.
        id=hashlib.sha256(str(job.folder).encode()).hexdigest()[:12],
        project=settings["project"],
        group=job.group,
        offline=settings["mode"] == "offline",
        save_dir=job.folder,
        config=dict(job.config),
    )
