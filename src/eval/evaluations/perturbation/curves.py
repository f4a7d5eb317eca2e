"""Perturbation curves: outputs while the points that a heatmap ranks highest are perturbed.

Storås et al. 2025 (JAMIA 32:79) add noise to one point a step and read the relative error; the
change of the prediction, several noise draws and random order of ties are our own definition.
"""

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ....engine import Copies, Walker, noise_field, sample_ids
from ...heatmaps.order import rank_points, step_of_points


def perturbation_curve(
    net: nn.Module | Walker,
    x: Float[Tensor, "batch lead time"],
    heatmap: Float[Tensor, "batch lead time"],
    target: int = 0,
    steps: int = 200,
    noise: float = 0.2,
    seed: int = 0,
    records: Sequence[str] | None = None,
    draw: int = 0,
    noise_scope: Literal["sample", "lead"] = "sample",
) -> Float[Tensor, "batch {steps}+1"]:
    """Predictions while step k adds noise to the point of k-th largest |heatmap|; index 0 is clean.

    The noise has `noise` times the clean input's max − min (of the sample or of each lead) as its
    standard deviation and stays in place while later steps add theirs (Storås 2025). `draw`
    numbers its repeats; `records` name the ECGs, None names them by a hash of their samples.
    The network is evaluated in evaluation mode and left as it was; several calls may share a
    Walker made of it.
    Raises ValueError for a heatmap of another shape, with NaN, or with fewer points than steps,
    and without an ECG or a step.
    """
    if len(x) == 0 or steps < 1:
        raise ValueError(f"expected at least 1 ECG and 1 step, got {len(x)} ECGs and steps={steps}")
    names = sample_ids(x) if records is None else records
    if heatmap.shape != x.shape or len(names) != len(x):
        raise ValueError(
            f"expected a heatmap and record names for x of shape {tuple(x.shape)}, "
            f"got {tuple(heatmap.shape)} and {len(names)} names"
        )
    leads, time = x.shape[1:]
    hit = step_of_points(rank_points(heatmap, steps, seed, names), (leads, time))
    deviation = noise_deviation(x, noise, noise_scope).cpu()
    field = deviation * noise_field(seed, names, draw, (leads, time)).to(x.dtype)
    walker = net if isinstance(net, Walker) else Walker(net, x[0])
    curves = [
        predictions(walker, Copies(*one, steps), target)[0]
        for one in zip(x.cpu(), hit, field[:, None], strict=True)
    ]
    return torch.stack(curves).to(x.device)


def noise_deviation(
    x: Float[Tensor, "batch lead time"], noise: float, scope: Literal["sample", "lead"]
) -> Float[Tensor, "batch _ 1"]:
    """`noise` times max − min of each clean ECG (Storås 2025) or of each of its leads, in µV."""
    over = (1, 2) if scope == "sample" else (2,)
    return noise * (x.amax(over, keepdim=True) - x.amin(over, keepdim=True))


def predictions(
    walker: Walker, copies: Copies, target: int
) -> Float[Tensor, "draw {copies.steps}+1"]:
    """One ECG's predictions for every noise field and step, on the CPU; index 0 is clean.

    An ECG's copies never share a pass with another's, so that a curve is the same to the last bit
    whatever ECGs come with it. Raises ValueError for a target that the network does not have.
    """
    outputs = walker(copies)
    if not 0 <= target < outputs.shape[1]:
        raise ValueError(f"expected a target in 0…{outputs.shape[1] - 1}, got {target}")
    said = outputs[:, target]
    draws = len(copies.fields)
    return torch.cat([said[:1].expand(draws, 1), said[1:].reshape(draws, copies.steps)], dim=1)
