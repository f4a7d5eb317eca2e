"""Perturbation curves: outputs while the points that a heatmap ranks highest are perturbed.

Storås et al. 2025 (JAMIA 32:79) add noise to one point a step and read the relative error; the
change of the prediction, several noise draws and random order of ties are our own definition.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ....engine import Copies, Walker, noise_field, sample_ids
from ...heatmaps.order import rank_points, step_of_points


@dataclass(frozen=True)
class Noise:
    """Noise of a perturbation curve: its size, and what it is drawn from.

    Its standard deviation is `share` times the clean input's max − min, of the whole ECG or of
    each lead (`scope`; Storås 2025: 0.2 of the ECG's). `draw` numbers the repeats for one `seed`.
    `records` name the ECGs, None names them by a hash of their samples.
    """

    share: float = 0.2
    seed: int = 0
    records: Sequence[str] | None = None
    draw: int = 0
    scope: Literal["sample", "lead"] = "sample"

    def names(self, x: Float[Tensor, "batch lead time"]) -> Sequence[str]:
        """Names of the ECGs; raises ValueError for another number of names than of ECGs."""
        names = sample_ids(x) if self.records is None else self.records
        if len(names) != len(x):
            raise ValueError(f"expected a name for each of {len(x)} ECGs, got {len(names)} names")
        return names


def perturbation_curve(
    net: nn.Module | Walker,
    x: Float[Tensor, "batch lead time"],
    heatmap: Float[Tensor, "batch lead time"],
    target: int = 0,
    steps: int = 200,
    noise: Noise = Noise(),
) -> Float[Tensor, "batch {steps}+1"]:
    """Predictions while step k adds noise to the point of k-th largest |heatmap|; index 0 is clean.

    The noise stays in place while later steps add theirs (Storås 2025). Points of equal
    |heatmap| are in random order, by the seed and the names of `noise`.
    The network is evaluated in evaluation mode and left as it was; several calls may share a
    Walker made of it.
    Raises ValueError for a heatmap of another shape, with NaN, or with fewer points than steps,
    another number of names than of ECGs, and without an ECG or a step.
    """
    if len(x) == 0 or steps < 1:
        raise ValueError(f"expected at least 1 ECG and 1 step, got {len(x)} ECGs and steps={steps}")
    if heatmap.shape != x.shape:
        raise ValueError(
            f"expected a heatmap of the shape of x, {tuple(x.shape)}, got {tuple(heatmap.shape)}"
        )
    names = noise.names(x)
    leads, time = x.shape[1:]
    hit = step_of_points(rank_points(heatmap, steps, noise.seed, names), (leads, time))
    deviation = noise_deviation(x, noise.share, noise.scope).cpu()
    field = deviation * noise_field(noise.seed, names, noise.draw, (leads, time)).to(x.dtype)
    walker = net if isinstance(net, Walker) else Walker(net, x[0])
    curves = [
        predictions(walker, Copies(*one, steps), target)[0]
        for one in zip(x.cpu(), hit, field[:, None], strict=True)
    ]
    return torch.stack(curves).to(x.device)


def noise_deviation(
    x: Float[Tensor, "batch lead time"], share: float, scope: Literal["sample", "lead"]
) -> Float[Tensor, "batch _ 1"]:
    """`share` times max − min of each clean ECG (Storås 2025) or of each of its leads, in µV."""
    over = (1, 2) if scope == "sample" else (2,)
    return share * (x.amax(over, keepdim=True) - x.amin(over, keepdim=True))


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
    predicted = outputs[:, target]
    draws = len(copies.fields)
    clean, perturbed = predicted[:1], predicted[1:]
    return torch.cat([clean.expand(draws, 1), perturbed.reshape(draws, copies.steps)], dim=1)
