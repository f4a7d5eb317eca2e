"""Layer-wise relevance propagation (Bach 2015) as the gradient of a network that was frozen.

A rule says how a layer hands on relevance R_j = c_j z_j to what it reads. With the multipliers c
that is a gradient: of a network whose activations are straight lines through what they gave for
this ECG, and whose layers have the rule's weights. Skips, means and pooling need no rule then.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from .gradient import prediction, rows
from .lrp_layers import LAYERS, Frozen, Layer, LayerRules
from .rescale_rule import ACTIVATIONS, LEAST_CHANGE, MAXIMA

STEPS = ACTIVATIONS | MAXIMA | LAYERS | {"batch_norm"}
# The share of what there is to share out by which the relevance may miss it, and rounding as a
# share of what was summed; 1e-6 on the reference network.
TOLERANCE, ROUNDING = 1e-3, 1e-5
# The frozen network sees every ECG twice, and keeps the rule of each layer beside it.
SMALLER = 4


def relevance(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    epsilon: float,
    layers: LayerRules | None = None,
) -> Float[Tensor, "batch lead time"]:
    """The relevance of each point, in the target's unit.

    Without `layers` every activation has the epsilon rule: `epsilon` × the RMS of what enters it is
    added to its size. With `layers` convolutions have theirs, and only activations without a time
    axis that of epsilon. What is read by no activation, as the output, has none. Raises ValueError
    unless the relevance adds up to the output less what biases and epsilon absorbed, which is what
    the frozen network says of nothing.
    """
    parts = x.detach().split(max(1, rows(x) // SMALLER))
    return torch.cat([_relevance(net, part, target, epsilon, layers) for part in parts])


def _relevance(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    epsilon: float,
    layers: LayerRules | None,
) -> Float[Tensor, "batch lead time"]:
    recording = _Recording(len(x), epsilon, layers)
    with torch.enable_grad(), recording:
        outputs = prediction(net, x.clone().requires_grad_().clone(), target).detach()
    # The first layer's rule asks for its weights alone: what it reads is as good as ones.
    shown = torch.ones_like(x) if layers else x
    given = torch.cat([shown, torch.zeros_like(x)]).requires_grad_()
    with torch.enable_grad():
        with _Replaying(2 * len(x), recording.steps):
            frozen = prediction(net, given.clone(), target)
        (gradient,) = torch.autograd.grad(frozen[: len(x)].sum(), given)
    found = gradient[: len(x)] * shown
    _check_sum(found, outputs, frozen[len(x) :].detach())
    return found


class _Steps(TorchFunctionMode):
    """Sees in their order the functions that this thread's network applies to `rows` ECGs."""

    def __init__(self, rows: int):
        self.rows = rows

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        x = args[0] if args else kwargs.get("input")
        if name not in STEPS or not isinstance(x, Tensor):
            return func(*args, **kwargs)
        # What is computed from the weights alone is the same for every ECG.
        if not x.requires_grad or x.ndim == 0 or len(x) % self.rows:
            return func(*args, **kwargs)
        others = {key: value for key, value in kwargs.items() if key != "input"}
        return self.step(name, x, Layer(func, args[1:], others))

    def step(self, name: str, x: Tensor, layer: Layer) -> Tensor:
        """What the network goes on with."""
        raise NotImplementedError


class _Recording(_Steps):
    """The first pass: what each step makes of the ECGs, and so what it is when it is frozen."""

    def __init__(self, rows: int, epsilon: float, layers: LayerRules | None):
        super().__init__(rows)
        self.epsilon, self.layers = epsilon, layers
        self.steps: list[Frozen] = []
        # By the identity of a layer's output, which is kept, so that no other has it.
        self._made: dict[int, tuple[Tensor, Layer, int]] = {}

    def step(self, name: str, x: Tensor, layer: Layer) -> Tensor:
        """The network's own output."""
        if name in ACTIVATIONS:
            return self._activation(x, layer)
        y = layer(x)
        frozen: Frozen = layer
        if name in MAXIMA:
            twice = torch.cat([x.detach()] * 2)
            frozen = lambda u: torch.func.jvp(layer, (twice,), (u,))[1]  # noqa: E731
        elif self.layers and name in LAYERS:
            layer.first = not self._made
            self._made[id(y)] = (y, layer, len(self.steps))
            frozen = self.layers.ruled(layer, name, y.detach())
        elif self.layers and id(x) in self._made:  # a BatchNorm that goes into the layer before
            _, before, place = self._made[id(x)]
            folded = before.folded(layer)
            rule = self.layers.ruled(folded, "conv1d", y.detach())
            self.steps[place] = before.keeping
            frozen = lambda u: rule(before.kept)  # noqa: E731
        self.steps.append(frozen)
        return y

    def _activation(self, x: Tensor, activation: Layer) -> Tensor:
        z = x.detach().clone()  # an activation in place writes into it
        y = activation(x)
        line = self._line(z, y.detach(), activation(torch.zeros_like(z)))
        in_place = y.data_ptr() == x.data_ptr()
        self.steps.append((lambda u: u.copy_(line(u))) if in_place else line)
        return y

    def _line(self, z: Tensor, y: Tensor, y_of_zero: Tensor) -> Frozen:
        """The line through (z, y) with the slope of the epsilon rule (Bach 2015, equation 58)."""
        base = z
        if self.layers is None or z.ndim == 2:
            rms = z.unflatten(0, (self.rows, -1)).flatten(1).square().mean(1).sqrt()
            added = self.epsilon * rms.repeat_interleave(len(z) // self.rows)
            base = z + added.view(-1, *[1] * (z.ndim - 1)) * torch.where(z < 0, -1.0, 1.0).to(z)
        none = base.abs() < LEAST_CHANGE
        slope = ((y - y_of_zero) / base.masked_fill(none, 1)).masked_fill(none, 0)
        slope, rest = torch.cat([slope] * 2), torch.cat([y - slope * z] * 2)
        return lambda u: slope * u + rest


class _Replaying(_Steps):
    """The second pass: the same network, frozen."""

    def __init__(self, rows: int, steps: Sequence[Frozen]):
        super().__init__(rows)
        self._left = iter(steps)

    def step(self, name: str, x: Tensor, layer: Layer) -> Tensor:
        """What the frozen step makes of it."""
        return next(self._left, layer)(x)


def _check_sum(
    found: Float[Tensor, "batch lead time"],
    outputs: Float[Tensor, " batch"],
    absorbed: Float[Tensor, " batch"],
) -> None:
    """Raise ValueError unless each ECG's relevance adds up to its output less what was absorbed."""
    shared, total = outputs - absorbed, found.sum(dim=(1, 2))
    summed = found.abs().sum(dim=(1, 2)) + outputs.abs() + absorbed.abs()
    excess = (total - shared).abs() - TOLERANCE * shared.abs() - ROUNDING * summed
    worst = int(excess.argmax())
    if not excess[worst] <= 0:  # NaN neither
        raise ValueError(
            f"expected relevance that adds up to f(x) less what was absorbed, {shared[worst]:.4g}, "
            f"got {total[worst]:.4g}; LRP knows linear layers, activations of one value such as "
            "ReLU, and max pooling, but no products of what depends on the ECG, and its composite "
            "only networks in which the first layer alone reads the ECG"
        )
