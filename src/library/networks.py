"""Networks in training modules: fitted, tested, or a user's own; evaluations by name."""

import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from math import ceil
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytorch_lightning as pl
import torch
from jaxtyping import Shaped
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from omegaconf import DictConfig, OmegaConf
from torch import nn

from .. import registry
from ..datamodules import UNITS, EcgData, Target
from ..engine import evaluating, full_precision, ran_out, torch_seeded
from ..eval import FEW_STEPS, Evaluation, Perturbation, fit_of, least_epochs
from ..models import (
    Classification,
    Fitting,
    InUnits,
    Regression,
    Start,
    WithEach,
    as_network,
    checked_others,
    device_of,
    start_of,
)
from ..store import check_types, class_at, say_once

KNOWN = (
    "Checkpoint directory .* exists and is not empty",  # a fit that goes on
    "`isinstance\\(treespec, LeafSpec\\)` is deprecated",  # Lightning 2.6 on torch 2.13
    "The number of training batches .* is smaller than the logging interval",  # small trials
    "The `srun` command is available",  # on a login node, or before a step begins
    "The '\\w+' does not have many workers",  # batches come from memory-mapped files
)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence Lightning's notes and the KNOWN warnings, and leave its settings as they were."""
    logger = logging.getLogger("pytorch_lightning")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            for known in KNOWN:
                warnings.filterwarnings("ignore", message=f".*{known}")
            yield
    finally:
        logger.setLevel(level)


# µV to mV: bodies are fitted on numbers of about 1.
TO_MV = 1e-3


def start_for(target: Target, given: nn.Module | str | Path) -> Start:
    """`start_of`, without the last layer where a model file names another target."""
    start = start_of(given)
    if (plain := start.target) is None:
        return start
    try:
        plain = registry.settings("target", plain) if isinstance(plain, str) else with_table(plain)
        same = same_reading(target, Target.from_plain(plain))
    except (TypeError, ValueError):  # a target that is not known here is another one
        same = False
    return replace(start, fresh_head=start.fresh_head or not same)


TABLE = "TABLE"  # in a model file, for the path of the user's table


def with_table(target: Mapping[str, Any]) -> dict[str, Any]:
    """Target of a model file; in an older one only another unit than ours shows a table."""
    ours = UNITS.get(target.get("column", ""))
    other = ours and target.get("kind") != "binary" and target.get("unit") not in ("", ours)
    return {**target, "table": TABLE} if other else dict(target)


def same_reading(one: Target, other: Target) -> bool:
    """True if the outputs of networks for the two targets are the same, in the same unit."""
    return (one.outputs, one.unit) == (other.outputs, other.unit)


def fresh_body(
    settings: Mapping[str, Any],
    target: Target,
    seed: int,
    build: Callable[[dict[str, Any]], nn.Module],
) -> nn.Module:
    """A fresh network by its settings, the same for the same seed whatever was drawn before.

    `build` makes it from the settings of configs/model without the name, with the number of classes
    as `targets` where there are several.
    """
    given = {key: value for key, value in settings.items() if key != "name"}
    if (outputs := len(target.outputs)) > 1:
        given["targets"] = outputs
    with torch_seeded(seed):
        return build(given)


def fresh_net(ecgs: EcgData, body: nn.Module) -> InUnits:
    """Network around a fresh body: mV to standardised labels, or to logits of classes."""
    if ecgs.target.kind == "binary":
        return as_it_is(ecgs.target, body, TO_MV)
    return InUnits(body, y_mean=ecgs.y_mean, y_sd=ecgs.y_sd)


def as_it_is(target: Target, body: nn.Module, x_scale: float = 1.0) -> InUnits:
    """A network whose outputs are those of `body`, logits or the target's unit."""
    outputs = len(target.outputs)
    return InUnits(body, [0.0] * outputs, [1.0] * outputs, x_scale)


def training_module(
    target: Target, net: InUnits, lr: float, schedule: str, seed: int, body_lr: float = 1.0
) -> Fitting:
    """Training module that fits and tests a network of this target."""
    kind = Classification if target.kind == "binary" else Regression
    module = kind(net, lr=lr, schedule=schedule, seed=seed, body_lr=body_lr)
    module.names = target.outputs
    return module


def train(
    module: Fitting,
    ecgs: EcgData,
    trainer_of: Callable[[], pl.Trainer],
    checkpoint: Path | None = None,
) -> pl.Trainer:
    """Fit the module to the training ECGs; the trainer, which has gone through all its epochs.

    A `checkpoint` is continued where the file is there. Raises ValueError for a body that cannot
    learn or does not read these ECGs and where a step does not fit into memory, and
    InterruptedError when stopped before the last epoch.
    """
    with full_precision(), quiet():
        trainer = trainer_of()
        _check_body(module.net, ecgs)
        if trainer.max_epochs == 0:  # the network that the fit begins with
            return trainer
        _say_steps(ecgs, trainer)
        last = checkpoint if checkpoint is not None and checkpoint.exists() else None
        module.net.train()  # a body that was fitted before is in evaluation mode
        learning = [(each, each.requires_grad) for each in module.parameters()]
        try:
            trainer.fit(module, datamodule=ecgs, ckpt_path=last)
        except Exception as problem:
            if ran_out(problem):
                raise ValueError(
                    "expected a training step to fit into memory, got too little for fit.batch_size"
                    f"={ecgs.batch_size}; give a smaller one, which is another network"
                ) from problem
            if "more than 1 value per channel" in str(problem):  # torch's words of BatchNorm
                raise ValueError(
                    "expected at least 2 ECGs in each training batch, which BatchNorm needs, got "
                    f"{ecgs.counts['train']} ECGs for fit.batch_size={ecgs.batch_size}, 1 in the "
                    "last; give another"
                ) from problem
            raise
        finally:  # weights that `body_lr` froze for this fit learn again, those of the user do not
            for each, learns in learning:
                each.requires_grad_(learns)
    # After SIGTERM Lightning returns as if all were well; a callback may end a fit early.
    stopped = trainer.received_sigterm or not trainer.should_stop
    if stopped and trainer.current_epoch < (epochs := trainer.max_epochs or 0):
        resumes = "" if checkpoint is None else "; the same command resumes from there"
        raise InterruptedError(f"stopped after {trainer.current_epoch} of {epochs} epochs{resumes}")
    return trainer


def _check_body(net: InUnits, ecgs: EcgData) -> None:
    """Raise ValueError for a body that refuses these ECGs."""
    x = ecgs.test_batch(2).x
    try:
        with torch.no_grad(), evaluating(net):
            net(x.to(device_of(net)))
    except (RuntimeError, LookupError, TypeError, AttributeError) as problem:
        shape = f"(batch, {x.shape[1]}, {x.shape[2]})"
        raise ValueError(f"expected a model that reads {shape}, got: {problem}") from problem


def _say_steps(ecgs: EcgData, trainer: pl.Trainer) -> None:
    """Say on stderr that a fit is too short to learn anything."""
    count, batch, epochs = ecgs.counts["train"], ecgs.batch_size, trainer.max_epochs or 0
    if epochs < (least := least_epochs(count, batch)) and trainer.is_global_zero:
        say_once(
            f"{count} training ECGs in batches of {batch} give {ceil(count / batch) * epochs} "
            f"steps; a network that learns from fewer than {FEW_STEPS} may read nothing: give "
            f"{least} epochs (fit.epochs), or begin with another network (fit.start)"
        )


def plain_trainer(accelerator: str, logger: Any = False, devices: int = 1) -> pl.Trainer:
    """Trainer of this process alone; Lightning refuses devices that this machine lacks."""
    return pl.Trainer(
        accelerator=accelerator,
        devices=devices,
        plugins=LightningEnvironment(),  # this process alone, also in a job of Slurm
        logger=logger,
        enable_model_summary=False,
        enable_progress_bar=sys.stdout.isatty(),
        enable_checkpointing=False,
    )


def errors_of(
    module: Fitting, ecgs: EcgData, accelerator: str = "auto", logger: Any = False
) -> dict[str, float]:
    """Errors on the test part by their short names, such as mae."""
    with quiet():
        trainer = plain_trainer(accelerator, logger)
        # Not the data module, which compares test with training ECGs: a second data set has none.
        device = device_of(module.net)
        trainer.test(module, ecgs.test_dataloader(), verbose=False)
        module.to(device)  # Lightning leaves it on the CPU
    return fit_of(trainer)


def readings_of(module: Fitting, ecgs: EcgData) -> dict[str, Shaped[np.ndarray, " ecg"]]:
    """Label, reading and number of the patient of each test ECG, after `errors_of`.

    Patients are numbered in the order of their names.
    """
    y, read = (torch.cat(each)[:, ecgs.target.index] for each in zip(*module.tested, strict=True))
    names = ecgs.prepared.table["patient"].iloc[ecgs.cohort.ecgs("test").rows]
    return {"y": y.numpy(), "read": read.numpy(), "patient": pd.factorize(names, sort=True)[0]}


def with_columns(net: Any, ecgs: Sequence[EcgData], names: Any) -> WithEach:
    """A network that reads these columns of the data beside each test ECG.

    Raises ValueError for a column that there is not, and for test ECGs without a number in one.
    """
    if isinstance(names, str | Mapping):
        raise ValueError(
            "expected the names of columns beside ECGs of load_ecgs, as with_each=['age', 'sex'], "
            f"got {names!r}"
        )
    ids: list[str] = []
    values: dict[str, list[Any]] = {name: [] for name in names}
    for each in ecgs:
        ids += each.test_ids
        for name, column in each.columns(names).items():
            values[name].append(column)
    joined = {name: np.concatenate(columns) for name, columns in values.items()}
    x = ecgs[0].test_batch(2).x
    some = {name: column[: len(x)] for name, column in checked_others(joined, len(ids)).items()}
    return WithEach(as_network(net, x, some), ids, joined)


SELF = "_self_"  # a yaml file's own settings among those that it begins with


def evaluations_of(
    chosen: str | Evaluation | Sequence[str | Evaluation], target: Target
) -> list[Evaluation]:
    """The evaluations of names and groups such as "all"; evaluations are taken as they are.

    Raises ValueError for an unknown name, for what is no evaluation, for none, and as
    check_evaluations.
    """
    given = [chosen] if isinstance(chosen, str) or not isinstance(chosen, Sequence) else [*chosen]
    if not given or not all(isinstance(each, str | Evaluation) for each in given):
        raise ValueError(f"expected evaluations by name or as Perturbation(), got {chosen!r}")
    settings = OmegaConf.create({"target": asdict(target), "evaluation": {}})
    for name in (each for each in given if isinstance(each, str)):
        settings.evaluation = OmegaConf.merge(settings.evaluation, _read(name))
    # Interpolations name settings of the target.
    plain = cast(dict[str, Any], OmegaConf.to_container(settings.evaluation, resolve=True))
    named = [_built(name, each) for name, each in plain.items()]
    evaluations = [*named, *(each for each in given if isinstance(each, Evaluation))]
    check_evaluations(evaluations, target)
    return evaluations


def check_evaluations(evaluations: Sequence[Evaluation], target: Target) -> None:
    """Raise ValueError for one without its texts, and for an outcome that the target lacks."""
    for each in evaluations:
        each.check_described()
        outcome = each.outcome if isinstance(each, Perturbation) else "change"
        if outcome == "relative_error" and target.kind == "binary":
            raise ValueError(
                "expected for a binary target an evaluation with outcome=change, since 0 and 1 are "
                f"no true values of a logit, got {each.name}; take evaluation=perturbation"
            )
        if outcome == "logit" and target.kind != "binary":
            raise ValueError(
                f"expected outcome=logit for a binary target alone, got it for {target.name}; "
                "take outcome=change"
            )


def _read(name: str, group: str = "evaluation") -> DictConfig:
    """Settings of each evaluation of a file, over those of the files that it begins with."""
    own = registry.settings(group, name)
    before = [each for each in own.pop("defaults", []) if each != SELF]
    found = [one for each in before for one in _begins(each)]
    return cast(DictConfig, OmegaConf.merge(*found, own))


def _begins(entry: str | Mapping[str, str]) -> list[DictConfig]:
    """Settings of an entry of `defaults`: a file, or one of a group that may not be installed."""
    if isinstance(entry, str):
        return [_read(entry.partition("@")[0].rpartition("/")[2])]
    ((place, name),) = entry.items()
    group = place.removeprefix("optional /").partition("@")[0]
    return [_read(name, group)] if name in registry.names(group) else []


def _built(name: str, settings: dict[str, Any]) -> Evaluation:
    given = {key: value for key, value in settings.items() if key != "_target_"}
    kind = class_at(settings["_target_"], f"evaluation.{name}")
    check_types(kind, given, f"evaluation.{name}")
    return kind(**given)
