"""Outputs for many copies of one ECG."""

import numpy as np
import torch
from jaxtyping import Float, Float64
from torch import Tensor, nn

from ...engine import evaluating, fitting, in_memory
from ...explain import prediction
from ...models import device_of

# Copies in one pass: 15 MB of input for a 10-s strip.
ROWS = 64


def predictions(
    net: nn.Module, copies: Float[Tensor, "copy lead time"], target: int
) -> Float64[np.ndarray, " copy"]:
    """Output for each copy of one ECG; a pass has copies of this ECG alone."""

    def passed() -> Tensor:
        parts = copies.to(device_of(net)).split(fitting(ROWS))
        return torch.cat([prediction(net, part, target).cpu() for part in parts])

    with torch.no_grad(), evaluating(net):
        return in_memory(passed).double().numpy()
