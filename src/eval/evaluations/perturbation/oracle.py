"""The oracle: every point of an ECG perturbed alone, the upper anchor of a perturbation curve."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from ....engine import NEVER, Copies, Walker, noise_field, sample_ids
from ...progress import progress_bar
from .curves import noise_deviation, predictions


def oracle(
    net: nn.Module | Walker,
    x: Float[Tensor, "batch lead time"],
    target: int = 0,
    noise: float = 0.2,
    seed: int = 0,
    records: Sequence[str] | None = None,
    draws: int = 1,
    progress: bool = True,
) -> Float[Tensor, "batch lead time"]:
    """|f(x with noise on one point) − f(x)| for every point, the mean over `draws`.

    As a heatmap it ranks the points by what perturbing them really does, one at a time, with the
    noise that `perturbation_curve` gives them for the same seed, records and `noise` of the whole
    sample; our own definition. An ECG of 12 × 600 samples takes 7200 predictions a draw.
    Raises ValueError for no draws or another number of names than of ECGs.
    """
    names = sample_ids(x) if records is None else records
    if draws < 1 or len(names) != len(x):
        raise ValueError(
            f"expected at least one draw and a name for each of {len(x)} ECGs, "
            f"got {draws} and {len(names)} names"
        )
    leads, time = x.shape[1:]
    deviation = noise_deviation(x, noise, "sample").cpu()
    walker = net if isinstance(net, Walker) else Walker(net, x[0])
    effects = torch.zeros_like(x, device="cpu")
    with progress_bar(len(x) * leads, "oracle", progress) as done:
        for number, (one, name) in enumerate(zip(x.cpu(), names, strict=True)):
            drawn = [noise_field(seed, [name], draw, (leads, time)) for draw in range(draws)]
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
