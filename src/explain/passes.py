"""Passes through a network in bounded memory and full precision, without traces in it."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..engine import column_of, fitting, full_precision, has_gradient, torch_seeded, with_modes

# ECGs in µV, one of them, a number for each, and one for each of their points: maps, gradients.
Ecgs = Float[Tensor, "batch lead time"]
Ecg = Float[Tensor, "lead time"]
PerEcg = Float[Tensor, " batch"]
Maps = Float[Tensor, "batch lead time"]
# Input values in one pass: 36 median beats or 4 strips of 10 s. It bounds the memory (0.5 GB at
# most, by DeepLIFT on the reference network; twice as many are no faster) and changes no map.
VALUES = 2**18
# Reason of a method for which outputs are not enough.
WITHOUT_GRADIENT = (
    "expected a network that passes gradients on, got a program or a function that gives outputs "
    "alone; take methods that hide parts of the ECG, as occlusion and shapley_sampling do"
)


# How a network gets more than the ECG.
BESIDE = (
    "values beside each ECG go with it by WithEach(net, x, {'age': …}), or "
    "rank_methods(…, with_each={'age': …})"
)
# What Python says of a network that wants more arguments, a tuple or a dict of them.
WANTS_MORE = "required positional argument", "to unpack", "data type 'str'"


def rows(x: Ecgs) -> int:
    """Number of ECGs of this shape that go through the network at once."""
    return fitting(VALUES // max(1, x[0].numel()), x.device)


def prediction(net: nn.Module, x: Ecgs, target: int) -> PerEcg:
    """Output `target`; raises ValueError unless outputs are (batch, n_targets) and it exists."""
    try:
        output = net(x)
    except (TypeError, ValueError) as problem:
        if not any(words in str(problem) for words in WANTS_MORE):
            raise
        raise ValueError(
            "expected a network of ECGs alone, (batch, lead, time), got its complaint "
            f"“{' '.join(str(problem).split())}”; {BESIDE}, for a forward(x, age)"
        ) from problem
    return column_of(output, len(x), target)


def predictions(net: nn.Module, x: Ecgs, target: int) -> PerEcg:
    """Output `target` without a graph, in passes of bounded memory."""
    with torch.no_grad():
        return torch.cat([prediction(net, part.clone(), target) for part in x.split(rows(x))])


def input_gradient(net: nn.Module, x: Ecgs, target: int) -> Maps:
    """Gradient of each ECG's own output, in the target's unit per µV.

    Raises ValueError when the output has no gradient at all, as after `.detach()`.
    """
    with torch.enable_grad():
        x = (x.clone() if x.is_inference() else x.detach()).requires_grad_()
        # A copy, because a network may write into its input.
        outputs = prediction(net, x.clone(), target)
        if not outputs.requires_grad:
            raise ValueError(
                "expected an output that depends on the ECG through differentiable operations, got "
                "one without a gradient; look for detach(), no_grad(), argmax and int8 layers, or "
                "give a function of arrays, for methods that hide parts of the ECG"
                if has_gradient(net)
                else WITHOUT_GRADIENT
            )
        # An ECG's output depends on that ECG alone (the linter checks it): the sum separates.
        (gradient,) = torch.autograd.grad(outputs.sum(), x, allow_unused=True)
    return torch.zeros_like(x).detach() if gradient is None else gradient


def gradients_along(
    net: nn.Module, points: Float[Tensor, "point lead time"], target: int
) -> Float[Tensor, "point lead time"]:
    """Gradient at each noisy or scaled copy of one ECG, in passes of bounded memory."""
    return torch.cat([input_gradient(net, part, target) for part in points.split(rows(points))])


def nodes_behind(node: Any, but: Collection[str] = ()) -> Mapping[Any, None]:
    """This node of autograd's graph and all nodes that it depends on; empty for None.

    Their order is decided by the graph alone. What only leads through operations of these names,
    such as Softmax, is left out.
    """
    found, open_nodes = {}, [node]
    while open_nodes:
        node = open_nodes.pop()
        if node is not None and node not in found and node_name(node) not in but:
            found[node] = None
            open_nodes.extend(parent for parent, _ in node.next_functions)
    return found


def node_name(node: Any) -> str:
    """Name of a node's operation, such as Softmax."""
    return node.name().split("Backward")[0].strip("_")


def operation_behind(node: Any, arranging: Collection[str]) -> str:
    """Name of the operation that made a value, beneath those `arranging` it; "" without a graph."""
    while node is not None:
        name = node_name(node)
        parents = [parent for parent, _ in node.next_functions if parent is not None]
        if name not in arranging or len(parents) != 1:
            return name
        (node,) = parents
    return ""


@contextmanager
def differentiable(net: nn.Module, device: torch.device) -> Iterator[None]:
    """Gradients with respect to the input in full precision, whatever the caller switched off.

    The parameters are frozen inside, so that no pass spends time on their gradients, and thawed
    afterwards, also after an exception.
    """
    thawed = [parameter for parameter in net.parameters() if parameter.requires_grad]
    no_autocast = torch.autocast(device.type, enabled=False)
    with torch.inference_mode(False), torch.enable_grad(), no_autocast, full_precision():
        try:
            for parameter in thawed:
                parameter.requires_grad_(False)
            yield
        finally:
            for parameter in thawed:
                parameter.requires_grad_(True)


@contextmanager
def untouched(net: nn.Module) -> Iterator[None]:
    """Inside, attributes and hooks may be put on modules; afterwards all are as they were."""
    before = [
        (module, dict(vars(module)), {name: one.copy() for name, one in _hooks(module).items()})
        for module in net.modules()
    ]
    try:
        yield
    finally:
        for module, attributes, hooks in before:
            vars(module).clear()
            vars(module).update(attributes)
            for name, own in _hooks(module).items():
                # In place, because the handles of the caller's hooks refer to this dictionary.
                own.clear()
                own.update(hooks[name])


@contextmanager
def restored(net: nn.Module) -> Iterator[None]:
    """Weights, buffers, layers and modes are as before afterwards; hooks are not looked at."""
    kept = [
        (one, one.detach().clone(), one.grad)
        for one in chain(net.parameters(), net.buffers())
        if one.layout == torch.strided and not one.is_meta and not one.is_quantized
    ]
    modes = [(module, module.training) for _, module in with_modes(net)]
    layers = [
        (module, _parts(module))
        for module in net.modules()
        if not isinstance(module, torch.jit.ScriptModule)
    ]
    try:
        yield
    finally:
        for module, parts in layers:
            for name, own in parts.items():
                vars(module)[name].clear()
                vars(module)[name].update(own)
        for module, training in modes:
            module.training = training
        with torch.no_grad():
            for one, before, grad in kept:
                one.grad = grad
                if one.dtype != before.dtype or one.shape != before.shape:
                    one.data = before
                elif not bool(((one == before) | ((one != one) & (before != before))).all()):
                    one.copy_(before)


def _parts(module: nn.Module) -> dict[str, dict[str, Any]]:
    return {name: dict(vars(module)[name]) for name in ("_parameters", "_buffers", "_modules")}


def _hooks(module: nn.Module) -> dict[str, dict[Any, Any]]:
    return {
        name: value
        for name, value in vars(module).items()
        if "_hooks" in name and isinstance(value, dict)
    }


@contextmanager
def seeded(generator: torch.Generator, device: torch.device) -> Iterator[None]:
    """Inside, torch and numpy draw by the generator's seed; afterwards they go on as before.

    On a GPU torch draws other numbers from the same seed than on the CPU.
    """
    seed = generator.initial_seed()
    state = np.random.get_state()  # noqa: NPY002 the stream that captum draws from
    with torch_seeded(seed, device):
        np.random.seed(seed % 2**32)  # noqa: NPY002
        try:
            yield
        finally:
            np.random.set_state(state)  # noqa: NPY002
