"""DeepLIFT SHAP: DeepLIFT against the ECGs of others (Lundberg & Lee 2017)."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from .aligned import aligned_background
from .context import Context
from .deeplift import check_sum
from .rescale_rule import multipliers


@dataclass(frozen=True)
class DeepLiftShap:
    """How much each point's departure from an average beat contributes, by the rescale rule.

    `against` "mean": one baseline, the mean of the background. "each": the mean of the maps against
    every ECG of the background, whose sum is f(x) − the mean of f(b), as Lundberg & Lee 2017,
    section 4.2, have it. Raises ValueError for another word, on strips, and where DeepLIFT does.
    """

    against: str = "mean"

    version: ClassVar[int] = 1
    uses_background: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.against not in ("mean", "each"):
            raise ValueError(f"expected against as 'mean' or 'each', got {self.against!r}")

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        others = aligned_background(x, context)
        baselines = others if self.against == "each" else others.mean(0, keepdim=True)
        total = x.new_zeros(x.shape)
        for baseline in baselines:
            found, outputs = multipliers(net, x, target, baseline)
            contributions = found * (x - baseline)
            check_sum(contributions, outputs)
            total += contributions / len(baselines)
        return total
