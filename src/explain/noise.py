"""Noisy copies of one ECG, drawn from its own generator, and the gradients at them."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .context import Context
from .gradient import ecg_by_ecg, gradients_along


def noisy_copies(
    one: Float[Tensor, "lead time"], copies: int, share: float, generator: torch.Generator
) -> Float[Tensor, "copy lead time"]:
    """Copies with Gaussian noise of SD `share` × (max − min over all leads of this ECG).

    Drawn on the CPU by this ECG's generator, so that neither the batch nor the device matters.
    """
    noise = torch.randn((copies, *one.shape), generator=generator).to(one)
    return one + share * (one.max() - one.min()) * noise


def map_of_noisy_gradients(
    summed_up: Callable[[Tensor], Tensor],
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    context: Context,
    *,
    copies: int,
    noise: float,
) -> Float[Tensor, "batch lead time"]:
    """What `summed_up` makes of the (copy, lead, time) gradients at each ECG's noisy copies.

    They are in the target's unit per µV; `noise` is the share of noisy_copies.
    """

    def map_of_one(
        one: Float[Tensor, "lead time"], own: torch.Generator
    ) -> Float[Tensor, "lead time"]:
        return summed_up(gradients_along(net, noisy_copies(one, copies, noise, own), target))

    return ecg_by_ecg(map_of_one, x, context.generators)
