"""Fit a network once: under the same settings it is read back, never fitted again."""

from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import ModelCheckpoint
from torch import nn

from ..ecg import LEADS
from ..models import Classification, Fitting, InUnits, Regression, network_key
from ..store import Step, atomic_path
from . import distributed
from .job import Job

NETWORK = Step("networks", version=1)
CHECKPOINT, WEIGHTS, JOB = "last.ckpt", "weights.pt", "job.json"


def settings(job: Job) -> dict[str, Any]:
    """Exactly what changes the weights of a network."""
    return {
        "data": job.data.settings,
        "target": job.data.labels.settings,
        "model": job.config["model"],
        # Settings do not tell when a network's code has changed, nor does this what acts in
        # training alone: both are needed.
        "untrained": network_key(job.body(), (len(LEADS), job.config["input"]["samples"])),
        "fit": job.config["fit"],
        # BatchNorm sees the part of a batch that is on its device.
        "devices": job.config["trainer"]["devices"],
        "seed": job.config["seed"],
        **({"permuted": True} if job.config["permute_labels"] else {}),
    }


def is_fitted(job: Job) -> bool:
    """Whether the network of this job is in the store."""
    return job.store.has(NETWORK, settings(job))


def fitted(job: Job, may_fit: bool) -> Fitting:
    """The network of this job; fits it when it is not there and `may_fit`.

    Raises ValueError when it is not there and may not be fitted.
    """
    wanted = settings(job)
    if not job.store.has(NETWORK, wanted):
        if not may_fit:
            raise ValueError(
                f"expected a network for {job.target.name} trained under these settings in "
                f"{job.store.root}, found none; train it by `python train.py` with the same words"
            )
        _ = job.data.cohort.parts  # what is wrong with them should leave no half a network
    folder = job.store.folder(NETWORK, wanted, lambda part: _fit(job, part))
    module = untrained(job)
    module.net.load_state_dict(torch.load(folder / WEIGHTS, weights_only=True))
    return module


def untrained(job: Job) -> Fitting:
    """A fresh network in its training module."""
    if job.target.kind == "binary":
        return training_module(job, as_it_is(job, job.body(), x_scale=1e-3))
    net = InUnits(job.body(), y_mean=job.data.y_mean, y_sd=job.data.y_sd)
    return training_module(job, net)


def as_it_is(job: Job, body: nn.Module, x_scale: float) -> InUnits:
    """A network whose outputs are those of `body`, logits or the target's unit."""
    outputs = len(job.target.outputs)
    return InUnits(body, [0.0] * outputs, [1.0] * outputs, x_scale)


def training_module(job: Job, net: InUnits) -> Fitting:
    """What fits and tests a network of this job's target."""
    kind = Classification if job.target.kind == "binary" else Regression
    fit, seed = job.config["fit"], job.config["seed"]
    module = kind(net, lr=fit["lr"], schedule=fit["schedule"], seed=seed)
    module.names = job.target.outputs
    return module


def _fit(job: Job, part: Path) -> None:
    if job.config["trainer"]["devices"] == 1:
        fit_here(job, part)
    else:
        job.save(part / JOB)
        distributed.fit(part / JOB, job.config["trainer"]["devices"])
        (part / JOB).unlink()
    (part / CHECKPOINT).unlink()


def _each_epoch(part: Path) -> ModelCheckpoint:
    """Keep the state at the end of every epoch: a killed fit goes on there, to the same end."""
    stem = Path(CHECKPOINT).stem
    return ModelCheckpoint(part, stem, enable_version_counter=False, save_on_train_epoch_end=True)


def full_precision() -> None:
    """Convolutions in float32 on a GPU too: TF32 keeps 10 bits, and heatmaps are ranked by more."""
    torch.backends.cudnn.allow_tf32 = False


def fit_here(job: Job, part: Path) -> None:
    """Fit in this process (one rank of several, or the only one), going on from a checkpoint."""
    full_precision()
    trainer_settings = job.config["trainer"]
    trainer = pl.Trainer(
        accelerator=trainer_settings["accelerator"],
        devices=trainer_settings["devices"],
        strategy="ddp" if trainer_settings["devices"] > 1 else "auto",
        max_epochs=job.config["fit"]["epochs"],
        callbacks=[_each_epoch(part)],
        logger=job.loggers,
        enable_model_summary=False,
        log_every_n_steps=10,
    )
    last = part / CHECKPOINT
    module = untrained(job)
    trainer.fit(module, datamodule=job.data, ckpt_path=last if last.exists() else None)
    # After SIGTERM Lightning returns as if all were well: only a full count of epochs is a network.
    if trainer.current_epoch < job.config["fit"]["epochs"]:
        raise InterruptedError(
            f"stopped after {trainer.current_epoch} of {job.config['fit']['epochs']} epochs; "
            "the same command goes on from there"
        )
    if trainer.is_global_zero:
        with atomic_path(part / WEIGHTS) as temporary:
            torch.save(module.net.state_dict(), temporary)
