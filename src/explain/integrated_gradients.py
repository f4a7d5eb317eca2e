"""Integrated gradients from a zero baseline (Sundararajan 2017)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from .bounds import at_least
from .context import Context
from .gradient import ecg_by_ecg, gradients_along


@dataclass(frozen=True)
class IntegratedGradients:
    """The mean gradient on the straight line from 0 µV to the ECG, times the ECG.

    `steps` Gauss–Legendre nodes; the map sums to f(x) − f(0) up to their error.
    `multiply_by_inputs=False` leaves the mean gradient itself, as the code of Storås 2025 did.
    Raises ValueError for fewer than 1 step.
    """

    steps: int = 50
    multiply_by_inputs: bool = True

    version: ClassVar[int] = 1
    any_network: ClassVar[bool] = True

    def __post_init__(self) -> None:
        at_least(1, steps=self.steps)

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        nodes, weights = np.polynomial.legendre.leggauss(self.steps)
        # From the rule's interval −1…1 to 0…1.
        fractions = torch.as_tensor((nodes + 1) / 2).to(x)[:, None, None]
        shares = torch.as_tensor(weights / 2).to(x)[:, None, None]

        def map_of_one(
            one: Float[Tensor, "lead time"], _: torch.Generator
        ) -> Float[Tensor, "lead time"]:
            return (shares * gradients_along(net, fractions * one, target)).sum(dim=0)

        mean = ecg_by_ecg(map_of_one, x, context.generators)
        return mean * x if self.multiply_by_inputs else mean
