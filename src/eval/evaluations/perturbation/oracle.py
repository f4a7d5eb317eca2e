"""The oracle: every point of an ECG perturbed alone, the upper anchor of a perturbation curve."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from ....engine import NEVER, Copies, Walker, noise_field
from ...progress import progress_bar
from .curves import Noise, noise_deviation, predictions


def oracle(
    net: nn.Module | Walker,
    x: Float[Tensor, "batch lead time"],
    target: int = 0,
    noise: Noise = Noise(),  # noqa: B008 - frozen
    draws: int = 1,
    progress: bool = True,
) -> Float[Tensor, "batch lead time"]:
    """|f(x with noise on one point) − f(x)| for every point, the mean over `draws`.

    As a heatmap it ranks the points by what perturbing them really does, one at a time, with the
    noise that `perturbation_curve` gives them in `draws` repeats from `noise.draw` on; our own
    definition. An ECG of 12 × 600 samples takes 7200 predictions a draw.
    Raises ValueError for no draws or another number of names than of ECGs.
    """
    if draws < 1:
        raise ValueError(f"expected at least one draw, got {draws}")
    names = noise.names(x)
    leads, time = x.shape[1:]
    deviation = noise_deviation(x, noise.share, noise.scope).cpu()
    walker = net if isinstance(net, Walker) else Walker(net, x[0])
    effects = torch.zeros_like(x, device="cpu")
    with progress_bar(len(x) * leads, "oracle", progress) as done:
        for number, (one, name) in enumerate(zip(x.cpu(), names, strict=True)):
            drawn = [
                noise_field(noise.seed, [name], noise.draw + draw, (leads, time))
                for draw in range(draws)
            ]
            fields = deviation[number] * torch.cat(drawn).to(x.dtype)
            effects[number] = unit_effects(
                walker, one, fields, torch.arange(time), target, lambda: done.update()
            )
    return effects.to(x.device)


def unit_effects(
    walker: Walker,
    x: Float[Tensor, "lead time"],
    changed: Float[Tensor, "draw lead time"],
    units: Int64[Tensor, " time"],
    target: int,
    done: Callable[[], object] = lambda: None,
) -> Float[Tensor, "lead unit"]:
    """|f(x with one unit of one lead changed) − f(x)|, the mean over draws; `done` after a lead."""
    count = int(units.max()) + 1
    effects = x.new_zeros(len(x), count)
    for lead in range(len(x)):
        hit = torch.full(x.shape, NEVER)
        hit[lead] = units + 1
        curves = predictions(walker, Copies(x, hit, changed, count, alone=True), target)
        effects[lead] = (curves[:, 1:] - curves[:, :1]).abs().mean(0)
        done()
    return effects
