"""Fit a network on ECGs, from Python."""

from collections.abc import Sequence

import pytorch_lightning as pl
import torch
from torch import nn

from .. import registry
from ..datamodules import SAMPLES, EcgData
from ..store import class_at
from .networks import fresh_module, full_precision
from .quiet import quiet

OF_INPUT = "${input.samples}"  # of a network with a weight for each


def fit(  # noqa: PLR0913 - a front door: settings come by name
    ecgs: EcgData,
    model: str | nn.Module = "small",
    *,
    epochs: int = 8,  # this and the next as in configs/fit/quick.yaml
    lr: float = 4e-3,
    schedule: str = "one_cycle",
    seed: int = 0,
    permute_labels: bool = False,
    callbacks: Sequence[pl.Callback] = (),
) -> nn.Module:
    """Network in evaluation mode, from ECGs in µV to the target's unit, or to logits of classes.

    `model` is a name in configs/model, or a module from (batch, 12, time) in mV to (batch,
    targets), which is fitted in place. The same settings give the same network: `seed` decides the
    first weights of a model by name, the order of the ECGs and the labels that `permute_labels`
    deals out. `schedule` is that of models.Fitting. `callbacks` are Lightning's; what they raise is
    raised here. Nothing is kept on disk but prepared ECGs; save
    the network by torch.save(net.state_dict(), …). Raises ValueError for an unknown model, for
    other ECGs than those of load_ecgs, and where none can be used.
    """
    if not isinstance(ecgs, EcgData):
        raise ValueError(
            f"expected ECGs of load_ecgs(…), got {type(ecgs).__name__}; arrays are read from files "
            'by load_ecgs("columns", target, path=…, fs_hz=…, unit=…)'
        )
    full_precision()
    data = ecgs.with_seed(seed)
    data = data.with_permuted_labels() if permute_labels else data
    body = body_of(model, ecgs, seed) if isinstance(model, str) else model
    module = fresh_module(data, body, lr, schedule, seed)
    with quiet():
        trainer = pl.Trainer(
            max_epochs=epochs,
            callbacks=[*callbacks],
            logger=False,
            enable_checkpointing=False,
            enable_model_summary=False,
        )
        trainer.fit(module, datamodule=data)
    # After an interruption Lightning returns as if all were well.
    if trainer.current_epoch < epochs:
        raise InterruptedError(f"stopped after {trainer.current_epoch} of {epochs} epochs")
    return module.net.eval()


def body_of(model: str, ecgs: EcgData, seed: int) -> nn.Module:
    """A fresh network of this name, the same for the same seed whatever was drawn before."""
    settings = registry.settings("model", model)
    given = {key: value for key, value in settings.items() if key not in ("name", "_target_")}
    if given.get("samples") == OF_INPUT:
        given["samples"] = SAMPLES[ecgs.input]
    if (outputs := len(ecgs.target.outputs)) > 1:
        given["targets"] = outputs
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return class_at(settings["_target_"], "model._target_")(**given)
