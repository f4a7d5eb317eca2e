"""Networks in training modules: fitted, tested, or a user's own."""

import sys
from typing import Any

import pytorch_lightning as pl
import torch
from jaxtyping import Float
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from torch import Tensor, nn

from ..datamodules import EcgData, Target
from ..eval import fit_of
from ..models import Classification, Fitting, InUnits, Regression
from ..report import outputs_of, own_network
from .quiet import quiet

# µV to mV: bodies are fitted on numbers of about 1.
TO_MV = 1e-3


def fresh_module(ecgs: EcgData, body: nn.Module, lr: float, schedule: str, seed: int) -> Fitting:
    """Training module around a fresh body: mV to standardised labels, or to logits of classes."""
    target = ecgs.target
    if target.kind == "binary":
        return training_module(target, as_it_is(target, body, TO_MV), lr, schedule, seed)
    net = InUnits(body, y_mean=ecgs.y_mean, y_sd=ecgs.y_sd)
    return training_module(target, net, lr, schedule, seed)


def as_it_is(target: Target, body: nn.Module, x_scale: float = 1.0) -> InUnits:
    """A network whose outputs are those of `body`, logits or the target's unit."""
    outputs = len(target.outputs)
    return InUnits(body, [0.0] * outputs, [1.0] * outputs, x_scale)


def training_module(target: Target, net: InUnits, lr: float, schedule: str, seed: int) -> Fitting:
    """What fits and tests a network of this target."""
    kind = Classification if target.kind == "binary" else Regression
    module = kind(net, lr=lr, schedule=schedule, seed=seed)
    module.names = target.outputs
    return module


def errors_of(
    module: Fitting, ecgs: EcgData, accelerator: str = "auto", logger: Any = False
) -> dict[str, float]:
    """Errors on the test part by their short names, such as mae."""
    with quiet():
        trainer = pl.Trainer(
            accelerator=accelerator,
            devices=1,
            plugins=LightningEnvironment(),  # this process alone, also in a job of Slurm
            logger=logger,
            enable_model_summary=False,
            enable_progress_bar=sys.stdout.isatty(),
            enable_checkpointing=False,
        )
        # Not the data module, which compares test with training ECGs: a second data set has none.
        trainer.test(module, ecgs.test_dataloader(), verbose=False)
    return fit_of(trainer)


def own_of(
    net: Any,
    x: Float[Tensor, "batch lead time"],
    target: Target,
    column: str = "InputSpec(column=…)",
) -> nn.Module:
    """A user's network that has an output for each label of the target, tried on these ECGs.

    Errors as in report.own_network; one for another number of outputs says where to name a
    `column`.
    """
    found, labels = own_network(net, x), target.outputs
    output = outputs_of(found, x)
    if output.ndim == 2 and output.shape[1] != len(labels):
        raise ValueError(
            f"expected a network with one output, for {labels[0]}, got {output.shape[1]} outputs; "
            f"name the one that is explained as {column}"
            if len(labels) == 1
            else f"expected a network with an output for each of {', '.join(labels)}, got "
            f"{output.shape[1]} outputs"
        )
    return found


def full_precision() -> None:
    """Convolutions in float32 on a GPU too: TF32 keeps 10 bits, and heatmaps are ranked by more."""
    torch.backends.cudnn.allow_tf32 = False
