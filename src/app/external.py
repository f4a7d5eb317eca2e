"""The network on a second data set, whose ECGs it has not been fitted to."""

from typing import Any

import pytorch_lightning as pl

from ..models import Fitting
from .job import Job


def tested(job: Job, module: Fitting) -> dict[str, Any]:
    """Facts of the second data set with the metrics as `fit`; empty when there is none."""
    if job.external is None:
        return {}
    trainer = pl.Trainer(
        accelerator=job.config["trainer"]["accelerator"],
        devices=1,
        logger=False,  # its test/… would be taken for those of the first data set
        enable_model_summary=False,
        enable_checkpointing=False,
    )
    (found,) = trainer.test(module, job.external.test_dataloader(), verbose=False)
    fit = {name.removeprefix("test/"): float(value) for name, value in found.items()}
    return {**job.external.counts, "fit": fit}
