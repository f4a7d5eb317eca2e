"""Networks of a job: kept ones, those of the user, and those that are fitted."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytorch_lightning as pl
import torch
from lightning_fabric.plugins.io.torch_io import TorchCheckpointIO
from pytorch_lightning.callbacks import ModelCheckpoint
from torch import nn

from ..datamodules import EcgData, Reader, overlap, readers_in
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


def check_start(job: Job) -> None:
    """Raise ValueError where `fit.start` names nothing that the fit can begin with.

    That is also a run that learned from patients who are tested here, or began with one that did,
    as far as names tell, and the same weights for several networks that are not fitted further.
    """
    begun, runs = "", [*_runs_before(job)]
    for path, other in runs:
        for where, ecgs in _tested(job).items():
            pairs = _patients_of(other.data, ecgs, overlap)
            if _learns(other) and any({*one} & {*two} for one, two in pairs):
                raise ValueError(
                    f"expected in fit.start a network that learned from no test ECG, got {begun}"
                    f"{path}, which learned from some of these patients; {APART[where]}"
                )
        begun += f"{path}, which began with "
    start = start_of_job(job)
    given = {_seed_in(runs[0][1], seed) if runs else 0 for seed in job.seeds}
    same = start is not None and not start.fresh_head and len(given) < len(job.seeds)
    if same and not job.config["fit"]["epochs"]:
        raise ValueError(
            f"expected networks that differ, got fit.epochs=0 for seed={list(job.seeds)}, several "
            "of which begin with the same weights; give one seed, more epochs, or in fit.start a "
            "run with all of these seeds"
        )


def say_namesakes(job: Job) -> None:
    """Say how many test patients have the name of one who was learned from in another folder.

    One class reads both folders, and the names are no ids of ECGs. It is no error: each of two
    hospitals may have a patient 1.
    """
    fitted_here = [run for run in [("this network", job), *_runs_before(job)] if _learns(run[1])]
    for who, other in fitted_here:
        for where, ecgs in _tested(job).items():
            pairs = _patients_of(other.data, ecgs, _of_one_format)
            both = [{*one[one != one.index]} & {*two[two != two.index]} for one, two in pairs]
            if same := set[str]().union(*both):
                say_once(
                    f"{who} learned from patients with the names of test patients in {where} "
                    f"({len(same)}), in other files of the same format: if they are the same "
                    "people, leave them out, because its errors on them are too small"
                )


# What to do about patients who were learned from, by where they are tested.
APART = {
    "data": "split the ECGs as it did",
    "data.external": "give another data set as data.external",
}


def _learns(job: Job) -> bool:
    """True if the network of this job is fitted to the job's own training ECGs."""
    return job.own_network is None and job.config["fit"]["epochs"] > 0


def _tested(job: Job) -> dict[str, EcgData]:
    """Data sets with the test ECGs of the job, by their place in the settings."""
    return {"data": job.data} | ({"data.external": job.external} if job.external else {})


def _of_one_format(one: Reader, other: Reader) -> bool:
    """True if one class reads both, so that their patients may be named alike."""
    return type(one) is type(other) and not one.generated


def start_of_job(job: Job) -> Start | None:
    """Weights that the fit begins with, in a file or of a finished run; None for fresh ones.

    Of a run it is the network of the same seed, else its first. The last layer of a network of
    another target stays fresh.
    """
    if (given := job.config["fit"].get("start")) is None:
        return None
    if (run := next(_runs_before(job), None)) is None:
        return start_for(job.target, given)
    path, other = run
    seed = _seed_in(other, job.config["seed"])
    other = other.variant(f"seed-{seed}", seed=seed)
    net = network_of(other, may_fit=False).net
    same = same_reading(other.target, job.target)
    return replace(start_of(net, fresh_head=not same), source=str(path))


def _seed_in(run: Job, seed: int) -> int:
    """Seed of the network of a run that a fit with this seed begins with."""
    return seed if seed in run.seeds else run.seeds[0]


def _runs_before(job: Job) -> Iterator[tuple[Path, Job]]:
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
    yield from _runs_before(other)


def _patients_of(
    learned: EcgData, tested: EcgData, alike: Callable[[Reader, Reader], bool]
) -> Iterator[tuple[pd.Series, pd.Series]]:
    """Patients of the training ECGs of one and of the test ECGs of the other, by ECG.

    A pair for each two data sets that are `alike`; in others "1" may be another person.
    """

    def patients(ecgs: EcgData, source: str, *parts: str) -> pd.Series:
        rows = np.concatenate([ecgs.cohort.parts[part] for part in parts])
        before = f"{source}/" if source else ""  # of a mixture
        names = ecgs.prepared.table.iloc[rows].set_index("id")["patient"]
        own = names[names.str.startswith(before)].str.removeprefix(before)
        return own.rename(lambda id: id.removeprefix(before))

    one, other = (
        readers_in(each.records.reader) or {"": each.records.reader} for each in (learned, tested)
    )
    for first, second in product(one, other):
        if alike(one[first], other[second]):
            yield patients(learned, first, "train", "val"), patients(tested, second, "test")


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

    They have facts where they are tested. Raises ValueError for several seeds of a network of the
    user's own, and as fitted().
    """
    found = [(each, network_of(each, may_fit)) for each in _of_each_seed(job)]
    permuted = _label_permuted(job, evaluations, may_fit)
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


def _label_permuted(job: Job, evaluations: Sequence[Evaluation], may_fit: bool) -> nn.Module | None:
    """The network of `label_permuted_job`; None where it is missing and may not be fitted.

    Its baseline is then empty.
    """
    other = label_permuted_job(job, evaluations)
    if other is None or not (may_fit or is_fitted(other)):
        return None
    return fitted(other, may_fit).net.eval()


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
