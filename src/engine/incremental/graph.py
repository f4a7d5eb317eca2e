"""Steps of a network along time, read off its operations, and the readout behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.fx import Node

from .operations import (
    POINTWISE,
    Bank,
    NotUnderstoodError,
    arguments,
    average,
    bank_of,
    constant_around,
    draws,
    evaluated,
    filled,
    first_of,
    is_mean,
    maximum,
    name_of,
    out_of_place,
    scale_and_shift,
    takes_one_of_several,
    time_of,
    varies_along_time,
    writes_in_place,
)
from .steps import INPUT, Filter, Local, Mean, Pointwise, Step, Whole

if TYPE_CHECKING:
    from torch.export import ExportedProgram


@dataclass(frozen=True, eq=False)
class Readout:
    """Nodes that follow the steps along time, computed for as many copies as were exported.

    What follows means alone is computed in float64, because a network of one output at 10⁻³ of its
    offset would lose digits; what follows whole signals is computed in the type of the signals.
    """

    nodes: Sequence[Node]  # in their order
    returned: Node
    constants: Mapping[Node, Any]
    means: Mapping[Node, str]  # the step that gives each
    wholes: Mapping[Node, str]
    filters: Mapping[Node, Filter]  # convolutions among the nodes
    kind: torch.dtype

    def __call__(self, found: dict[str, Tensor]) -> Float[Tensor, "row target"]:
        """Outputs, from means (float64) and whole signals by the names of their steps."""
        values = {node: found[name] for node, name in self.wholes.items()}
        for node, name in self.means.items():
            values[node] = found[name].reshape(node.meta["val"].shape)
        for node in self.nodes:
            given = {one: self._given(one, node, values) for one in node.all_input_nodes}
            if node in self.filters:
                values[node] = self.filters[node].whole(given[first_of(node)])
            else:
                values[node] = evaluated(node, given)
            for one in self._read_last[node]:
                del values[one]
        return values[self.returned]

    def _given(self, one: Node, reader: Node, values: Mapping[Node, Any]) -> Any:
        """Value of a node, in the precision of what reads it."""
        coarse = reader in self._coarse
        if one in self.constants:
            return self.constants[one] if coarse else self._precise[one]
        value = values[one]
        if coarse and one not in self._coarse and _is_float(value):
            return value.to(self.kind)
        return value

    @cached_property
    def _coarse(self) -> frozenset[Node]:
        """Nodes computed from whole signals."""
        found = set(self.wholes)
        for node in self.nodes:
            if any(one in found for one in node.all_input_nodes):
                found.add(node)
        return frozenset(found)

    @cached_property
    def _precise(self) -> dict[Node, Any]:
        """Constants that are read in float64."""
        return {
            one: value.double() if _is_float(value := self.constants[one]) else value
            for node in self.nodes
            if node not in self._coarse
            for one in node.all_input_nodes
            if one in self.constants
        }

    @cached_property
    def _read_last(self) -> dict[Node, list[Node]]:
        """By node: the values that no later node reads."""
        last = {one: node for node in self.nodes for one in node.all_input_nodes}
        found: dict[Node, list[Node]] = {node: [] for node in self.nodes}
        for one, node in last.items():
            if one not in self.constants:
                found[node].append(one)
        return found


def _is_float(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()


@dataclass(frozen=True, eq=False)
class Network:
    """A network as its steps along time, by name and in their order, and what follows them.

    `rows` copies at once are read out; `until` is the first operation that reads whole signals.
    `carried` are signals of which some copies alone read more than their window, once known.
    """

    steps: dict[str, Step]
    readout: Readout
    rows: int
    until: str | None
    carried: set[tuple[str, float]] = field(default_factory=set)


class Lowering:
    """Steps along time made of the nodes of an exported program.

    A node along time of which no window is known reads whole signals, and so does all that follows
    it.
    """

    def __init__(self, program: "ExportedProgram") -> None:
        # By node: a value that is the same for every ECG.
        self._constants: dict[Node, Any] = {}
        # By node: the step that gives its values along time.
        self._signals: dict[Node, str] = {}
        # Means over time, signals that are read whole, and values computed from either.
        self._means: dict[Node, str] = {}
        self._wholes: dict[Node, str] = {}
        self._late: list[Node] = []
        self._filters: dict[Node, Filter] = {}
        self._steps: dict[str, Step] = {}
        # Steps with one reader, which absorbs them.
        self._paddings: dict[Node, Filter] = {}
        self._banks: dict[Node, Bank] = {}

        signature = program.graph_signature
        if signature.buffers_to_mutate or len(signature.user_inputs) != 1:
            raise NotUnderstoodError("a network that keeps state")
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
                self._kind, self._rows = node.meta["val"].dtype, len(node.meta["val"])
        self._returned = _only_one(output.args[0])

    def network(self) -> Network:
        returned = self._returned
        if returned not in self._late or returned.meta["val"].ndim != 2:
            raise NotUnderstoodError("outputs that are not (batch, target)")
        if not any(isinstance(step, Local) for step in self._steps.values()):
            raise NotUnderstoodError("nothing but whole signals")
        readout = Readout(
            self._late,
            returned,
            self._constants,
            self._means,
            self._wholes,
            self._filters,
            self._kind,
        )
        whole = (one for one in self._late if self._wholes.keys() & {*one.all_input_nodes})
        until = next(map(name_of, whole), None)
        return Network(self._steps, readout, self._rows, until)

    def _call(self, node: Node) -> None:
        inputs = node.all_input_nodes
        if draws(node):
            raise NotUnderstoodError("random numbers")
        if writes_in_place(node) and not self._may_write(node):
            raise NotUnderstoodError("a value that is overwritten before others read it")
        if all(one in self._constants for one in inputs):
            self._constants[node] = evaluated(node, self._constants)
        elif all(one in self._constants or one in self._signals for one in inputs):
            try:
                self._along_time(node)
            except NotUnderstoodError:
                self._follow(node)
        else:
            self._follow(node)

    def _may_write(self, node: Node) -> bool:
        """True if a node that writes in place changes nothing that another node reads as it was."""
        target = first_of(node)
        if target in self._constants:  # every later pass reads it too
            return False
        signal = self._signals.get(target)
        if signal is None:  # computed in the order of the network, as it would be by itself
            return True
        names = [one for one, name in self._signals.items() if name == signal]
        return {user for one in names for user in one.users if user not in names} == {node}

    def _follow(self, node: Node) -> None:
        """Computes a node from whole signals and from what follows them."""
        for one in node.all_input_nodes:
            if one in self._signals and one not in self._wholes:
                signal = self._signals[one]
                self._wholes[one] = f"{signal}, whole"
                self._steps[self._wholes[one]] = Whole((signal,), time_of(one))
        self._late.append(node)
        if not takes_one_of_several(node) and name_of(node) == "conv1d":
            given = arguments(node, self._constants)
            if isinstance(given["weight"], Tensor):
                self._filters[node] = bank_of(given).filter()

    def _along_time(self, node: Node) -> None:
        name = name_of(node)
        if name == "cat":
            self._concatenation(node)
            return
        given = arguments(node, self._constants)
        source = first_of(node)
        if source not in self._signals:
            raise NotUnderstoodError("a signal that is not the first argument")
        before, after = time_of(source), time_of(node)
        if name == "conv1d":
            self._convolution(node, source, bank_of(given))
        elif name == "batch_norm" and not given["training"]:
            self._batch_norm(node, source, *scale_and_shift(given))
        elif name in ("pad", "constant_pad_nd"):
            around = constant_around(given)
            # Samples that are cut off must not come back as zeros.
            if min(around.left, around.right) >= 0 and around.fill == 0:
                self._paddings[node] = around
            self._local(node, self._signals[source], around)
        elif name == "max_pool1d":
            self._local(node, self._signals[source], maximum(given, before, after))
        elif name == "avg_pool1d":
            self._average(node, source, *average(given, before, after))
        elif name == "dropout" and not given["train"]:
            self._signals[node] = self._signals[source]
        elif is_mean(name, given):
            self._steps[node.name] = Mean((self._signals[source],), before)
            self._means[node] = node.name
        elif name in POINTWISE:
            self._pointwise(node)
        else:
            raise NotUnderstoodError(name)

    def _convolution(self, node: Node, source: Node, bank: Bank) -> None:
        name = self._signals[source]
        if source in self._paddings and len(source.users) == 1:
            around = self._paddings[source]
            bank = bank.padded(around.left, around.right)
            name = self._absorbed(source)
        self._banks[node] = bank
        self._local(node, name, bank.filter())

    def _batch_norm(self, node: Node, source: Node, scale: Tensor, shift: Tensor) -> None:
        if source in self._banks and len(source.users) == 1:
            bank = self._banks[source].scaled(scale, shift)
            self._local(node, self._absorbed(source), bank.filter())
            return
        scale, shift = scale.to(self._kind)[:, None], shift.to(self._kind)[:, None]
        self._add(
            node, Pointwise((self._signals[source],), lambda x: x * scale + shift, time_of(node))
        )

    def _average(self, node: Node, source: Node, filter: Filter, factor: Tensor | None) -> None:
        if factor is None:
            self._local(node, self._signals[source], filter)
            return
        with_zeros = f"{node.name}, with zeros"
        self._steps[with_zeros] = Local((self._signals[source],), filter, time_of(node))
        fixed = (factor.to(self._kind)[None],)
        self._add(node, Pointwise((with_zeros,), torch.mul, time_of(node), fixed))

    def _concatenation(self, node: Node) -> None:
        parts = node.args[0]
        along = node.args[1] if len(node.args) > 1 else 0
        if (
            along not in (1, -2)
            or not isinstance(parts, tuple | list)
            or not all(isinstance(one, Node) and one in self._signals for one in parts)
        ):
            raise NotUnderstoodError("parts that are not the channels of signals")
        sources = tuple(self._signals[one] for one in parts if isinstance(one, Node))
        self._add(node, Pointwise(sources, lambda *parts: torch.cat(parts, 1), time_of(node)))

    def _pointwise(self, node: Node) -> None:
        signals = [one for one in node.all_input_nodes if one in self._signals]
        if any(one.meta["val"].shape != node.meta["val"].shape for one in signals):
            raise NotUnderstoodError("a function that is not the same for each sample")
        slopes = name_of(node) == "prelu"  # one a channel
        moving = [
            one
            for one in node.all_input_nodes
            if one in self._constants and not slopes and varies_along_time(self._constants[one])
        ]
        if any(self._constants[one].shape[-1] != time_of(node) for one in moving):
            raise NotUnderstoodError("a constant of another length")
        function = out_of_place(node)
        constants = self._constants

        def compute(*parts: Tensor) -> Tensor:
            values = constants | dict(zip((*signals, *moving), parts, strict=True))
            return function(*filled(node.args, values), **filled(node.kwargs, values))

        fixed = tuple(self._constants[one].reshape(-1, time_of(node)) for one in moving)
        sources = tuple(self._signals[one] for one in signals)
        self._add(node, Pointwise(sources, compute, time_of(node), fixed))

    def _local(self, node: Node, source: str, filter: Filter) -> None:
        self._add(node, Local((source,), filter, time_of(node)))

    def _add(self, node: Node, step: Local | Pointwise) -> None:
        self._steps[node.name] = step
        self._signals[node] = node.name

    def _absorbed(self, node: Node) -> str:
        """Source of a step that is removed because its only reader does its work."""
        (source,) = self._steps.pop(node.name).sources
        return source


def _only_one(returned: Any) -> Node:
    if isinstance(returned, tuple | list) and len(returned) == 1 and isinstance(returned[0], Node):
        return returned[0]
    raise NotUnderstoodError("several outputs")
