"""What several rooms' tests do to a network."""

import copy
from typing import TypeVar

from torch import nn

Net = TypeVar("Net", bound=nn.Module)


def add_statistics(net: nn.Module) -> None:
    """BatchNorms that do something, in evaluation mode."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d):
            assert module.running_mean is not None
            assert module.running_var is not None
            nn.init.normal_(module.running_mean, 0, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.1)
    net.eval()


def with_torchs_convolutions(net: Net) -> Net:
    """A copy that computes every convolution as torch does."""
    plain = copy.deepcopy(net)
    for module in plain.modules():
        if isinstance(module, nn.Conv1d):
            module.__class__ = nn.Conv1d
    return plain
