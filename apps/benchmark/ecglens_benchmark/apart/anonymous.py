"""A network without its class and names: plain steps, disguised, written as plain data and rebuilt.

A disguise permutes the channels of every hidden layer and multiplies them by a power of two, with
the inverse in the next layer: outputs, gradients and maps stay as they are, to rounding. What is
rebuilt has modules of torch.nn alone, so that hooks, gradients and types of layers can be used.
"""

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from ecglens.engine import generator
from jaxtyping import Float, Int
from torch import Tensor, fx, nn

Weights = Mapping[str, Float[np.ndarray, "..."]]


@dataclass(frozen=True)
class Step:
    """An operation on the results of earlier ones; result 0 is the ECG.

    `width` is the number of channels of the result, or of its features without a time axis.
    """

    kind: str
    inputs: tuple[int, ...]
    settings: Mapping[str, Any]
    weights: Weights
    width: int


@dataclass(frozen=True)
class Program:
    """Steps of a network; the last one is its output."""

    leads: int
    steps: tuple[Step, ...]


KEPT = ("stride", "padding", "dilation")
MODULES: Mapping[type[nn.Module], str] = {
    nn.Conv1d: "conv",
    nn.BatchNorm1d: "norm",
    nn.Linear: "linear",
    nn.ReLU: "relu",
    nn.AvgPool1d: "avg_pool",
    nn.MaxPool1d: "max_pool",
    nn.AdaptiveAvgPool1d: "mean",
    nn.AdaptiveMaxPool1d: "largest",
    nn.Flatten: "flatten",
}
# Functions and methods of a tensor, with the arguments beside tensors that they may have.
FUNCTIONS: Mapping[Callable[..., Any] | str, tuple[str, tuple[int, ...]]] = {
    operator.add: ("add", ()),
    torch.add: ("add", ()),
    operator.mul: ("multiply", ()),
    torch.mul: ("multiply", ()),
    torch.flatten: ("flatten", (1,)),
    "flatten": ("flatten", (1,)),
}


class _Tracer(fx.Tracer):
    """Takes subclasses of the layers as layers."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, tuple(MODULES)) or super().is_leaf_module(m, module_qualified_name)


def program_of(net: nn.Module, x: Float[Tensor, "batch lead time"]) -> Program:
    """Steps of a network in evaluation mode, with the widths that these ECGs give.

    Raises ValueError for an operation that no step has.
    """
    graph = _Tracer().trace(net)
    modules, places, steps = dict(net.named_modules()), {}, []
    widths = iter(_widths(fx.GraphModule(net, graph), x))
    for node in graph.nodes:
        if node.op == "output":
            break
        width = next(widths)
        if node.op == "placeholder":
            places[node] = 0
            continue
        layer = modules[str(node.target)] if node.op == "call_module" else None
        kind = _kind(layer, node)
        inputs = tuple(places[each] for each in node.args if isinstance(each, fx.Node))
        steps.append(Step(kind, inputs, _settings(kind, layer), _weights(layer), width))
        places[node] = len(steps)
    return Program(x.shape[1], tuple(steps))


def _widths(graph: fx.GraphModule, x: Tensor) -> Iterator[int]:
    found: list[int] = []

    class Reader(fx.Interpreter):
        def run_node(self, n: fx.Node) -> Any:
            result = super().run_node(n)
            found.append(result.shape[1])
            return result

    with torch.no_grad():
        Reader(graph).run(x[:1])
    return iter(found)


def _kind(layer: nn.Module | None, node: fx.Node) -> str:
    kinds = [kind for each, kind in MODULES.items() if isinstance(layer, each)]
    found, more = (kinds[0], ()) if kinds else FUNCTIONS.get(node.target, ("", ()))
    if not found or tuple(each for each in node.args if not isinstance(each, fx.Node)) != more:
        known = ", ".join([*(each.__name__ for each in MODULES), "x + y", "x · y"])
        raise ValueError(f"expected a network of {known}, got {layer or node.target}")
    return found


def _settings(kind: str, layer: Any) -> dict[str, Any]:
    if kind == "conv":
        if layer.groups != 1 or layer.padding_mode != "zeros":
            raise ValueError(f"expected a convolution of all channels on zeros, got {layer}")
        found = {name: getattr(layer, name) for name in KEPT}
        return {name: each if isinstance(each, str) else each[0] for name, each in found.items()}
    if kind in ("avg_pool", "max_pool"):
        found = {name: getattr(layer, name) for name in ("kernel_size", "stride")}
        return {name: each if isinstance(each, int) else each[0] for name, each in found.items()}
    return {"eps": layer.eps} if kind == "norm" else {}


def _weights(layer: nn.Module | None) -> Weights:
    if layer is None:
        return {}
    return {
        name: each.detach().cpu().numpy().copy()
        for name, each in layer.state_dict().items()
        if name != "num_batches_tracked"
    }


def in_units(program: Program, x_scale: float, y_mean: float, y_sd: float) -> Program:
    """The program with the scale of the ECG in its first layers, and the unit in its last one.

    Raises ValueError where these are no convolutions, and no linear layer.
    """
    *steps, last = program.steps
    first = [step for step in steps if 0 in step.inputs]
    if last.kind != "linear" or any(step.kind != "conv" for step in first):
        raise ValueError("expected convolutions of the ECG and a linear layer at the end")
    scaled = [
        replace(step, weights={**step.weights, "weight": step.weights["weight"] * x_scale})
        if 0 in step.inputs
        else step
        for step in steps
    ]
    weights = {"weight": last.weights["weight"] * y_sd, "bias": last.weights["bias"] * y_sd}
    weights["bias"] = weights["bias"] + y_mean
    plain = {name: np.float32(each) for name, each in weights.items()}
    return replace(program, steps=(*scaled, replace(last, weights=plain)))


@dataclass
class _Space:
    """Channels that results share: their order, and their factor, a power of two."""

    width: int
    fixed: bool = False  # in order: the ECG and the output
    plain: bool = False  # by no factor: where a factor would not pass as it is
    order: Int[np.ndarray, " channel"] | None = None
    factor: float = 1.0


FACTORS = (-2, 2)  # powers of two: exact in float32


def disguised(program: Program, seed: int) -> Program:
    """A program of the same outputs, with hidden channels in another order and scale."""
    spaces = _spaces(program)
    for number, own in enumerate({id(each): each for each in spaces}.values()):
        drawn = generator(seed, "disguise", number)
        own.order = np.arange(own.width)
        if not own.fixed:
            own.order = torch.randperm(own.width, generator=drawn).numpy()
        if not (own.fixed or own.plain):
            power = torch.randint(FACTORS[0], FACTORS[1] + 1, (), generator=drawn)
            own.factor = 2.0 ** float(power)
    raw = {place for place in range(1, len(spaces)) if _is_normed(program, place)}
    steps = [
        replace(step, weights=_changed(program, step, place + 1, spaces, raw))
        for place, step in enumerate(program.steps)
    ]
    return replace(program, steps=tuple(steps))


def _is_normed(program: Program, place: int) -> bool:
    """True of a convolution that only a BatchNorm reads, which sees it without a factor."""
    readers = [step for step in program.steps if place in step.inputs]
    of_layer = program.steps[place - 1].kind in ("conv", "linear")
    return of_layer and bool(readers) and all(step.kind == "norm" for step in readers)


def _spaces(program: Program) -> list[_Space]:
    """The space of each result; results that are added share one."""
    found = [_Space(program.leads, fixed=True, plain=True)]
    for step in program.steps:
        own = found[step.inputs[0]]
        if step.kind in ("conv", "linear"):
            own = _Space(step.width)
        elif step.kind in ("add", "multiply"):
            other = found[step.inputs[1]]
            own.fixed |= other.fixed
            own.plain |= other.plain or step.kind == "multiply"
            found = [own if each is other else each for each in found]
        elif step.kind == "norm":
            own.plain |= not _is_normed(program, step.inputs[0])
        elif step.kind == "flatten" and step.width != own.width:
            # Features with a time axis are kept as they are, and so is what they are made of.
            own.fixed = own.plain = True
            own = replace(own, width=step.width)
        found.append(own)
    found[-1].fixed = found[-1].plain = True
    return found


def _changed(
    program: Program, step: Step, place: int, spaces: list[_Space], raw: set[int]
) -> Weights:
    own, before = spaces[place], spaces[step.inputs[0]]
    order, from_order = own.order, before.order
    if order is None or from_order is None or not step.weights:
        return step.weights
    if step.kind == "norm":
        found = {name: each[order] for name, each in step.weights.items()}
        for name in ("weight", "bias"):
            found[name] = found[name] * np.float32(own.factor)
        return found
    out = np.float32(1.0 if place in raw else own.factor)
    inverse = np.float32(1.0 / before.factor)
    found = {"weight": step.weights["weight"][order][:, from_order] * (out * inverse)}
    if "bias" in step.weights:
        found["bias"] = step.weights["bias"][order] * out
    return found


class Steps(nn.Module):
    """A program as a network: layers of torch.nn, in the order in which they run."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.layers = nn.ModuleList([_layer(step) for step in program.steps])
        self.inputs = [step.inputs for step in program.steps]
        self.eval()

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch 1"]:
        """Outputs for ECGs in µV."""
        found = [x]
        for layer, inputs in zip(self.layers, self.inputs, strict=True):
            found.append(layer(*(found[place] for place in inputs)))
        return found[-1]


class _Add(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y


class _Multiply(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x * y


PLAIN: Mapping[str, Callable[..., nn.Module]] = {
    "avg_pool": nn.AvgPool1d,
    "max_pool": nn.MaxPool1d,
    "relu": nn.ReLU,
    "mean": lambda: nn.AdaptiveAvgPool1d(1),
    "largest": lambda: nn.AdaptiveMaxPool1d(1),
    "flatten": nn.Flatten,
    "add": _Add,
    "multiply": _Multiply,
}


def _layer(step: Step) -> nn.Module:
    weight, bias = step.weights.get("weight", np.zeros((1, 1, 1))), "bias" in step.weights
    if step.kind == "conv":
        out, into, kernel = weight.shape
        made = nn.Conv1d(into, out, kernel, bias=bias, **step.settings)
    elif step.kind == "linear":
        made = nn.Linear(weight.shape[1], weight.shape[0], bias=bias)
    elif step.kind == "norm":
        made = nn.BatchNorm1d(len(weight), **step.settings)
    else:
        made = PLAIN[step.kind](**step.settings)
    if step.weights:
        state = {name: torch.from_numpy(np.array(each)) for name, each in step.weights.items()}
        made.load_state_dict(state, strict=step.kind != "norm")
    return made


def plain_data(program: Program) -> tuple[dict[str, Any], list[np.ndarray]]:
    """The program as JSON, and its arrays in the order in which the JSON names their shapes."""
    arrays, steps = [], []
    for step in program.steps:
        shapes = {name: list(each.shape) for name, each in step.weights.items()}
        arrays += [np.ascontiguousarray(each, np.float32) for each in step.weights.values()]
        steps.append(
            {
                "kind": step.kind,
                "inputs": [*step.inputs],
                "settings": dict(step.settings),
                "shapes": shapes,
                "width": step.width,
            }
        )
    return {"leads": program.leads, "steps": steps}, arrays


def from_plain(data: Mapping[str, Any], arrays: Iterator[np.ndarray]) -> Program:
    """The program that `plain_data` wrote."""
    steps = [
        Step(
            each["kind"],
            tuple(each["inputs"]),
            each["settings"],
            {name: next(arrays) for name in each["shapes"]},
            each["width"],
        )
        for each in data["steps"]
    ]
    return Program(data["leads"], tuple(steps))
