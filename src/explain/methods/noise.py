"""Methods that gather the gradients at noisy copies of an ECG."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...engine import normal, uniform
from ..method import Context, Facts, Method, at_least
from ..passes import Ecg, Ecgs, gradients_along, predictions


@dataclass(frozen=True)
class SmoothGrad(Method):
    """Mean gradient of `copies` ECGs with noise of SD `noise` × range of the ECG (Smilkov 2017).

    `signed=False` averages |gradient| instead, as the code of Storås 2025 did. Raises ValueError
    for fewer than 1 copy or negative noise.
    """

    cites = ("smilkov2017",)
    copies: int = 25
    noise: float = 0.02
    signed: bool = True

    def __post_init__(self) -> None:
        at_least(1, copies=self.copies)
        at_least(0, noise=self.noise)

    @property
    def facts(self) -> Facts:
        form = "slope" if self.signed else "other"
        return Facts(unit="target/µV", form=form, any_network=True, gradients=self.copies)

    def heatmap(self, net, x, target, context):
        found = gradients_at_copies(self, net, x, target, context)
        return torch.stack([(one if self.signed else one.abs()).mean(dim=0) for one in found])


@dataclass(frozen=True)
class SmoothGradSquared(Method):
    """Mean gradient² of `copies` ECGs with noise of SD `noise` × range of the ECG.

    SmoothGrad-Squared of Hooker 2019, section 3. It has no sign: points that raise the output and
    points that lower it look the same. Raises ValueError for fewer than 1 copy or negative noise.
    """

    cites = ("hooker2019",)
    copies: int = 25
    noise: float = 0.02

    def __post_init__(self) -> None:
        at_least(1, copies=self.copies)
        at_least(0, noise=self.noise)

    @property
    def facts(self) -> Facts:
        return Facts(unit="(target/µV)²", any_network=True, gradients=self.copies)

    def heatmap(self, net, x, target, context):
        found = gradients_at_copies(self, net, x, target, context)
        return torch.stack([(one**2).mean(dim=0) for one in found])


@dataclass(frozen=True)
class VarGrad(Method):
    """Variance of the gradient over `copies` ECGs with noise of SD `noise` × range of the ECG.

    Adebayo 2018, over the copies at hand, so that SmoothGrad² is VarGrad plus SmoothGrad squared.
    It has no sign, and is 0 wherever the network is linear. Raises ValueError for fewer than 2
    copies or negative noise.
    """

    cites = ("hooker2019",)
    copies: int = 25
    noise: float = 0.02

    def __post_init__(self) -> None:
        at_least(2, copies=self.copies)
        at_least(0, noise=self.noise)

    @property
    def facts(self) -> Facts:
        return Facts(unit="(target/µV)²", any_network=True, gradients=self.copies)

    def heatmap(self, net, x, target, context):
        found = gradients_at_copies(self, net, x, target, context)
        return torch.stack([one.var(dim=0, correction=0) for one in found])


@dataclass(frozen=True)
class GradientShap(Method):
    """Mean over noisy copies z of z × gradient at a random point between 0 µV and z.

    Expected gradients of Lundberg & Lee 2017. The map sums to E[f(z)] − f(0) in expectation only.
    `multiply_by_inputs=False` leaves the gradients unmultiplied, as the code of Storås 2025 did.
    Raises ValueError for fewer than 1 sample or negative noise.
    """

    cites = ("lundberg2017",)
    samples: int = 50
    noise: float = 0.02
    multiply_by_inputs: bool = True

    def __post_init__(self) -> None:
        at_least(1, samples=self.samples)
        at_least(0, noise=self.noise)

    @property
    def facts(self) -> Facts:
        times = self.multiply_by_inputs
        return Facts(
            unit="target" if times else "target/µV",
            baseline="zero",
            form="slope" if not times else "other" if self.noise else "product",
            sums="mean" if times else "none",
            any_network=True,
            gradients=self.samples,
        )

    def promised(self, net, x, target, context):
        """Mean change of the output from 0 µV to the noisy copies."""
        base = predictions(net, torch.zeros_like(x[:1]), target)
        means = [
            predictions(net, noisy_copies(one, self.samples, self.noise, own), target).mean()
            for one, own in zip(x, context.generators, strict=True)
        ]
        return torch.stack(means) - base

    def heatmap(self, net, x, target, context):
        maps = []
        for one, own in zip(x, context.generators, strict=True):
            copies = noisy_copies(one, self.samples, self.noise, own)
            fraction = uniform(own, self.samples, 1, 1).to(one)
            gradients = gradients_along(net, fraction * copies, target)
            maps.append((gradients * copies if self.multiply_by_inputs else gradients).mean(dim=0))
        return torch.stack(maps)


def gradients_at_copies(
    method: SmoothGrad | SmoothGradSquared | VarGrad,
    net: nn.Module,
    x: Ecgs,
    target: int,
    context: Context,
) -> Iterator[Float[Tensor, "copy lead time"]]:
    """Gradients at the noisy copies of each ECG."""
    for one, own in zip(x, context.generators, strict=True):
        copies = noisy_copies(one, method.copies, method.noise, own)
        yield gradients_along(net, copies, target)


def noisy_copies(
    one: Ecg, copies: int, share: float, generator: torch.Generator
) -> Float[Tensor, "copy lead time"]:
    """Copies with Gaussian noise of SD `share` × (max − min over all leads of this ECG).

    The noise is drawn on the CPU by this ECG's generator, so that it depends on neither the batch
    nor the device.
    """
    noise = normal(generator, copies, *one.shape).to(one)
    return one + share * (one.max() - one.min()) * noise
