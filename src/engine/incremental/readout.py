"""What follows the steps along time in an exported program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.fx import Node

from .filter import Filter
from .nodes import evaluated, first_of


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
