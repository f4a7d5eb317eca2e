"""Perturbation curves: what a network says while the points a heatmap ranks highest are disturbed.

Storås et al. 2025 (JAMIA 32:79) add noise to one point a step and read the relative error; the
change of the prediction, several noise draws and random order of ties are our own definition.
"""

from collections.abc import Sequence
from typing import Literal

import torch
from jaxtyping import Float, Int64, Shaped
from torch import Tensor, nn

from ..engine import evaluating, noise_field, sample_ids
from .points import rank_points, step_of_points

# Perturbed copies in one forward pass: 15 MB of input for a 10-s strip. An ECG's copies never
# share a pass with another ECG's, so that a curve is the same to the last bit in any batch.
ROWS = 64


def perturbation_curve(
    net: nn.Module,
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
    The network is evaluated in evaluation mode and left as it was.
    Raises ValueError for a heatmap of another shape, with NaN, or with fewer points than steps.
    """
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
    curves = [
        predictions(net, one, hit_one, field_one[None], steps, target)[0]
        for one, hit_one, field_one in zip(x, hit, field, strict=True)
    ]
    return torch.stack(curves).to(x.device)


def noise_deviation(
    x: Float[Tensor, "batch lead time"], noise: float, scope: Literal["sample", "lead"]
) -> Float[Tensor, "batch _ 1"]:
    """`noise` times max − min of each clean ECG (Storås 2025) or of each of its leads, in µV."""
    over = (1, 2) if scope == "sample" else (2,)
    return noise * (x.amax(over, keepdim=True) - x.amin(over, keepdim=True))


@torch.no_grad()
def predictions(
    net: nn.Module,
    x: Float[Tensor, "lead time"],
    hit: Int64[Tensor, "lead time"],
    fields: Float[Tensor, "draw lead time"],
    steps: int,
    target: int,
) -> Float[Tensor, "draw {steps}+1"]:
    """One ECG's predictions for every noise field and step, on the CPU.

    `hit` is the step at which a point gets its noise; several points may share a step.
    """
    parameter = next(net.parameters(), None)
    device = x.device if parameter is None else parameter.device
    x, hit, fields = x.to(device), hit.to(device), fields.to(device)
    draws = len(fields)
    # The clean input once, then every step of the first draw, of the second …
    step = torch.arange(1, steps + 1, device=device).repeat(draws)
    draw = torch.arange(draws, device=device).repeat_interleave(steps)
    step = torch.cat([step.new_zeros(1), step])
    draw = torch.cat([draw.new_zeros(1), draw])
    with evaluating(net):
        said = torch.cat(
            [
                _column(net(x + fields[d] * (hit <= s[:, None, None])), target)
                for s, d in zip(step.split(ROWS), draw.split(ROWS), strict=True)
            ]
        ).cpu()
    return torch.cat([said[:1].expand(draws, 1), said[1:].reshape(draws, steps)], dim=1)


def _column(output: Tensor, target: int) -> Float[Tensor, " row"]:
    if output.ndim != 2 or not 0 <= target < output.shape[1]:
        raise ValueError(
            f"expected predictions of shape (batch, targets) with a target {target}, "
            f"got {tuple(output.shape)}"
        )
    return output[:, target]


def relative_error(
    curve: Float[Tensor, "*draw batch point"], y: Shaped[Tensor, " batch"]
) -> Float[Tensor, "*draw batch point"]:
    """|f(x_k) − y| / y with the signed true value y, as published; NaN where y is 0."""
    truth = _beside(curve, y)
    return (curve - truth).abs() / torch.where(truth == 0, torch.nan, truth)


def error_in_sd(
    curve: Float[Tensor, "*draw batch point"], y: Shaped[Tensor, " batch"], sd: float
) -> Float[Tensor, "*draw batch point"]:
    """|f(x_k) − y| / SD of the true values: the second view of amplitudes, which may be near 0."""
    if not sd > 0:
        raise ValueError(f"expected a standard deviation above 0, got {sd}")
    return (curve - _beside(curve, y)).abs() / sd


def prediction_change(
    curve: Float[Tensor, "*draw batch point"],
) -> Float[Tensor, "*draw batch point"]:
    """|f(x_k) − f(x)| in the target's unit: how much the network, right or wrong, was moved."""
    return (curve - curve[..., :1]).abs()


def area_under_curve(
    errors: Float[Tensor, "*batch point"], until: int = 15
) -> Float[Tensor, "*batch"]:
    """Trapezoids of step 1 over the indices 0…until, both included (Storås 2025: 15)."""
    if not 1 <= until < errors.shape[-1]:
        raise ValueError(f"expected until in 1…{errors.shape[-1] - 1}, got {until}")
    return torch.trapezoid(errors[..., : until + 1], dim=-1)


def _beside(curve: Tensor, y: Tensor) -> Tensor:
    """The true values shaped to stand beside every point of their ECG's curve."""
    if y.shape != curve.shape[-2:-1]:
        raise ValueError(
            f"expected one true value per ECG, ({curve.shape[-2]},); got {tuple(y.shape)}"
        )
    return y.to(curve).unsqueeze(-1)
