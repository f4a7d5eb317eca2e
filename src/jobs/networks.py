"""Networks of a job: kept ones, those of the user, and those that are fitted."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from lightning_fabric.plugins.io.torch_io import TorchCheckpointIO
from pytorch_lightning.callbacks import ModelCheckpoint
from torch import nn

from ..ecg import LEADS
from ..eval import Evaluation, Networks
from ..library import (
    as_it_is,
    errors_of,
    fresh_net,
    own_of,
    readings_of,
    same_reading,
    start_for,
    train,
    training_module,
    with_columns,
)
from ..models import Fitting, Start, begin, network_key, start_of
from ..report import installed_versions
from ..store import Step, atomic_path, say_once
from ..trust import TRUST
from . import distributed
from .folders import folders_in
from .job import EXTERNAL, Job
from .loggers import of_numbers
from .runs import findings_in

NETWORK = Step("networks", version=1)
BEGINS = ("start", "body_lr")  # a network without a start has the key that it always had
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
        "fit": {name: each for name, each in job.config["fit"].items() if name not in BEGINS},
        **_begins(job),
        # BatchNorm sees the part of a batch that is on its device.
        "devices": distributed.devices(job.config["trainer"]),
        "seed": job.config["seed"],
        **({"permuted": True} if job.config["permute_labels"] else {}),
        **({"permuted_ecgs": few} if (few := job.config.get("permuted_ecgs")) else {}),
    }


def _begins(job: Job) -> dict[str, Any]:
    """What decides the weights of a network whose fit begins with another one."""
    if job.config["fit"].get("start") is None:
        return {}
    net = untrained(job).net
    shape = len(LEADS), job.config["input"]["samples"]
    key = {"start": network_key(net, shape), "body_lr": job.config["fit"]["body_lr"]}
    frozen = [name for name, each in net.named_parameters() if not each.requires_grad]
    return key | ({"frozen": frozen} if frozen else {})


def is_fitted(job: Job) -> bool:
    """True if the network of this job is in the store."""
    return job.store.has(NETWORK, settings(job))


def check_fit(job: Job) -> None:
    """`distributed.check` of a fit; not where only prepared ECGs tell whether there is one."""
    given = job.own_network is not None or job.config["fit"].get("start") is not None
    if not given and not is_fitted(job):
        distributed.check(job.config["trainer"], job.config["fit"]["batch_size"])


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
        distributed.check(job.config["trainer"], job.config["fit"]["batch_size"])
        _ = job.data.cohort.parts  # what is wrong with them should leave no half a network
    folder = job.store.folder(NETWORK, wanted, lambda part: _fit(job, part))
    module = untrained(job)
    module.net.load_state_dict(torch.load(folder / WEIGHTS, weights_only=True))
    return module


def untrained(job: Job) -> Fitting:
    """A network in its training module: fresh, or with the weights that the fit begins with."""
    fit, net = job.config["fit"], fresh_net(job.data, job.body())
    if start := start_of_job(job):
        say_once(begin(net, start))
    rates = fit["lr"], fit["schedule"], job.config["seed"], fit.get("body_lr", 1.0)
    return training_module(job.target, net, *rates)


def start_of_job(job: Job) -> Start | None:
    """Weights that the fit begins with, in a file or of a finished run; None for fresh ones.

    Of a run it is the network of the same seed, else its first. The last layer of a network of
    another target stays fresh.
    """
    if (given := job.config["fit"].get("start")) is None:
        return None
    if (run := next(runs_before(job), None)) is None:
        return start_for(job.target, given)
    path, other = run
    seed = seed_in(other, job.config["seed"])
    other = other.variant(f"seed-{seed}", seed=seed)
    net = network_of(other, may_fit=False).net
    same = same_reading(other.target, job.target)
    return replace(start_of(net, fresh_head=not same), source=str(path))


def seed_in(run: Job, seed: int) -> int:
    """Seed of the network of a run that a fit with this seed begins with."""
    return seed if seed in run.seeds else run.seeds[0]


def runs_before(job: Job) -> Iterator[tuple[Path, Job]]:
    """Run that the fit begins with, then the one that this run began with, and so on.

    The last one began with fresh weights or with a file of them, which names no ECGs. Raises
    ValueError for a folder that is no finished run.
    """
    given = job.config["fit"].get("start")
    path = Path(given or "").expanduser()
    if given is None or not path.is_dir():
        return
    finding = next(iter(findings_in(path, job.trusting)), None)
    if finding is None:
        raise ValueError(f"expected a finished run in fit.start, got {path}, which has no finding")
    if len(jobs := folders_in(path)) > 1:
        raise ValueError(f"expected one run in fit.start, got a sweep; give a job, as {jobs[0]}")
    other = Job.of_finding(finding, TRUST)
    yield path, other
    yield from runs_before(other)


def _fit(job: Job, part: Path) -> None:
    devices = distributed.devices(job.config["trainer"])
    if devices == 1:
        fit_here(job, part)
    else:
        job.save(part / JOB)
        distributed.fit(part / JOB, devices)
        (part / JOB).unlink()
    (part / CHECKPOINT).unlink(missing_ok=True)  # a fit of no epochs has none


class WholeCheckpoints(TorchCheckpointIO):
    """Replaces a checkpoint when the new one is whole: a full disk or a kill leaves the last one.

    Lightning writes to the folder of temporary files and moves from there, byte by byte where that
    is another disk.
    """

    def save_checkpoint(self, checkpoint: Any, path: Any, storage_options: Any = None) -> None:
        """Errors of the disk are OSError."""
        _save(checkpoint, Path(path))


def _save(content: Any, path: Path) -> None:
    written = BytesIO()  # torch, writing to a file, hides what the disk says
    torch.save(content, written)
    with atomic_path(path) as temporary:
        temporary.write_bytes(written.getbuffer())


def fit_here(job: Job, part: Path) -> None:
    """Fit in this process (one rank of several, or the only one), going on from a checkpoint."""
    module = untrained(job)
    trainer = train(module, job.data, lambda: trainer_of(job, part), part / CHECKPOINT)
    if trainer.is_global_zero:
        _save(module.net.state_dict(), part / WEIGHTS)


def trainer_of(job: Job, part: Path) -> pl.Trainer:
    """The trainer of one rank, or of the only one; `part` is where it keeps its checkpoint."""
    settings, stem = job.config["trainer"], Path(CHECKPOINT).stem
    # A killed fit goes on at the end of its last epoch, to the same end.
    kept = ModelCheckpoint(part, stem, enable_version_counter=False, save_on_train_epoch_end=True)
    return pl.Trainer(
        accelerator=settings["accelerator"],
        devices=settings["devices"],
        num_nodes=settings["num_nodes"],
        strategy="ddp" if distributed.devices(settings) > 1 else "auto",
        plugins=[distributed.environment(settings), WholeCheckpoints()],
        max_epochs=job.config["fit"]["epochs"],
        callbacks=[kept],
        logger=job.loggers,
        enable_model_summary=False,
        enable_progress_bar=sys.stdout.isatty(),
        log_every_n_steps=10,
    )


def networks_of(
    job: Job, evaluations: Sequence[Evaluation], may_fit: bool, test: bool = True
) -> Networks:
    """The network of each seed, and the one on permuted labels where it is needed.

    Where that one is missing and may not be fitted, its baseline is empty. All but that one have
    facts where they are tested. Raises ValueError for several seeds of a network of the user's own,
    and as fitted().
    """
    found = [(each, network_of(each, may_fit)) for each in _of_each_seed(job)]
    permuted, other = None, label_permuted_job(job, evaluations)
    if other is not None and (may_fit or is_fitted(other)):
        permuted = fitted(other, may_fit).net.eval()
    nets = [_explained(each, module) for each, module in found]
    facts, tested = zip(*(_facts(*each) for each in found), strict=True) if test else ((), ())
    return Networks(nets, permuted, facts, tested)


def kept_network(job: Job) -> nn.Module:
    """The network that evaluations explain, from the store or the user's own; nothing is fitted.

    Errors as in fitted().
    """
    return _explained(job, network_of(job, may_fit=False))


def _explained(job: Job, module: Fitting) -> nn.Module:
    """The network itself, without the scale of 1 around the user's own."""
    net = module.net.eval()
    return net if job.own_network is None else net.body


def network_of(job: Job, may_fit: bool) -> Fitting:
    """The network of this job, the user's own or a fitted one; errors as in fitted()."""
    net = job.own_network
    if net is None:
        return fitted(job, may_fit)
    x = torch.zeros(2, len(LEADS), job.config["input"]["samples"])
    if names := job.config["network"].get("with_each"):
        net = with_columns(net, [each for each in (job.data, job.external) if each], names)
    net = own_of(net, x, job.target, column="network.input.column=…")
    # Scaled by 1 on both sides: the user's network reads µV and returns the target's unit.
    rates = job.config["fit"]["lr"], job.config["fit"]["schedule"], job.config["seed"]
    return training_module(job.target, as_it_is(job.target, net), *rates).eval()


def _of_each_seed(job: Job) -> list[Job]:
    """The job, then those of its other seeds."""
    others = [job.variant(f"seed-{seed}", seed=seed) for seed in job.seeds[1:]]
    if others and job.own_network is not None:
        raise ValueError(
            "expected one seed for a network of your own, which is not trained here, "
            f"got seed={list(job.seeds)}"
        )
    return [job, *others]


def label_permuted_job(job: Job, evaluations: Sequence[Evaluation]) -> Job | None:
    """The job of the network on permuted labels, one for all evaluations that need it.

    None where none does and for a network of the user's own. It has a seed of its own: two networks
    with the same first weights keep some of them, and their maps would agree by that, whatever the
    labels. Where evaluations want different ones, it is trained as the network itself. Raises
    ValueError where that is not trained here.
    """
    asked = [each for each in evaluations if each.permuted]
    if not asked or job.own_network is not None:
        return None
    wanted = {(each.permuted_ecgs, each.permuted_epochs) for each in asked}
    ecgs, epochs = wanted.pop() if len(wanted) == 1 else (None, None)
    fit = job.config["fit"]
    if not (epochs := epochs or fit["epochs"]):
        unset = [each.name for each in asked if each.permuted_epochs is None]
        raise ValueError(
            "expected fit.epochs above 0, as the network on permuted labels learns for as many, "
            "got 0; leave that network out by "
            + " ".join(f"evaluation.{name}.permuted=false" for name in unset)
        )
    return job.variant(
        "permuted",
        permute_labels=True,
        permuted_ecgs=ecgs,
        fit={**fit, "epochs": epochs, "start": None, "body_lr": 1.0},
        seed=max(job.seeds) + 1,
    )


def _facts(job: Job, module: Fitting) -> tuple[dict[str, Any], Mapping[str, np.ndarray]]:
    """Errors of the network on both data sets, settings and versions; its test part."""
    job.data.prepare_data()
    fit = errors_of(module, job.data, job.config["trainer"]["accelerator"], of_numbers(job.loggers))
    facts = {
        "fit": fit,
        "settings": job.config,
        "command": list(job.words),
        "versions": installed_versions(),
    }
    tested = readings_of(module, job.data)
    if job.external is not None:
        fit = errors_of(module, job.external, job.config["trainer"]["accelerator"])
        facts[EXTERNAL] = {**job.external.counts, "fit": fit}
    return facts, tested
