"""Discontinuities of the output, which a network that compares numbers may have."""

from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from ...engine import generator, normal
from ..passes import Ecg, Ecgs, nodes_behind, predictions
from ..rules.interception import STEPPED, Call, Interception, Kind

# ECGs tried, places on a line, the number of steepest intervals that are halved, and how often: the
# last interval is a millionth of the line, where float32 still tells its ends apart.
ECGS, PLACES, STEEPEST, HALVINGS = 2, 33, 2, 15
# Smallest discontinuity that matters, as a share of the range on its line; and float32 rounding of
# the output.
SHARE, ROUNDING = 0.05, 1e-4
NOISE = 0.2  # SD as a share of max − min, as in the perturbation curve (Storås 2025)
NEARLY_ZERO = 1e-3  # of the ECG: a thousandth of 3 mV is below the last bit of a recorder


def check_discontinuities(net: nn.Module, x: Ecgs, target: int) -> None:
    """Raise ValueError when the output is discontinuous on the lines that are searched.

    The lines lead from 0 µV to an ECG, from it to a noisy copy and to another ECG. A network
    without an operation that may have steps is not searched.
    """
    if not may_have_steps(net, x[:1]):
        return
    for name, start, end in _lines(x):
        jump, span = _largest_step(net, target, start, end)
        if jump > SHARE * span:
            raise ValueError(
                f"expected an output that changes gradually with the ECG, got a discontinuity of "
                f"{jump:.3g} on the way {name}; look for branches on the signal, argmax, "
                "comparisons and rounding: no gradient shows what they do"
            )


def may_have_steps(net: nn.Module, x: Float[Tensor, "1 lead time"]) -> bool:
    """True if an operation has steps, or makes truth values, indices or python numbers."""
    return _operations(net, x).found


def may_hide_changes(net: nn.Module, x: Float[Tensor, "1 lead time"]) -> bool:
    """True if the gradient may not be the slope of the output.

    As where an operation may have steps, where a value is detached or made without gradients, and
    where a backward pass is the network's own. Otherwise the output is continuous, and its change
    is the integral of the gradient on the way.
    """
    operations = _operations(net, x)
    if operations.found or operations.detached:
        return True
    with torch.enable_grad():
        outputs = net(x.detach().clone().requires_grad_().clone())
    return any(map(_has_own_backward, nodes_behind(outputs.grad_fn)))


class _Switched(TorchFunctionMode):
    """Notes that a network switches gradients `off`."""

    off = False

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.off |= getattr(func, "__name__", "") == "_set_grad_enabled" and not args[0]
        return func(*args, **(kwargs or {}))


OURS = f"{__name__.partition('.')[0]}."  # our FFTs have a backward pass of their own, a tested one


def _has_own_backward(node: Any) -> bool:
    function = getattr(type(node), "_forward_cls", None)  # of a torch.autograd.Function alone
    return function is not None and not function.__module__.startswith(OURS)


def _operations(net: nn.Module, x: Float[Tensor, "1 lead time"]) -> "_Operations":
    """What a network calls when it reads an ECG."""
    operations = _Operations()

    def noting(kind: Kind, x: Tensor, call: Call) -> Any:
        operations.found = True
        return call(x)

    exports, switched = Interception({Kind.EXPORT}, noting), _Switched()
    with torch.no_grad(), operations, switched, exports:
        net(x.clone())
    operations.detached |= switched.off
    return operations


# Operations that return places beside values which change gradually: places that nothing reads are
# only kept for the gradient. And views, under which places are still nothing but places.
WITH_PLACES = frozenset({
    "adaptive_max_pool2d", "adaptive_max_pool3d", "cummax", "cummin", "kthvalue", "max",
    "max_pool2d_with_indices", "max_pool3d_with_indices", "median", "min", "sort", "topk",
})  # fmt: skip
VIEWS = frozenset({"alias", "detach", "squeeze", "unsqueeze", "view", "_unsafe_view"})


class _Operations(TorchDispatchMode):
    """Notes operations on floating numbers that may have steps, and values that are detached."""

    def __init__(self) -> None:
        super().__init__()
        self.found = self.detached = False
        self._places: list[Tensor] = []  # that no operation has read yet

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        given, results = tree_leaves((args, kwargs)), tree_leaves(result)
        name = func.overloadpacket.__name__.removesuffix("_")
        self.detached |= name == "detach" and any(map(_floating, given))
        tensors = (one for one in results if isinstance(one, Tensor))
        discrete = [one for one in tensors if not (one.is_floating_point() or one.is_complex())]
        if any(one is place for one in given for place in self._places):
            if name in VIEWS:
                self._places += discrete
            else:
                self.found = True
        elif any(map(_floating, given)):
            if name in WITH_PLACES and any(map(_floating, results)):
                self._places += discrete
            else:
                self.found |= bool(discrete) or name in STEPPED or name == "_local_scalar_dense"
        return result


def _floating(value: Any) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point()


def _lines(x: Ecgs) -> Iterator[tuple[str, Tensor, Tensor]]:
    """Lines on which no sample begins or ends at exactly 0.

    A network may count the samples that are not 0, to leave out padding or a missing lead: its
    output would have a step where they all appear at once, at the end of a line, far from any ECG.
    """
    for number, one in enumerate(x[:ECGS]):
        noise = normal(generator(0, "jumps", number), *one.shape).to(one)
        noise = NOISE * (one.max() - one.min()) * noise * (one != 0)
        other = x[(number + 1) % len(x)] if len(x) > 1 else -one
        both = (one != 0) & (other != 0)
        yield "from 0 µV to the ECG", NEARLY_ZERO * one, one
        yield "from the ECG to noise", one, one + noise
        yield "from one ECG to another", one * both, other * both


def _largest_step(net: nn.Module, target: int, start: Ecg, end: Ecg) -> tuple[float, float]:
    """Largest change within a millionth of the line, and the range of the output on the line."""

    def outputs(places: Float[Tensor, " place"]) -> Float[Tensor, " place"]:
        points = torch.lerp(start, end, places.to(start)[:, None, None])
        return predictions(net, points, target).cpu()

    places = torch.linspace(0, 1, PLACES)
    values = outputs(places)
    steepest = values.diff().abs().topk(STEEPEST).indices
    low, high = places[steepest], places[steepest + 1]
    f_low, f_high = values[steepest], values[steepest + 1]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        f_middle = outputs(middle)
        left = (f_middle - f_low).abs() > (f_high - f_middle).abs()
        high, f_high = torch.where(left, middle, high), torch.where(left, f_middle, f_high)
        low, f_low = torch.where(left, low, middle), torch.where(left, f_low, f_middle)
    rounding = ROUNDING * float(values.abs().max())
    jump = float((f_high - f_low).abs().max())
    return (jump if jump > rounding else 0.0), float(values.max() - values.min())
