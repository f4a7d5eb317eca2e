"""Recurrent layers as one operation each, where torch.export would write out every step of time.

Unrolled, a GRU over 150 steps of time costs as much to trace as thousands of passes, and each step
becomes calls of their own.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

NAMES = ("gru", "lstm", "rnn_relu", "rnn_tanh")
NAMESPACE = "ecglens"
SCHEMA = (
    "(Tensor input, Tensor[] hidden, Tensor[] weights, bool has_biases, int layers, "
    "bool bidirectional, bool batch_first) -> (Tensor, Tensor, Tensor)"
)
LSTM = "lstm"


class AsOneOperation(TorchFunctionMode):
    """Inside, recurrent layers in evaluation mode are one operation each; not packed sequences."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", "")
        if name not in NAMES or kwargs or len(args) != 9 or not isinstance(args[2], tuple | list):
            return func(*args, **(kwargs or {}))
        signal, hidden, weights, has_biases, layers, _, training, bidirectional, batch_first = args
        if training:
            return func(*args)
        states = list(hidden) if isinstance(hidden, tuple | list) else [hidden]
        operation = _operations()[name]
        out, last, cell = operation(
            signal, states, list(weights), has_biases, layers, bidirectional, batch_first
        )
        return (out, last, cell) if name == LSTM else (out, last)


def work_of(net: nn.Module, x: Float[Tensor, "lead time"]) -> tuple[int, int]:
    """Operations in a pass of the network, a recurrent layer as one, and the values they give."""
    counted = _Counted()
    with torch.no_grad(), AsOneOperation(), counted:
        net(x[None].clone())
    return counted.operations, counted.values


class _Counted(TorchDispatchMode):
    """Counts what torch computes inside."""

    operations = values = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        found = func(*args, **(kwargs or {}))
        self.operations += 1
        self.values += sum(one.numel() for one in tree_leaves(found) if isinstance(one, Tensor))
        return found


@cache
def _operations() -> dict[str, Any]:
    """The operations by name, made when a network is first traced."""
    library = torch.library.Library(NAMESPACE, "FRAGMENT")
    _KEPT.append(library)  # what it defines goes with it
    for name in NAMES:
        library.define(name + SCHEMA)
        library.impl(name, _computed(name), "CompositeExplicitAutograd")
        library.impl(name, _shapes, "Meta")
    return {name: getattr(getattr(torch.ops, NAMESPACE), name) for name in NAMES}


_KEPT: list[Any] = []


def _computed(name: str) -> Callable[..., tuple[Tensor, Tensor, Tensor]]:
    """What the operation computes: torch's own layer, without dropout."""

    def compute(
        signal: Tensor, hidden: list[Tensor], weights: list[Tensor], *how: Any
    ) -> tuple[Tensor, Tensor, Tensor]:
        has_biases, layers, *sides = how
        given = hidden if name == LSTM else hidden[0]
        found = getattr(torch, name)(signal, given, weights, has_biases, layers, 0.0, False, *sides)
        return (*found, signal.new_empty(0)) if len(found) == 2 else found

    return compute


def _shapes(
    signal: Tensor, hidden: list[Tensor], weights: list[Tensor], *how: Any
) -> tuple[Tensor, Tensor, Tensor]:
    """Results without values. With one state the third is empty."""
    _, _, bidirectional, _ = how
    features = hidden[0].shape[-1] * (1 + bidirectional)
    out = signal.new_empty(*signal.shape[:-1], features)
    cell = hidden[1] if len(hidden) > 1 else signal.new_empty(0)
    return out, torch.empty_like(hidden[0]), torch.empty_like(cell)
