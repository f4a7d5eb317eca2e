"""Weights that a fit begins with: those of another network, with its head or a fresh one."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from ..engine import evaluating, torch_seeded
from .model_file import ModelFile, is_model_file
from .units import InUnits
from .weights import matched, read_tensors

UNITS = ("x_scale", "y_mean", "y_sd")


@dataclass(frozen=True, eq=False)
class Start:
    """Weights of a network by name, in `source` (words for a message).

    `units` has x_scale, y_mean and y_sd of a network that was fitted here, and is empty for
    another. With `fresh_head` its last layer is not taken. `target` is that of a model file.
    """

    source: str
    weights: Mapping[str, Tensor]
    units: Mapping[str, Tensor]
    fresh_head: bool = False
    target: str | Mapping[str, Any] | None = None


def start_of(given: nn.Module | str | Path, *, fresh_head: bool = False) -> Start:
    """Start from a network or from a file of weights.

    Errors as in load_weights; ValueError for a model file of a network that wants another input.
    """
    target = None
    path = Path(given).expanduser() if isinstance(given, str | Path) else None
    if isinstance(given, nn.Module):
        source, tensors = f"the given {type(given).__name__}", given.state_dict()
    elif path is None or not path.is_file():
        raise ValueError(f"expected a network or a file of weights to begin with, got {given!r}")
    elif is_model_file(given):
        found = ModelFile.read(given)
        source, tensors, target = str(given), found.tensors, found.target
        if found.spec:
            raise ValueError(
                f"expected in {given} a network that reads 12 leads in µV at 500 Hz, got one that "
                f"wants another input ({', '.join(found.spec)}): its weights begin no fit here"
            )
        fresh_head |= not found.in_units  # its outputs are not around a mean, in SDs of labels
    else:
        source, tensors = str(given), read_tensors(path)
    # In a checkpoint of ours, and where a network was compiled or wrapped, ours is a part.
    ends = (name.removesuffix("y_mean") for name in tensors if name.endswith("y_mean"))
    whole = (each for each in ends if {f"{each}{unit}" for unit in UNITS} <= {*tensors})
    ours = [each for each in whole if any(name.startswith(f"{each}body.") for name in tensors)]
    within = min(ours, key=len, default="")
    tensors = {
        name.removeprefix(within): each for name, each in tensors.items() if name.startswith(within)
    }
    units = {name: tensors[name] for name in UNITS if name in tensors}
    own = len(units) == len(UNITS)
    body = {name.removeprefix("body."): each for name, each in tensors.items() if name not in UNITS}
    return Start(source, body if own else tensors, units if own else {}, fresh_head, target)


def body_like(net: InUnits, outputs: int, seed: int) -> nn.Module:
    """Copy of the body of a network with a fresh last layer of this number of outputs.

    Raises ValueError for a network without a last layer that is linear.
    """
    advice = "give model=, a fresh network, and the other one as start="
    body, where = deepcopy(net.body), head_of(net, advice)[0].rpartition(".")[0]
    old = body.get_submodule(where)
    with torch_seeded(seed):
        if isinstance(old, nn.Linear):
            fresh = nn.Linear(old.in_features, outputs, bias=old.bias is not None)
        else:
            wide = cast(nn.Conv1d, old)
            same = wide.stride, wide.padding, wide.dilation, wide.groups, wide.bias is not None
            fresh = nn.Conv1d(wide.in_channels, outputs, wide.kernel_size, *same, wide.padding_mode)  # pyright: ignore[reportArgumentType] - sizes of one dimension
    parent, _, name = where.rpartition(".")
    setattr(body.get_submodule(parent), name, fresh)
    return body.train()  # a network that was used is in evaluation mode


def begin(net: InUnits, start: Start) -> str:
    """Put the weights into a fresh network, in place; a sentence that says what was taken.

    The last layer stays fresh where it is asked for, where the numbers of outputs differ, and
    where one network gives logits and the other a quantity. Where it is taken, so are the mean and
    the SD of the labels that it learned from, so that the network begins with its old readings.
    Raises ValueError for weights of another network, for a network that reads another unit, and for
    one without a linear layer at its end where that has to be fresh.
    """
    own = net.body.state_dict()
    tensors = dict(matched(start.weights, own))
    head = head_of(net)
    if start.units and start.units["x_scale"] != net.x_scale:
        raise ValueError(
            f"expected in {start.source} a network that scales its input by {float(net.x_scale):g},"
            f" got one that scales it by {float(start.units['x_scale']):g}"
        )
    fresh = start.fresh_head or any(
        name in tensors and tensors[name].shape != own[name].shape for name in head
    )
    fresh |= bool(start.units) and _logits(start.units) != _logits(dict(net.named_buffers()))
    what = "its last layer too"
    if fresh:
        head = head_of(net, "name one as model=")
        what = f"all but its last layer, which is fresh ({head[0].rpartition('.')[0]})"
        tensors |= {name: own[name] for name in head}
    lacking = [
        name for name in own if name not in tensors or tensors[name].shape != own[name].shape
    ]
    if lacking or len(tensors) != len(own):
        raise ValueError(
            f"expected in {start.source} weights of a {type(net.body).__name__}, got "
            f"{len(tensors)} tensors for its {len(own)}, {len(lacking)} missing or of another "
            f"shape{f' (first: {lacking[0]})' if lacking else ''}; name that network as model="
        )
    net.body.load_state_dict(tensors)
    if not fresh and start.units:
        net.y_mean.copy_(start.units["y_mean"])
        net.y_sd.copy_(start.units["y_sd"])
    return f"The fit begins with the weights of {start.source}: {what}."


def head_of(net: InUnits, advice: str = "") -> tuple[str, ...]:
    """Names of the weights of the layer that gives an output for each target, within the body.

    Raises ValueError with the `advice`, if there is one, for a network without such a layer.
    """
    layers = [
        name
        for name, layer in net.body.named_modules()
        if isinstance(layer, (nn.Linear, nn.Conv1d)) and len(layer.weight) == len(net.y_mean)
    ]
    last = _giving(net, layers) if len(layers) > 1 else "".join(layers)
    found = tuple(name for name in net.body.state_dict() if last and name.startswith(f"{last}."))
    if advice and not found:
        kind = type(net.body).__name__
        raise ValueError(f"expected a last layer that is linear, got none in {kind}; {advice}")
    return found


def _giving(net: InUnits, layers: Sequence[str]) -> str:
    """The layer that adds its output to the body's; the last one where none does."""
    with torch.no_grad(), evaluating(net):
        for samples, name in product((600, 5000), reversed(layers)):  # a median beat, a strip
            layer = net.body.get_submodule(name)
            # No constant, which a network that scales each lead by its SD reads as NaN.
            x = torch.linspace(-1, 1, 12 * samples, device=net.x_scale.device).view(1, 12, -1)
            with suppress(Exception):  # another length: any error of the user's code
                before = net.body(x)
                with layer.register_forward_hook(lambda *given: given[-1] + 1):
                    after = net.body(x)
                if torch.allclose(after, before + 1, atol=1e-3):
                    return name
    return layers[-1]


def _logits(units: Mapping[str, Tensor]) -> bool:
    return not bool(units["y_mean"].any()) and bool(torch.all(units["y_sd"] == 1))
