"""Layer-wise relevance propagation (Bach 2015) as the gradient of a frozen network.

A rule says how a layer divides the relevance R_j = c_j z_j of its outputs among its inputs. With
the multipliers c it is a gradient: of a network whose activations are straight lines through their
values for this ECG, and whose layers have the rule's weights. Skips, means and pooling then need no
rule.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from ..passes import Ecgs, Maps, node_name, nodes_behind, prediction, rows
from .attention import halved, lstm, multi_head, scaled_product, softmax, tangent
from .interception import ACTIVATIONS, LAYERS, Call, Interception, Kind, depends_on
from .layers import Frozen, Layer, LayerRules, gated, norm, second_factor
from .rescale import LEAST_CHANGE, check_sum

PRODUCTS = {Kind.PRODUCT, Kind.MATRIX_PRODUCT}
# Functions of several values, in which the ECGs need not come first.
WHOLE = {Kind.RECURRENCE, Kind.ATTENTION}
TANGENT = {Kind.MAXIMUM, Kind.LOG_SUM}
OTHERS = {*TANGENT, Kind.BATCH_NORM, Kind.NORM, Kind.SOFTMAX, *PRODUCTS, *WHOLE}
STEPS = ACTIVATIONS | LAYERS | OTHERS
# Frozen step of one value, of both factors of a product, or of an LSTM, which returns three.
Step = Callable[..., Any]
# The frozen network sees every ECG twice, and keeps the rule of each layer beside it.
SMALLER = 4
INCOMPLETE = (
    "expected relevance that adds up to f(x) less what was absorbed, {}, got {}; LRP knows linear "
    "layers, activations of one value such as ReLU, max pooling, norms, LSTM, attention and gates "
    "(a value times a sigmoid or softmax), but no other products of values that depend on the ECG, "
    "and its composite no path from the ECG round every layer; take "
    "integrated_gradients, which needs no rule"
)


def relevance(
    net: nn.Module, x: Ecgs, target: int, epsilon: float, layers: LayerRules | None = None
) -> Maps:
    """Relevance of each point, in the target's unit.

    Without `layers` every activation has the epsilon rule, which adds `epsilon` × the RMS of the
    activation's input to the size of that input. With `layers` convolutions have their own rules,
    and only activations without a time axis have the epsilon rule. Values that no activation reads,
    such as the output, have none. Raises ValueError unless the relevance adds up to the output less
    the share that biases and epsilon absorbed, which is the output of the frozen network for an
    ECG of zeros.
    """
    some = x.detach().split(max(1, rows(x) // SMALLER))
    return torch.cat([_relevance(net, each, target, epsilon, layers) for each in some])


def _relevance(
    net: nn.Module, x: Ecgs, target: int, epsilon: float, layers: LayerRules | None
) -> Maps:
    recording = _Recording(len(x), epsilon, layers)
    with torch.enable_grad(), Interception(STEPS, recording):
        outputs = prediction(net, x.clone().requires_grad_().clone(), target)
    # The rule of the first layer depends on its weights alone: any input will do, such as ones.
    shown = torch.ones_like(x) if layers else x
    given = torch.cat([shown, torch.zeros_like(x)]).requires_grad_()
    with torch.enable_grad():
        with Interception(STEPS, _Replaying(2 * len(x), recording.frozen(outputs))):
            frozen = prediction(net, given.clone(), target)
        (gradient,) = torch.autograd.grad(frozen[: len(x)].sum(), given)
    found = gradient[: len(x)] * shown
    check_sum(found, outputs.detach(), frozen[len(x) :].detach(), INCOMPLETE)
    return found


# Nodes whose result for an ECG of ones says nothing about that for another ECG.
CHOOSING = frozenset({
    "Max", "Min", "Amax", "Amin", "Topk", "Sort", "Kthvalue", "Mm", "Bmm", "Addmm",
})  # fmt: skip
CROPPING = frozenset({"Slice", "Alias", "Clone"})


class _Recording:
    """First pass: each step runs as it is, and is recorded as its frozen form."""

    def __init__(self, ecgs: int, epsilon: float, layers: LayerRules | None):
        self._ecgs, self._epsilon, self._layers = ecgs, epsilon, layers
        self.steps: list[Step | None] = []
        # By the identity of a layer's output, which is kept: version, node, layer, rule, place.
        self._made: dict[int, tuple[Tensor, int, Any, Layer, Frozen, int]] = {}
        self._folded: list[tuple[Any, Layer, int]] = []

    def __call__(self, kind: Kind, x: Tensor, call: Call) -> Any:
        """Output of the network's own step; a recurrent layer returns its states beside it."""
        if kind in WHOLE:
            if _reads_ecgs(kind, x, call):
                self.steps.append(self._whole(kind, x, call))
            return call(x)
        if not depends_on(x, self._ecgs):
            return call(x)
        if kind in ACTIVATIONS:
            return self._activation(x, call)
        if kind in PRODUCTS:
            other = second_factor(call, self._ecgs)
            if other is not None:
                of_matrices = kind is Kind.MATRIX_PRODUCT
                self.steps.append(halved(call.func, x, other) if of_matrices else gated(x, other))
            return call(x)
        if kind is Kind.SOFTMAX:
            y, dim = call(x), call.argument(0, "dim")
            self.steps.append(None if dim is None else softmax(x.detach(), y.detach(), dim))
            return y
        if kind is Kind.NORM:
            self.steps.append(norm(x, call))
            return call(x)
        layer = Layer(call.func, call.rest, call.named)
        y = layer(x)
        frozen: Frozen = layer
        if kind in TANGENT:
            frozen = tangent(layer, x.detach())
        elif self._layers and kind in LAYERS:
            behind = nodes_behind(x.grad_fn)
            layer.first = not any(node in behind for _, _, node, *_ in self._made.values())
            if layer.first and not CHOOSING.isdisjoint(map(node_name, behind)):
                raise ValueError(
                    "expected a first conv1d or linear layer that reads the ECG itself, got one "
                    "behind a maximum, an order or a product of matrices; take lrp_epsilon"
                )
            layer.kind = kind
            frozen = self._layers.ruled(layer, y.detach())
            self._made[id(y)] = (y, y._version, y.grad_fn, layer, frozen, len(self.steps))
        elif self._layers and x._version == self._made.get(id(x), (None, -1))[1]:  # BatchNorm
            _, _, node, before, own, place = self._made[id(x)]
            rule = self._layers.ruled(before.folded(layer), y.detach())
            self.steps[place] = partial(before.keeping, own)
            self._folded.append((node, before, place))
            frozen = lambda u: rule(before.kept)  # noqa: E731
        elif self._layers and self._cropped(x):
            raise ValueError(
                "expected a BatchNorm right behind its layer, got one behind a part of the layer's "
                "output: crop after it, which is the same network; or take lrp_epsilon"
            )
        self.steps.append(frozen)
        return y

    def _cropped(self, x: Tensor) -> bool:
        """True if a value is a part of a layer's output."""
        node = x.grad_fn
        while node is not None and node_name(node) in CROPPING:
            node = node.next_functions[0][0]
        return any(node is made for _, _, made, *_ in self._made.values())

    def frozen(self, outputs: Tensor) -> list[Step | None]:
        """The steps; a layer that its BatchNorm alone reads is spared a rule of its own."""
        nodes = nodes_behind(outputs.grad_fn)
        readers = Counter(source for node in nodes for source, _ in node.next_functions)
        for node, layer, place in self._folded:
            if readers[node] == 1:
                self.steps[place] = partial(layer.keeping, layer)
        return self.steps

    def _whole(self, kind: Kind, x: Tensor, call: Call) -> Step | None:
        """Frozen form of a function of several values."""
        if kind is Kind.RECURRENCE:
            step = lstm(x, call, self._line)
            return None if step is None else (lambda u, _: step(u))
        return (multi_head if call.name.startswith("multi_head") else scaled_product)(x, call)

    def _activation(self, x: Tensor, activation: Call) -> Tensor:
        z = x.detach().clone()  # an activation in place overwrites it
        y = activation(x)
        line = self._line(z, y.detach(), activation(torch.zeros_like(z)))
        in_place = y.data_ptr() == x.data_ptr()
        self.steps.append((lambda u: u.copy_(line(u))) if in_place else line)
        return y

    def _line(self, z: Tensor, y: Tensor, y_of_zero: Tensor) -> Frozen:
        """Line through (z, y) with the slope of the epsilon rule (Bach 2015, equation 58)."""
        base = z
        if self._layers is None or z.ndim == 2:
            rms = z.unflatten(0, (self._ecgs, -1)).flatten(1).square().mean(1).sqrt()
            added = self._epsilon * rms.repeat_interleave(len(z) // self._ecgs)
            base = z + added.view(-1, *[1] * (z.ndim - 1)) * torch.where(z < 0, -1.0, 1.0).to(z)
        none = base.abs() < LEAST_CHANGE
        slope = ((y - y_of_zero) / base.masked_fill(none, 1)).masked_fill(none, 0)
        slope, rest = torch.cat([slope] * 2), torch.cat([y - slope * z] * 2)
        return lambda u: slope * u + rest


class _Replaying:
    """Second pass: the steps in their order, frozen; a product of no gate stays as it is."""

    def __init__(self, ecgs: int, steps: Sequence[Step | None]):
        self._ecgs, self._left = ecgs, iter(steps)

    def __call__(self, kind: Kind, x: Tensor, call: Call) -> Any:
        """Output of the frozen step; a recurrent layer returns its states beside it."""
        if kind in WHOLE:
            step = next(self._left, None) if _reads_ecgs(kind, x, call) else None
            return call(x) if step is None else step(x, call)
        if not depends_on(x, self._ecgs):
            return call(x)
        given = (x,)
        if kind in PRODUCTS:
            other = second_factor(call, self._ecgs)
            if other is None:
                return call(x)
            given = (x, other)
        step = next(self._left, None)
        return call(x) if step is None else step(*given)


def _reads_ecgs(kind: Kind, x: Tensor, call: Call) -> bool:
    """True if a value that a function of several values reads comes from the ECGs."""
    others = [*call.rest, *call.named.values()] if kind is Kind.ATTENTION else []
    return any(isinstance(one, Tensor) and one.requires_grad for one in (x, *others))
