"""A network's steps along time, read off the operations that it carries out."""

from typing import Any

from torch import Tensor
from torch.export import ExportedProgram
from torch.fx import Node

from .filter import Filter
from .nodes import (
    arguments,
    draws,
    evaluated,
    filled,
    first_of,
    name_of,
    out_of_place,
    time_of,
    writes_in_place,
)
from .operations import (
    BATCHED,
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
from .steps import INPUT, Local, Mean, Network, Pointwise


class Lowering:
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
        self._returned = _only_one(output.args[0])

    def network(self) -> Network:
        """The network of the steps."""
        returned, late, means = self._returned, self._late, self._means
        if returned not in late or len(returned.meta["val"].shape) != 2:
            raise NotUnderstoodError("outputs that are not (batch, target)")
        constants = {node: _precise(value) for node, value in self._constants.items()}

        def readout(*found: Tensor) -> Tensor:
            values = constants | dict(zip(means, found, strict=True))
            for node in late:
                values[node] = evaluated(node, values)
            return values[returned]

        return Network(self._steps, readout, all(name_of(node) in BATCHED for node in late))

    def _call(self, node: Node) -> None:
        inputs = node.all_input_nodes
        if draws(node):
            raise NotUnderstoodError("random numbers")
        if writes_in_place(node) and self._readers(first_of(node)) != {node}:
            raise NotUnderstoodError("a value that is overwritten before others read it")
        if all(one in self._constants for one in inputs):
            self._constants[node] = evaluated(node, self._constants)
        elif not any(one in self._signals for one in inputs):
            self._late.append(node)
        elif any(one in self._late or one in self._means for one in inputs):
            raise NotUnderstoodError("a signal together with a mean over time")
        else:
            self._along_time(node)

    def _readers(self, node: Node) -> set[Node]:
        """What reads a value, under any of its names; a constant is read by every later pass."""
        if node in self._constants:
            return set()
        signal = self._signals.get(node)
        names = [one for one, name in self._signals.items() if name == signal] if signal else [node]
        return {user for one in names for user in one.users if user not in names}

    def _along_time(self, node: Node) -> None:
        name = name_of(node)
        given = arguments(node, self._constants)
        source = first_of(node)
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
            self._steps[node.name] = Mean(self._signals[source], time_of(source), shape)
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
            node, Pointwise((self._signals[source],), lambda x: x * scale + shift, time_of(node))
        )

    def _pointwise(self, node: Node) -> None:
        signals = [one for one in node.all_input_nodes if one in self._signals]
        fixed = [self._constants[one] for one in node.all_input_nodes if one in self._constants]
        slopes = name_of(node) == "prelu"  # one a channel
        if any(one.meta["val"].shape != node.meta["val"].shape for one in signals) or (
            not slopes and any(map(varies_along_time, fixed))
        ):
            raise NotUnderstoodError("a function that is not the same for each sample")
        function = out_of_place(node)
        constants = self._constants

        def compute(*parts: Tensor) -> Tensor:
            values = constants | dict(zip(signals, parts, strict=True))
            return function(*filled(node.args, values), **filled(node.kwargs, values))

        sources = tuple(self._signals[one] for one in signals)
        self._add(node, Pointwise(sources, compute, time_of(node)))

    def _local(self, node: Node, source: str, filter: Filter) -> None:
        self._add(node, Local(source, filter, time_of(node)))

    def _add(self, node: Node, step: Local | Pointwise) -> None:
        self._steps[node.name] = step
        self._signals[node] = node.name

    def _absorbed(self, node: Node) -> str:
        """Take out the step whose only reader does its work, and tell what it read."""
        (source,) = self._steps.pop(node.name).sources
        return source


def _only_one(returned: Any) -> Node:
    if isinstance(returned, tuple | list) and len(returned) == 1 and isinstance(returned[0], Node):
        return returned[0]
    raise NotUnderstoodError("several outputs")


def _precise(value: Any) -> Any:
    return value.double() if isinstance(value, Tensor) and value.is_floating_point() else value
