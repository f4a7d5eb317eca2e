"""Controls: maps that know nothing of the network. A method that loses to them explains nothing."""

from dataclasses import dataclass

import torch

from ..method import Facts, Method


@dataclass(frozen=True)
class Random(Method):
    """Standard normal numbers from each ECG's own generator."""

    @property
    def facts(self) -> Facts:
        """A control."""
        return Facts(control=True, any_network=True)

    def heatmap(self, net, x, target, context):
        """Random numbers."""
        drawn = [torch.randn(x.shape[1:], generator=own) for own in context.generators]
        return torch.stack(drawn).to(x)


@dataclass(frozen=True)
class AbsX(Method):
    """Size of the signal, |x|: the map of a method that merely follows the waves."""

    @property
    def facts(self) -> Facts:
        """A control."""
        return Facts(unit="µV", control=True, any_network=True)

    def heatmap(self, net, x, target, context):
        """Magnitude of the ECG."""
        return x.abs()


@dataclass(frozen=True)
class AbsDx(Method):
    """Slope of the signal, |dx/dt|: the map of an edge detector."""

    @property
    def facts(self) -> Facts:
        """A control."""
        return Facts(unit="µV/sample", control=True, any_network=True)

    def heatmap(self, net, x, target, context):
        """Magnitude of the central difference, one-sided at both ends."""
        return torch.gradient(x, dim=-1)[0].abs()
