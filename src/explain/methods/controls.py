"""Controls: maps that know nothing of the network. A method that loses to them explains nothing.

Of a network whose spec declares what it reads they cover these points alone, since a map that knows
which leads are read would beat one that does not, whatever else it knows.
"""

from dataclasses import dataclass

import torch
from torch import nn

from ...engine import normal, points_read
from ..method import Facts, Method
from ..passes import Maps


@dataclass(frozen=True)
class Random(Method):
    """Standard normal numbers from each ECG's own generator."""

    declared = Facts(control=True, any_network=True)

    def heatmap(self, net, x, target, context):
        drawn = [normal(own, *x.shape[1:]) for own in context.generators]
        return _where_read(net, torch.stack(drawn).to(x))


@dataclass(frozen=True)
class AbsX(Method):
    """Size of the signal, |x|: the map of a method that merely follows the waves."""

    declared = Facts(unit="µV", control=True, any_network=True)

    def heatmap(self, net, x, target, context):
        return _where_read(net, x.abs())


@dataclass(frozen=True)
class AbsDx(Method):
    """Slope of the signal, |dx/dt|: the map of an edge detector."""

    declared = Facts(unit="µV/sample", control=True, any_network=True)

    def heatmap(self, net, x, target, context):
        return _where_read(net, torch.gradient(x, dim=-1)[0].abs())


def _where_read(net: nn.Module, heatmap: Maps) -> Maps:
    """The map, 0 at points that the network declares not to read."""
    read = points_read(net, heatmap.shape[-1])
    return heatmap if read is None else heatmap * read.to(heatmap)
