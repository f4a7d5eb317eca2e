"""Integrated gradients from a zero baseline (Sundararajan 2017)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from .gradient import gradients_along


@dataclass(frozen=True)
class IntegratedGradients:
    """The mean gradient on the straight line from 0 µV to the ECG, times the ECG.

    `steps` Gauss–Legendre nodes; the map sums to f(x) − f(0) up to their error.
    `multiply_by_inputs=False` leaves the mean gradient itself, as the code of Storås 2025 did.
    """

    steps: int = 50
    multiply_by_inputs: bool = True

    version: ClassVar[int] = 1
    any_network: ClassVar[bool] = True

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        generators: Sequence[torch.Generator],
    ) -> Float[Tensor, "batch lead time"]:
        nodes, weights = np.polynomial.legendre.leggauss(self.steps)
        # From the rule's interval −1…1 to 0…1.
        fractions = torch.as_tensor((nodes + 1) / 2).to(x)[:, None, None]
        shares = torch.as_tensor(weights / 2).to(x)[:, None, None]
        # ECG by ECG: the nodes of one already fill a pass, and its map depends on no other.
        mean = torch.stack(
            [(shares * gradients_along(net, fractions * one, target)).sum(dim=0) for one in x]
        )
        return mean * x if self.multiply_by_inputs else mean
