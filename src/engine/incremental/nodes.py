"""The nodes of an exported program: which operation each is, and with what."""

from collections.abc import Mapping
from typing import Any

import torch
from torch._ops import OpOverload
from torch.fx import Node
from torch.fx.node import map_arg

from .operations import NotUnderstoodError


def operation(node: Node) -> OpOverload:
    """What is called."""
    if not isinstance(node.target, OpOverload):
        raise NotUnderstoodError(f"a call of {node.target}")
    return node.target


def name_of(node: Node) -> str:
    """The operation's name, the same whether or not it writes in place."""
    return operation(node)._schema.name.removeprefix("aten::").removesuffix("_")


def first_of(node: Node) -> Node:
    """Its first argument, which is the signal of an operation along time."""
    source = node.args[0]
    if not isinstance(source, Node):
        raise NotUnderstoodError(f"{name_of(node)} of several signals or none")
    return source


def arguments(node: Node, constants: Mapping[Node, Any]) -> dict[str, Any]:
    """All arguments by name, with the values of those that are constant."""
    expected = operation(node)._schema.arguments
    given: dict[str, Any] = {one.name: one.default_value for one in expected}
    given |= dict(zip((one.name for one in expected), node.args, strict=False)) | node.kwargs
    return {
        name: constants.get(value, value) if isinstance(value, Node) else value
        for name, value in given.items()
    }


def filled(given: Any, values: Mapping[Node, Any]) -> Any:
    """Arguments with the values of the nodes among them."""
    return map_arg(given, values.__getitem__)


def evaluated(node: Node, values: Mapping[Node, Any]) -> Any:
    """What the operation returns for these values."""
    return operation(node)(*filled(node.args, values), **filled(node.kwargs, values))


def writes_in_place(node: Node) -> bool:
    """Whether it changes one of its arguments."""
    return operation(node)._schema.is_mutable


def draws(node: Node) -> bool:
    """Whether it returns other numbers each time; dropout does in training only."""
    resting = name_of(node) == "dropout" and not arguments(node, {})["train"]
    return torch.Tag.nondeterministic_seeded in operation(node).tags and not resting


def out_of_place(node: Node) -> OpOverload:
    """The operation that writes its result elsewhere: several steps may read a window."""
    if not writes_in_place(node):
        return operation(node)
    return getattr(getattr(torch.ops.aten, name_of(node)), operation(node)._overloadname)


def time_of(node: Node) -> int:
    """How many samples its value has along time."""
    return node.meta["val"].shape[-1]
