"""Noisy copies of one ECG, drawn from its own generator, and the gradients at them."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .gradient import gradients_along


def noisy_copies(
    one: Float[Tensor, "lead time"], copies: int, share: float, generator: torch.Generator
) -> Float[Tensor, "copy lead time"]:
    """Copies with Gaussian noise of SD `share` × (max − min over all leads of this ECG).

    Drawn on the CPU by this ECG's generator, so that neither the batch nor the device matters.
    """
    noise = torch.randn((copies, *one.shape), generator=generator).to(one)
    return one + share * (one.max() - one.min()) * noise


def noisy_gradients(
    net: nn.Module,
    target: int,
    one: Float[Tensor, "lead time"],
    copies: int,
    share: float,
    generator: torch.Generator,
) -> Float[Tensor, "copy lead time"]:
    """The gradient at each noisy copy of one ECG, in the target's unit per µV."""
    return gradients_along(net, noisy_copies(one, copies, share, generator), target)
