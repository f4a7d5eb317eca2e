"""DeepLIFT with the rescale rule (Shrikumar 2017), from 0 µV or from ECGs of others."""

from dataclasses import dataclass

import torch

from ..method import BACKGROUND_SIZE, Facts, Method, aligned_background
from ..rules.rescale import multipliers


@dataclass(frozen=True)
class DeepLift(Method):
    """Contribution of each point's difference from 0 µV to f(x) − f(0).

    `multiply_by_inputs=False` gives the multipliers, as the code of Storås 2025 did. Raises
    ValueError when the contributions do not add up to f(x) − f(0), as with a recurrent layer.
    """

    cites = ("shrikumar2017",)
    multiply_by_inputs: bool = True

    @property
    def facts(self) -> Facts:
        times = self.multiply_by_inputs
        return Facts(
            unit="target" if times else "target/µV",
            baseline="zero",
            form="product" if times else "slope",
            gradients=1,
        )

    def heatmap(self, net, x, target, context):
        found = multipliers(net, x, target, torch.zeros_like(x[0]))
        return found * x if self.multiply_by_inputs else found


@dataclass(frozen=True)
class DeepLiftShap(Method):
    """Contribution of each point's difference from an average beat, by the rescale rule.

    `against` "mean": one baseline, the mean of the background. "each": mean of the maps against
    every ECG of the background, whose sum is f(x) − the mean of f(b), as in Lundberg & Lee 2017,
    section 4.2. Raises ValueError for another word, on strips, and where DeepLIFT does.
    """

    cites = ("lundberg2017", "shrikumar2017")
    against: str = "mean"

    def __post_init__(self) -> None:
        if self.against not in ("mean", "each"):
            raise ValueError(f"expected against as 'mean' or 'each', got {self.against!r}")

    @property
    def facts(self) -> Facts:
        mean = self.against == "mean"
        return Facts(
            unit="target",
            baseline="mean of others" if mean else "others",
            needs_background=True,
            gradients=1 if mean else BACKGROUND_SIZE,
        )

    def heatmap(self, net, x, target, context):
        others = aligned_background(x, context)
        baselines = others if self.against == "each" else others.mean(0, keepdim=True)
        total = x.new_zeros(x.shape)
        for baseline in baselines:
            total += multipliers(net, x, target, baseline) * (x - baseline) / len(baselines)
        return total
