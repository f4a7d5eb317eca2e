"""DeepLIFT's rescale rule at every activation (Shrikumar 2017): slopes of chords, not tangents."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..passes import Ecg, Ecgs, Maps, PerEcg, prediction
from .interception import ACTIVATIONS, Call, Interception, Kind, depends_on

# Share of the change by which a sum may miss it, and rounding as a share of all that was added:
# 1e-7 for DeepLIFT and 1e-6 for LRP on the reference network.
TOLERANCE, ROUNDING = 1e-3, 1e-5


def check_sum(contributions: Maps, output: PerEcg, base: PerEcg, message: str) -> None:
    """Raise ValueError unless each ECG's contributions add up to its output less `base`.

    `message` has two places, for the expected and for the actual sum.
    """
    change, total = output - base, contributions.sum(dim=(1, 2))
    added = contributions.abs().sum(dim=(1, 2)) + output.abs() + base.abs()
    excess = (total - change).abs() - TOLERANCE * change.abs() - ROUNDING * added
    worst = int(excess.argmax())
    if not excess[worst] <= 0:  # NaN neither
        raise ValueError(message.format(f"{change[worst]:.4g}", f"{total[worst]:.4g}"))


# Where the input of an activation changes by less, its own slope is taken, as captum does.
LEAST_CHANGE = 1e-10
INCOMPLETE = (
    "expected contributions that add up to f(x) − f(baseline) = {}, got {}; the rescale rule knows "
    "linear layers, activations of one value such as ReLU, and max pooling, but no products of "
    "values that depend on the ECG; take integrated_gradients, which needs no rule"
)


def multipliers(net: nn.Module, x: Ecgs, target: int, baseline: Ecg) -> Maps:
    """Change of the output per µV of difference from the baseline.

    The ECGs and the baseline go through the network together, the baseline last. Raises ValueError
    unless multipliers times differences add up to f(x) − f(baseline), as with a recurrent layer.
    """
    ecgs = len(x)

    def rule(kind: Kind, x: Tensor, call: Call) -> Tensor:
        if not depends_on(x, ecgs + 1):
            return call(x)
        return (_Maximum if kind is Kind.MAXIMUM else _Activation).apply(x, call, ecgs)

    given = torch.cat([x.detach(), baseline[None]]).requires_grad_()
    with torch.enable_grad():
        with Interception(ACTIVATIONS | {Kind.MAXIMUM}, rule):
            outputs = prediction(net, given.clone(), target)
        (gradient,) = torch.autograd.grad(outputs[:-1].sum(), given)
    found, outputs = gradient[:-1], outputs.detach()
    check_sum(found * (x - baseline), outputs[:-1], outputs[-1].expand(ecgs), INCOMPLETE)
    return found


class _Activation(torch.autograd.Function):
    """Activation that multiplies the gradient by the slope of the chord, (y − y₀) / (x − x₀)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, activation: Callable[[Tensor], Tensor], ecgs: int) -> Tensor:
        with torch.enable_grad():
            at = x.detach().requires_grad_()
            copied = at.clone()  # an activation in place overwrites it
            y = activation(copied)
            (tangent,) = torch.autograd.grad(y.sum(), at)
        in_place = y.data_ptr() == copied.data_ptr()
        y = y.detach()
        step, rise = change(x, ecgs), change(y, ecgs)
        chord = torch.where(step.abs() < LEAST_CHANGE, tangent[: len(step)], rise / step)
        ctx.save_for_backward(chord)
        if in_place:
            ctx.mark_dirty(x)
            return x.copy_(y)
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (chord,) = ctx.saved_tensors
        (gradient,) = gradients
        return padded(gradient[: len(chord)] * chord, len(gradient)), None, None


class _Maximum(torch.autograd.Function):
    """Maximum whose rise from y₀ goes to the largest place in x, and its fall to that in x₀.

    Where several places of x₀ are equal within rounding, as 0 µV makes them, one of them gets it.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, maximum: Callable[[Tensor], Tensor], ecgs: int) -> Tensor:
        y = maximum(x)
        # Not y itself: a later operation may overwrite it.
        ctx.save_for_backward(x, change(y, ecgs))
        ctx.maximum, ctx.ecgs = maximum, ecgs
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        x, rise = ctx.saved_tensors
        step = change(x, ctx.ecgs)
        gradient = gradients[0][: len(rise)]
        own = x[: len(step)].detach().requires_grad_()
        base = x[len(step) :].repeat(ctx.ecgs, *[1] * (x.ndim - 1)).requires_grad_()
        with torch.enable_grad():
            y, y_base = ctx.maximum(own), ctx.maximum(base)
        (tangent,) = torch.autograd.grad(y, own, gradient, retain_graph=True)
        (up,) = torch.autograd.grad(y, own, gradient * rise.clamp(min=0))
        (down,) = torch.autograd.grad(y_base, base, gradient * rise.clamp(max=0))
        sent = torch.where(step.abs() < LEAST_CHANGE, tangent, (up + down) / step)
        return padded(sent, len(x)), None, None


def change(values: Float[Tensor, "all ..."], ecgs: int) -> Float[Tensor, "own ..."]:
    """Differences between each ECG's values and those of the baseline, which come last."""
    each = values.unflatten(0, (ecgs + 1, -1))
    return (each[:-1] - each[-1:]).flatten(0, 1)


def padded(values: Float[Tensor, "own ..."], rows: int) -> Float[Tensor, "all ..."]:
    """Values with zeros for the baseline, whose own multipliers are not used."""
    return torch.cat([values, values.new_zeros((rows - len(values), *values.shape[1:]))])
