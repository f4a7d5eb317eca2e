"""Training and evaluation mode, module by module."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def evaluating(net: nn.Module) -> Iterator[None]:
    """Evaluation mode inside; afterwards each module is back in the mode it had."""
    training = [] if has_fixed_mode(net) else [one for one in net.modules() if one.training]
    if training:
        net.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True


def has_fixed_mode(net: nn.Module) -> bool:
    """Whether the mode was fixed when the network was frozen (TorchScript) or exported.

    Its modules have no mode, or one that decides nothing and cannot be set.
    """
    return not hasattr(net, "training") or "eval" in vars(net)
