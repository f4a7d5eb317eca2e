"""Feature ablation: what the output loses with each wave of each lead (Zeiler & Fergus 2014)."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..store import check_types
from .context import Context
from .parts import Game, Hidden, map_of_waves


@dataclass(frozen=True)
class FeatureAblation:
    """f(x) − f(x without the part), laid evenly over the part's samples.

    Parts are the waves of each lead (explain.parts). Occlusion of Zeiler & Fergus 2014, section
    4.2, with waves in place of squares. Raises ValueError for another word than "line" or "zero".
    """

    hidden: Hidden = "line"

    version: ClassVar[int] = 2
    any_network: ClassVar[bool] = True
    uses_segments: ClassVar[bool] = True
    grain: ClassVar[str] = "wave"

    def __post_init__(self) -> None:
        check_types(FeatureAblation, vars(self), "FeatureAblation")

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        def values(game: Game, parts: int, _: torch.Generator) -> Float[Tensor, " part"]:
            return losses(game, parts)

        return map_of_waves(values, net, x, target, context, self.hidden)


def losses(game: Game, parts: int) -> Float[Tensor, " part"]:
    """By how much the output falls when one part is hidden."""
    all_shown, one_hidden = torch.ones(1, parts, dtype=torch.bool), ~torch.eye(parts).bool()
    outputs = game(torch.cat([all_shown, one_hidden]))
    return outputs[0] - outputs[1:]
