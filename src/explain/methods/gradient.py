"""Methods made of the network's own gradients: at the ECG, or on the way from a baseline."""

from dataclasses import dataclass

import numpy as np
import torch

from ...engine import uniform
from ..method import Facts, Method, aligned_background, at_least
from ..passes import gradients_along, input_gradient, predictions


@dataclass(frozen=True)
class Saliency(Method):
    """Gradient of the output, signed (Simonyan 2014): its rise per µV at each point.

    Signed as in Storås 2025, where Simonyan 2014 takes the magnitude. A flat lead gets as much
    relevance as any other, because nothing is multiplied by the input.
    """

    cites = ("simonyan2014",)
    checks_outputs = True
    declared = Facts(unit="target/µV", form="slope", any_network=True, gradients=1)

    def heatmap(self, net, x, target, context):
        return input_gradient(net, x, target)


@dataclass(frozen=True)
class InputXGradient(Method):
    """Input × gradient (Shrikumar 2016): contribution of each point to the linearised network."""

    cites = ("shrikumar2016",)
    checks_outputs = True
    declared = Facts(unit="target", baseline="zero", form="product", any_network=True, gradients=1)

    def heatmap(self, net, x, target, context):
        return x * input_gradient(net, x, target)


@dataclass(frozen=True)
class IntegratedGradients(Method):
    """Mean gradient on the straight line from 0 µV to the ECG, times the ECG (Sundararajan 2017).

    `steps` Gauss–Legendre nodes; the map sums to f(x) − f(0) up to their error.
    `multiply_by_inputs=False` leaves the mean gradient itself, as the code of Storås 2025 did.
    Raises ValueError for fewer than 1 step; `attribute` refuses maps that miss more than half of
    their sum.
    """

    cites = ("sundararajan2017",)
    steps: int = 50
    multiply_by_inputs: bool = True

    def __post_init__(self) -> None:
        at_least(1, steps=self.steps)

    @property
    def facts(self) -> Facts:
        times = self.multiply_by_inputs
        return Facts(
            unit="target" if times else "target/µV",
            baseline="zero",
            form="product" if times else "slope",
            sums="exact" if times else "none",
            any_network=True,
            gradients=self.steps,
        )

    def promised(self, net, x, target, context):
        """Change of the output from 0 µV."""
        return predictions(net, x, target) - predictions(net, torch.zeros_like(x[:1]), target)

    def heatmap(self, net, x, target, context):
        nodes, weights = np.polynomial.legendre.leggauss(self.steps)
        # From the rule's interval −1…1 to 0…1.
        fractions = torch.as_tensor((nodes + 1) / 2).to(x)[:, None, None]
        shares = torch.as_tensor(weights / 2).to(x)[:, None, None]
        mean = torch.stack(
            [(shares * gradients_along(net, fractions * one, target)).sum(dim=0) for one in x]
        )
        return mean * x if self.multiply_by_inputs else mean


@dataclass(frozen=True)
class ExpectedGradients(Method):
    """Mean of (x − b) × gradient at a random point between x and a random ECG b of another.

    Erion 2021, equation 4, with the background in place of the training set. The map sums to
    f(x) − E[f(b)] in expectation only. Raises ValueError for fewer than 1 sample and on strips.
    """

    cites = ("erion2021",)
    samples: int = 50

    def __post_init__(self) -> None:
        at_least(1, samples=self.samples)

    @property
    def facts(self) -> Facts:
        return Facts(
            unit="target",
            baseline="others",
            sums="mean",
            needs_background=True,
            gradients=self.samples,
        )

    def promised(self, net, x, target, context):
        """Change of the output from the mean output for the background."""
        others = aligned_background(x, context)
        return predictions(net, x, target) - predictions(net, others, target).mean()

    def heatmap(self, net, x, target, context):
        others = aligned_background(x, context)
        maps = []
        for one, own in zip(x, context.generators, strict=True):
            drawn = torch.randint(len(others), (self.samples,), generator=own)
            fraction = uniform(own, self.samples, 1, 1).to(one)
            start = others[drawn.to(others.device)]
            change = one - start
            gradients = gradients_along(net, start + fraction * change, target)
            maps.append((gradients * change).mean(dim=0))
        return torch.stack(maps)
