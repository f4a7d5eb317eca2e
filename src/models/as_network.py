"""A network from what a user has: a module, a compiled one, a program or a function."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..engine import BlackBox
from .programs import exported_network, on_arrays


def as_network(net: Any, x: Float[Tensor, "batch lead time"] | None = None) -> nn.Module:
    """Network that methods can work on, with the weights of `net`.

    A module of torch is itself; one that is compiled, or spread over devices, is the module inside.
    A function is a black box: it gets float32 arrays of numpy and has no gradients, unless it turns
    out on the ECGs `x` that it wants tensors, and passes gradients on. Raises ValueError for what
    is no network.
    """
    while isinstance(net, nn.Module) and isinstance(inside := _inside(net), nn.Module):
        net = inside
    if isinstance(net, torch.export.ExportedProgram):
        return exported_network(net)
    if isinstance(net, nn.Module):
        return net
    if not callable(net) or isinstance(net, type):
        raise ValueError(
            "expected a torch.nn.Module, or a function, from ECGs in µV to "
            f"(batch, targets), got {getattr(net, '__name__', type(net).__name__)}"
        )
    return BlackBox(on_arrays(net)) if x is None else _of_function(net, x)


def _inside(net: nn.Module) -> Any:
    """Module that torch.compile or a parallel strategy was given."""
    parallel = isinstance(net, (nn.DataParallel, nn.parallel.DistributedDataParallel))
    return net.module if parallel else getattr(net, "_orig_mod", None)


def _of_function(function: Callable[[Any], Any], x: Float[Tensor, "batch lead time"]) -> BlackBox:
    with torch.enable_grad():
        tried = _tried(function, x[:2].detach().clone().requires_grad_())
    if isinstance(tried, Tensor):
        return BlackBox(function, gradient=tried.requires_grad)
    of_arrays = BlackBox(on_arrays(function))
    if _tried(of_arrays, x[:2]) is not None:
        return of_arrays
    return BlackBox(function)


def _tried(function: Callable[[Any], Any], x: Tensor) -> Any:
    """What a function returns; None where it does not take this."""
    try:
        return function(x)
    except Exception:  # noqa: BLE001 - a function that is not known fails as it likes
        return None
