"""LIME on the waves of each lead (Ribeiro 2016)."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from ...engine import uniform
from ...store import check_types
from ..method import Facts, Method, at_least
from ..segments import Game, Hidden, facts_of_segments, map_of_segments


@dataclass(frozen=True)
class Lime(Method):
    """Slopes of a linear model of the output on the shown segments, spread over their samples.

    Ribeiro 2016, sections 3.3 and 3.4, on the waves of each lead (explain.segments) and with the
    choices of its code for images: each segment shown or hidden with equal chance, the whole ECG
    first; weights exp(−d²/2σ²) with the cosine distance d and σ = `kernel_width`; a ridge in place
    of K-LASSO, so that the unit of the target does not matter. Raises ValueError for fewer than 1
    sample, a kernel width of 0, a negative ridge, and another word than "line" or "zero".
    """

    cites = ("ribeiro2016",)
    samples: int = 500
    kernel_width: float = 0.25
    ridge: float = 1.0
    hidden: Hidden = "line"
    version: ClassVar[int] = 2

    def __post_init__(self) -> None:
        check_types(Lime, vars(self), "Lime")
        at_least(1, samples=self.samples)
        at_least(0, kernel_width=self.kernel_width, ridge=self.ridge)
        if self.kernel_width == 0:
            raise ValueError("expected a kernel_width above 0, got 0")

    @property
    def facts(self) -> Facts:
        return facts_of_segments(self.hidden, self.samples)

    def heatmap(self, net, x, target, context):

        def values(game: Game, count: int, own: torch.Generator) -> Float[Tensor, " segment"]:
            shown = uniform(own, self.samples, count) < 0.5
            shown[0] = True
            distance = 1 - shown.double().mean(1).sqrt()  # cosine distance from all shown
            weights = torch.exp(-(distance**2) / (2 * self.kernel_width**2))
            return ridge_slopes(shown.double(), game(shown), weights, self.ridge)

        return map_of_segments(values, net, x, target, context, self.hidden)


def ridge_slopes(
    shown: Float[Tensor, "sample segment"],
    outputs: Float[Tensor, " sample"],
    weights: Float[Tensor, " sample"],
    ridge: float,
) -> Float[Tensor, " segment"]:
    """Slopes of a weighted ridge regression with an intercept that is not shrunk."""
    share = weights / weights.sum()
    outputs = outputs - outputs[0]  # exactly 0 throughout where nothing changes the output
    members, gain = shown - share @ shown, outputs - share @ outputs
    within = members.T @ (weights[:, None] * members) + ridge * torch.eye(shown.shape[1]).double()
    return torch.linalg.solve(within, members.T @ (weights * gain))
