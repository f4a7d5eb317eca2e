"""Nodes of an exported program: operation and arguments of each."""

import operator
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch._ops import OpOverload
from torch.fx import Node
from torch.fx.node import map_arg

from .operations import NotUnderstoodError


def operation(node: Node) -> OpOverload:
    """Operation of a node."""
    if not isinstance(node.target, OpOverload):
        raise NotUnderstoodError(f"a call of {node.target}")
    return node.target


def takes_one_of_several(node: Node) -> bool:
    """Whether the node only takes one of the results of the node before."""
    return node.target is operator.getitem


def name_of(node: Node) -> str:
    """Name of the operation, the same whether or not it writes in place."""
    return operation(node)._schema.name.removeprefix("aten::").removesuffix("_")


def first_of(node: Node) -> Node:
    """First argument, which is the signal of an operation along time."""
    source = node.args[0]
    if not isinstance(source, Node):
        raise NotUnderstoodError(f"{name_of(node)} of several signals or none")
    return source


def arguments(node: Node, constants: Mapping[Node, Any]) -> dict[str, Any]:
    """Arguments by name, with the values of constants."""
    expected = operation(node)._schema.arguments
    given: dict[str, Any] = {one.name: one.default_value for one in expected}
    given |= dict(zip((one.name for one in expected), node.args, strict=False)) | node.kwargs
    return {
        name: constants.get(value, value) if isinstance(value, Node) else value
        for name, value in given.items()
    }


def filled(given: Any, values: Mapping[Node, Any]) -> Any:
    """Arguments in which nodes are replaced by their values."""
    return map_arg(given, values.__getitem__)


def evaluated(node: Node, values: Mapping[Node, Any]) -> Any:
    """Result of the operation for these values."""
    compute = operator.getitem if takes_one_of_several(node) else operation(node)
    return compute(*filled(node.args, values), **filled(node.kwargs, values))


def writes_in_place(node: Node) -> bool:
    """Whether the operation changes one of its arguments."""
    return not takes_one_of_several(node) and operation(node)._schema.is_mutable


def draws(node: Node) -> bool:
    """Whether the operation draws random numbers; dropout does in training only."""
    if takes_one_of_several(node) or torch.Tag.nondeterministic_seeded not in operation(node).tags:
        return False
    given = arguments(node, {})
    return not (given.get("train") is False or given.get("dropout_p") == 0)


def out_of_place(node: Node) -> OpOverload:
    """The operation without writing in place, because several steps may read a window."""
    if not writes_in_place(node):
        return operation(node)
    return getattr(getattr(torch.ops.aten, name_of(node)), operation(node)._overloadname)


def time_of(node: Node) -> int:
    """Number of samples along time."""
    value = node.meta["val"]
    if not isinstance(value, Tensor):
        raise NotUnderstoodError("several results")
    return value.shape[-1]
