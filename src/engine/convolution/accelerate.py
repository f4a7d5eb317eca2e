"""A faster network made of the same weights."""

import operator
from types import MethodType
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import UninitializedParameter

from .layer import FftConv1d


def accelerate(net: nn.Module) -> nn.Module:
    """A new module with the same parameters, buffers and names that computes faster.

    Outputs and gradients are the same within floating-point rounding. The two networks share their
    weights and buffers, also when these are written to; evaluation mode and hooks are separate. A
    convolution with hooks, a parametrisation or a forward of its own stays as it is, and so does
    every module of another kind.
    """
    twins: dict[nn.Module, nn.Module] = {}
    fast = _twin(net, twins)
    for module, twin in twins.items():
        if twin is not module:
            for name, value in module.__dict__.items():
                if name not in OWN:
                    twin.__dict__[name] = _referring(value, twins)
    return fast


# Attributes of nn.Module itself. The dictionaries of parameters and buffers are shared, so that a
# weight assigned to one network is seen by the other.
OWN = frozenset(nn.Module().__dict__)


def _twin(module: nn.Module, twins: dict[nn.Module, nn.Module]) -> nn.Module:
    if module in twins:  # a module that is used twice stays one module
        return twins[module]
    if _is_sealed(module):
        twins[module] = module
        return module
    # Not the class's own __new__: that of torch.fx makes another class, without the forward pass.
    twin = twins[module] = object.__new__(type(module))
    twin.__dict__.update(module.__dict__)
    for name in OWN:
        if "_hooks" in name:
            twin.__dict__[name] = module.__dict__[name].copy()
    twin.__dict__["_modules"] = {
        name: None if child is None else _twin(child, twins)
        for name, child in module._modules.items()
    }
    if _is_plain_convolution(module):
        twin.__class__ = FftConv1d
    return twin


def _is_sealed(module: nn.Module) -> bool:
    # Compiled, or without parameters yet: submodules cannot be replaced.
    return isinstance(module, torch.jit.ScriptModule) or any(
        isinstance(parameter, UninitializedParameter) for parameter in module.parameters()
    )


def _is_plain_convolution(module: nn.Module) -> bool:
    # The exact type, because a subclass (parametrised, quantised, a user's) may compute otherwise.
    return (
        type(module) is nn.Conv1d
        and "forward" not in module.__dict__
        and not any(value for name, value in module.__dict__.items() if name.endswith("_hooks"))
    )


def _referring(value: Any, twins: dict[nn.Module, nn.Module]) -> Any:
    """A plain attribute in which modules are replaced by their twins."""
    if isinstance(value, nn.Module):
        return twins.get(value, value)
    if isinstance(value, MethodType):
        owner = _referring(value.__self__, twins)
        return value if owner is value.__self__ else MethodType(value.__func__, owner)
    if type(value) in (list, tuple):
        items = [_referring(item, twins) for item in value]
        return value if all(map(operator.is_, items, value)) else type(value)(items)
    if type(value) is dict:
        old = list(value.values())
        new = _referring(old, twins)
        return value if new is old else dict(zip(value, new, strict=True))
    return value
