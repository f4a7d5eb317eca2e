"""Curves as others make them: the loop of Storås 2025, a batch of plain PyTorch, Quantus."""

import importlib
import importlib.util
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

# Perturbed copies in one pass, a usual batch.
ROWS = 64
QUANTUS = "quantus"


@torch.no_grad()
def papers_loop(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    heatmap: Float[Tensor, "batch lead time"],
    noise: Float[Tensor, "batch lead time"],
    steps: int,
) -> Float[Tensor, "batch {steps}+1"]:
    """The predictions of Storås et al. 2025: one ECG after the other, one forward pass per step.

    The points are ranked once by |heatmap|, largest first; step k adds to the k-th point its
    noise, of SD 0.2 × (max − min) of the clean ECG, and the noise of earlier steps stays.
    """
    curves = []
    for one, heat, field in zip(x, heatmap, noise, strict=True):
        order = heat.abs().flatten().argsort(descending=True)
        sd = 0.2 * (one.max() - one.min())
        perturbed = one.clone()[None]
        said = [net(perturbed)[0, 0]]
        for point in order[:steps].tolist():
            perturbed.view(-1)[point] += sd * field.view(-1)[point]
            said.append(net(perturbed)[0, 0])
        curves.append(torch.stack(said))
    return torch.stack(curves).cpu()


@torch.no_grad()
def batched(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    heatmap: Float[Tensor, "batch lead time"],
    noise: Float[Tensor, "batch lead time"],
    steps: int,
) -> Float[Tensor, "batch {steps}+1"]:
    """The same predictions with an ECG's perturbed copies as batches of 64."""
    curves = []
    for one, heat, field in zip(x, heatmap, noise, strict=True):
        order = heat.abs().flatten().argsort(descending=True)[:steps]
        sd = 0.2 * (one.max() - one.min())
        added = torch.zeros(steps + 1, one.numel(), device=x.device)
        added[torch.arange(1, steps + 1, device=x.device), order] = sd * field.flatten()[order]
        copies = one + added.cumsum(0).view(steps + 1, *one.shape)
        curves.append(torch.cat([net(part)[:, 0] for part in copies.split(ROWS)]))
    return torch.stack(curves).cpu()


@torch.no_grad()
def alone(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    noise: Float[Tensor, "batch lead time"],
    points: int,
) -> Float[Tensor, "batch {points}"]:
    """How far noise on one of the first points, in memory's order, moves the prediction."""
    effects = []
    for one, field in zip(x, noise, strict=True):
        sd = 0.2 * (one.max() - one.min())
        added = torch.zeros(points, one.numel(), device=x.device)
        added.diagonal().copy_(sd * field.flatten()[:points])
        copies = one + added.view(points, *one.shape)
        said = torch.cat([net(part)[:, 0] for part in copies.split(ROWS)])
        effects.append((said - net(one[None])[0, 0]).abs())
    return torch.stack(effects).cpu()


def quantus_is_here() -> bool:
    """Whether the optional package can be imported."""
    return importlib.util.find_spec(QUANTUS) is not None


def quantus_curve(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    heatmap: Float[Tensor, "batch lead time"],
    points_per_step: int,
) -> Float[np.ndarray, "batch step"]:
    """The predictions of Quantus' PixelFlipping with Gaussian noise; without the clean one.

    It walks all points of an ECG, `points_per_step` (a divisor of the samples) at a time. The
    noise comes from numpy's global generator, of one SD for all ECGs.
    """
    quantus: Any = importlib.import_module(QUANTUS)
    given = x.cpu().numpy()
    walk = quantus.PixelFlipping(
        features_in_step=points_per_step,
        abs=True,
        normalise=False,
        perturb_func=quantus.batch_gaussian_noise,
        perturb_func_kwargs={"perturb_std": 0.2 * float(np.ptp(given, axis=(1, 2)).mean())},
        disable_warnings=True,
    )
    said = walk(
        model=net,
        x_batch=given,
        y_batch=np.zeros(len(given), int),
        a_batch=heatmap.cpu().numpy(),
        softmax=False,  # else every prediction of a network with one output is 1
        channel_first=True,
        device=str(x.device),
        batch_size=ROWS,
    )
    return np.array(said)
