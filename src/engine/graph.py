"""A network's steps along time, read off the operations that it carries out."""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any, cast

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch._ops import OpOverload
from torch.export import ExportedProgram
from torch.fx import Node
from torch.fx.node import map_arg

from .filter import Filter
from .layers import INPUT, Local, Mean, Network, Pointwise
from .modes import evaluating
from .operations import (
    POINTWISE,
    Bank,
    NotUnderstoodError,
    bank_of,
    is_mean,
    pooling,
    scale_and_shift,
    shifting,
    varies_along_time,
    zeros_around,
)


def trace(net: nn.Module, x: Float[Tensor, "lead time"]) -> Network | None:
    """The steps of a network, in evaluation mode, on ECGs of x's shape, type and device.

    None unless it is made of convolutions, pooling, functions of each sample and means over time
    with anything behind them, without hooks. The weights are read once: a network that has
    changed needs a new trace.
    """
    if any(_has_hooks(module) for module in net.modules()):
        return None
    with evaluating(net), torch.no_grad(), _in_silence():
        try:
            program = torch.export.export(net, (torch.zeros_like(x[None]),))
        # What depends on values, or on python outside torch, is refused by errors of many types.
        except Exception:
            return None
        try:
            return _Lowering(program).network()
        except NotUnderstoodError:
            return None


@contextmanager
def _in_silence() -> Iterator[None]:
    """What torch.export says of a network that it refuses is of no use: whole passes remain."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), redirect_stderr(StringIO()), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _has_hooks(module: nn.Module) -> bool:
    return bool(module._forward_hooks or module._forward_pre_hooks)


class _Lowering:
    """Steps along time made of the nodes of an exported program."""

    def __init__(self, program: ExportedProgram) -> None:
        # By node: a value that is the same for every ECG.
        self._constants: dict[Node, Any] = {}
        # By node: the step that gives its values along time.
        self._signals: dict[Node, str] = {}
        # Means over time, and what is made of them.
        self._means: list[Node] = []
        self._late: list[Node] = []
        self._steps: dict[str, Local | Pointwise | Mean] = {}
        # What a step that nothing else reads is, for its reader to absorb.
        self._paddings: dict[Node, tuple[int, int]] = {}
        self._banks: dict[Node, Bank] = {}

        signature = program.graph_signature
        if signature.buffers_to_mutate or len(signature.user_inputs) != 1:
            raise NotUnderstoodError("a network that keeps something of what it sees")
        held = {**program.state_dict, **program.constants}
        names = {
            **signature.inputs_to_parameters,
            **signature.inputs_to_buffers,
            **signature.inputs_to_lifted_tensor_constants,
        }
        *nodes, output = program.graph.nodes
        for node in nodes:
            if node.op == "call_function":
                self._call(node)
            elif node.name in names:
                self._constants[node] = held[names[node.name]].detach()
            else:
                self._signals[node] = INPUT
        (self._returned,) = cast(tuple[Node], output.args[0])

    def network(self) -> Network:
        """The network of the steps."""
        returned, late, means = self._returned, self._late, self._means
        if returned not in late or len(returned.meta["val"].shape) != 2:
            raise NotUnderstoodError("outputs that are not (batch, target)")
        constants = {
            node: value.double()
            if isinstance(value, Tensor) and value.is_floating_point()
            else value
            for node, value in self._constants.items()
        }

        def readout(*found: Tensor) -> Tensor:
            values = constants | dict(zip(means, found, strict=True))
            for node in late:
                values[node] = _evaluated(node, values)
            return values[returned]

        return Network(self._steps, readout)

    def _call(self, node: Node) -> None:
        inputs = node.all_input_nodes
        if _operation(node)._schema.is_mutable and len(_first(node).users) > 1:
            raise NotUnderstoodError("a value that is overwritten before others read it")
        if all(one in self._constants for one in inputs):
            self._constants[node] = _evaluated(node, self._constants)
        elif not any(one in self._signals for one in inputs):
            self._late.append(node)
        elif any(one in self._late or one in self._means for one in inputs):
            raise NotUnderstoodError("a signal together with a mean over time")
        else:
            self._along_time(node)

    def _along_time(self, node: Node) -> None:
        name = _name(node)
        given = _arguments(node, self._constants)
        source = _first(node)
        if name == "conv1d":
            self._convolution(node, source, bank_of(given))
        elif name == "batch_norm" and not given["training"]:
            self._batch_norm(node, source, *scale_and_shift(given))
        elif name in ("pad", "constant_pad_nd"):
            around = zeros_around(given)
            # What is cut off may not come back as zeros.
            if min(around) >= 0:
                self._paddings[node] = around
            self._local(node, self._signals[source], shifting(*around))
        elif name in ("avg_pool1d", "max_pool1d"):
            self._local(node, self._signals[source], pooling(name, given))
        elif name == "dropout" and not given["train"]:
            self._signals[node] = self._signals[source]
        elif is_mean(name, given):
            shape = tuple(node.meta["val"].shape)
            self._steps[node.name] = Mean(self._signals[source], _time(source), shape)
            self._means.append(node)
        elif name in POINTWISE:
            self._pointwise(node)
        else:
            raise NotUnderstoodError(name)

    def _convolution(self, node: Node, source: Node, bank: Bank) -> None:
        name = self._signals[source]
        if source in self._paddings and len(source.users) == 1:
            bank = bank.padded(*self._paddings[source])
            name = self._absorbed(source)
        self._banks[node] = bank
        self._local(node, name, bank.filter())

    def _batch_norm(self, node: Node, source: Node, scale: Tensor, shift: Tensor) -> None:
        if source in self._banks and len(source.users) == 1:
            bank = self._banks[source].scaled(scale, shift)
            self._local(node, self._absorbed(source), bank.filter())
            return
        kind = source.meta["val"].dtype
        scale, shift = scale.to(kind)[:, None], shift.to(kind)[:, None]
        self._add(
            node, Pointwise((self._signals[source],), lambda x: x * scale + shift, _time(node))
        )

    def _pointwise(self, node: Node) -> None:
        signals = [one for one in node.all_input_nodes if one in self._signals]
        fixed = [self._constants[one] for one in node.all_input_nodes if one in self._constants]
        slopes = _name(node) == "prelu"  # one a channel
        if any(one.meta["val"].shape != node.meta["val"].shape for one in signals) or (
            not slopes and any(map(varies_along_time, fixed))
        ):
            raise NotUnderstoodError("a function that is not the same for each sample")
        function = _out_of_place(node)
        constants = self._constants

        def compute(*parts: Tensor) -> Tensor:
            values = constants | dict(zip(signals, parts, strict=True))
            return function(*_filled(node.args, values), **_filled(node.kwargs, values))

        sources = tuple(self._signals[one] for one in signals)
        self._add(node, Pointwise(sources, compute, _time(node)))

    def _local(self, node: Node, source: str, filter: Filter) -> None:
        self._add(node, Local(source, filter, _time(node)))

    def _add(self, node: Node, step: Local | Pointwise) -> None:
        self._steps[node.name] = step
        self._signals[node] = node.name

    def _absorbed(self, node: Node) -> str:
        """Take out the step whose only reader does its work, and tell what it read."""
        (source,) = self._steps.pop(node.name).sources
        return source


def _operation(node: Node) -> OpOverload:
    if not isinstance(node.target, OpOverload):
        raise NotUnderstoodError(f"a call of {node.target}")
    return node.target


def _name(node: Node) -> str:
    """The operation's name, the same whether or not it writes in place."""
    return _operation(node)._schema.name.removeprefix("aten::").removesuffix("_")


def _first(node: Node) -> Node:
    source = node.args[0]
    if not isinstance(source, Node):
        raise NotUnderstoodError(f"{_name(node)} of several signals or none")
    return source


def _arguments(node: Node, constants: dict[Node, Any]) -> dict[str, Any]:
    """All arguments of an operation by name, with the values of those that are constant."""
    expected = _operation(node)._schema.arguments
    given: dict[str, Any] = {one.name: one.default_value for one in expected}
    given |= dict(zip((one.name for one in expected), node.args, strict=False)) | node.kwargs
    return {
        name: constants.get(value, value) if isinstance(value, Node) else value
        for name, value in given.items()
    }


def _filled(arguments: Any, values: Mapping[Node, Any]) -> Any:
    return map_arg(arguments, values.__getitem__)


def _evaluated(node: Node, values: Mapping[Node, Any]) -> Any:
    return _operation(node)(*_filled(node.args, values), **_filled(node.kwargs, values))


def _out_of_place(node: Node) -> OpOverload:
    """The operation that writes its result elsewhere: several steps may read a window."""
    operation = _operation(node)
    if not operation._schema.is_mutable:
        return operation
    return getattr(getattr(torch.ops.aten, _name(node)), operation._overloadname)


def _precise(value: Any) -> Any:
    return value.double() if isinstance(value, Tensor) and value.is_floating_point() else value


def _time(node: Node) -> int:
    return node.meta["val"].shape[-1]
