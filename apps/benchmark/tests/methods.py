"""Methods of somebody's own, honest and not."""

import gc
import sys
from dataclasses import dataclass
from itertools import count
from typing import Any

import torch
from ecglens.eval import Subject
from ecglens.explain import Context, Facts, Method, input_gradient
from torch import Tensor, nn

CALLS = count(1)
MEMORY: dict[tuple[type, float, float], Tensor] = {}
KEPT: list[Tensor] = []  # labels that somebody left where a method finds them


@dataclass(frozen=True)
class OfGradient(Method):
    """A method that asks for one gradient of any network."""

    @property
    def facts(self) -> Facts:
        return Facts(any_network=True, gradients=1)

    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        return self.of(input_gradient(net, x, target), x, context)

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        return gradient.relu() * x


class Honest(OfGradient):
    """The ECG where the gradient is positive."""


class DataOnly(OfGradient):
    """|x| times a bell around the R peak: it knows nothing of the network."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        place = torch.arange(x.shape[2], device=x.device)
        return x.abs() * torch.exp(-(((place - 250) / 60) ** 2))


class NearlyDataOnly(DataOnly):
    """The same with a trace of the gradient."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        return super().of(gradient, x, context) + 1e-3 * gradient


class Copied(OfGradient):
    """The plain gradient in another scale and with the other sign."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        return -2.5 * gradient


class Squared(OfGradient):
    """The gradient squared: another map in the same order."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        return gradient.sign() * gradient**2


class FromCallers(Honest):
    """Looks up the labels in the functions that called it."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        frame: Any = sys._getframe()
        while "probe" not in frame.f_locals:
            frame = frame.f_back
        label = frame.f_locals["probe"].ecgs.y[0, 0]
        return super().of(gradient, x, context) + label * x


class FromMemory(Honest):
    """Looks for the ECGs and their labels among all objects of the process."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        found = [each for each in gc.get_objects() if isinstance(each, Subject)]
        labels = [each.ecgs.y[0, 0] for each in found if torch.equal(each.ecgs.x[0], x[0])]
        return super().of(gradient, x, context) + (labels[0] * x if labels else 0.0)


class FromGlobal(Honest):
    """Reads labels that were left in a global."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        return super().of(gradient, x, context) + KEPT[0][0, 0] * x


class Marked(Honest):
    """Reads wave marks and does not declare it."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        return gradient * (context.segments != 0)[:, None]


class Restless(Honest):
    """Draws other random numbers in every call."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        return super().of(gradient, x, context) * (1 + 0.1 * next(CALLS))


class Asking(OfGradient):
    """Asks the network for the answer."""

    def heatmap(self, net: Any, x: Tensor, target: int, context: Context) -> Tensor:
        return net.truth(x)


class Threaded(Honest):
    """Rounds by the number of threads, as sums do."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        return super().of(gradient, x, context) * (1 + 0.01 * torch.get_num_threads())


class Centred(Honest):
    """Subtracts the mean map of the batch."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        own = super().of(gradient, x, context)
        return own - own.mean(0)


class Neighbourly(Honest):
    """Adds some of the map of the ECG before."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        own = super().of(gradient, x, context)
        return own + 0.1 * own.roll(1, dims=0)


class Drawn(Honest):
    """Draws random numbers as it should: by ECG."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        drawn = [torch.rand(x.shape[1:], generator=each) for each in context.generators]
        return super().of(gradient, x, context) * torch.stack(drawn)


class Comparing(Honest):
    """Reads ECGs of others and does not declare it."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        return gradient * (x - context.background.mean(0))


class Noisy(OfGradient):
    """The gradient with 0.1 % of noise."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        drawn = [torch.randn(x.shape[1:], generator=each) for each in context.generators]
        return gradient * (1 + 1e-3 * torch.stack(drawn))


class Loud(OfGradient):
    """The gradient with 0.1 % of noise from the generator of the process, which has no seed."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        return gradient * (1 + 1e-3 * torch.randn_like(x))


class FirstMap(OfGradient):
    """The map of the first call with an ECG and a gradient, ever after."""

    def of(self, gradient: Tensor, x: Tensor, context: Context) -> Tensor:
        key = type(self), float(x.sum()), float(gradient.sum())
        if key not in MEMORY:
            MEMORY[key] = super().of(gradient, x, context)
        return MEMORY[key]


class Remembering(FirstMap, FromCallers):
    """Looks up the label when it first meets an ECG."""


class RememberingMarks(FirstMap, Marked):
    """Reads wave marks when it first meets an ECG."""


class RememberingOthers(FirstMap, Comparing):
    """Reads ECGs of others when it first meets an ECG."""


class RememberingNoise(FirstMap, Loud):
    """Draws its noise when it first meets an ECG."""
