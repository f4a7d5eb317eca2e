"""Checks of a network's outputs, and of its gradient against finite differences of them.

They disagree where a network uses detach(), backward hooks or its own backward passes.
"""

import copy
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...engine import generator, normal
from ..passes import Ecgs, PerEcg, input_gradient, prediction

# Float32 rounding through a deep network, as a share of the largest output.
ROUNDING = 1e-4


def checked_outputs(net: nn.Module, x: Ecgs, target: int) -> PerEcg:
    """Outputs; raises ValueError unless each is finite and depends on its own ECG alone."""
    with torch.no_grad():
        outputs = prediction(_fresh(net), x.clone(), target)
        if not outputs.isfinite().all():
            raise ValueError("expected finite outputs, got NaN or infinity")
        tolerance = ROUNDING * float(outputs.abs().max())
        _check_repeated(net, x, target, outputs, tolerance)
        _check_independence(net, x, target, tolerance)
    return outputs


BY_THE_BATCH = "look for normalisation over the batch, and for labels or random numbers by place"
BY_INT8 = (
    "its int8 layers take their scale from the whole batch (dynamic quantisation): give the "
    "network as it was before, or a function that calls it with one ECG at a time"
)


def _check_repeated(
    net: nn.Module, x: Ecgs, target: int, outputs: PerEcg, tolerance: float
) -> None:
    again = prediction(_fresh(net), x.clone(), target)
    if not torch.allclose(outputs, again, rtol=0, atol=tolerance):
        raise ValueError(
            "expected the same output twice, got two; look for functional dropout without "
            "training=self.training and for other random numbers in the network"
        )
    used = _fresh(net)
    prediction(used, -2 * x.flip(-1), target)
    after = prediction(used, x.clone(), target)
    if not torch.allclose(outputs, after, rtol=0, atol=tolerance):
        raise ValueError(
            "expected the same output in every call, got another one after other ECGs; look for "
            "state that the network keeps from one call to the next"
        )


def _check_independence(net: nn.Module, x: Ecgs, target: int, tolerance: float) -> None:
    alone = prediction(net, x[:1].clone(), target)
    # Other ECGs of the same mean, and of the opposite sign and ten times the size.
    for others in (x.flip(-1), -10 * x):
        among = prediction(net, torch.cat([x[:1], others, x[:1]]), target)
        for found in (among[:1], among[-1:]):
            if not torch.allclose(alone, found, rtol=0, atol=tolerance):
                # A layer that rounds by the range of all values that it is given at once.
                int8 = any("quantized.dynamic" in type(one).__module__ for one in net.modules())
                raise ValueError(
                    "expected an output that depends on its own ECG alone, got one that changes "
                    "with the rest of the batch or with the place in it; "
                    + (BY_INT8 if int8 else BY_THE_BATCH)
                )


def _fresh(net: nn.Module) -> nn.Module:
    """A copy of the network as it was given, or the network itself if it cannot be copied."""
    try:
        return copy.deepcopy(net)
    except (RuntimeError, TypeError):  # a kept activation has a graph; a lock has no copy
        return net


# Where an ECG is flat, maxima tie, and the gradient is one-sided. Noise of this SD, a share of
# max − min as in SmoothGrad, moves the ECG off such edges.
NOISE = 0.02
# ECGs tried. A network is refused when more than half of them show a wrong gradient, so that one
# ECG on the edge of a ReLU does not decide.
ECGS = 3
# Slopes are measured to a few % where ReLUs open on the way.
TOLERANCE = 0.1


@dataclass(frozen=True)
class Precision:
    """Sizes of the step, as shares of the ECG's norm, and the rounding of an output.

    A right gradient fits at one of the steps: the network may bend within a large one, and a small
    one may be lost in rounding.
    """

    steps: tuple[float, ...]
    rounding: float  # as a share of the output: ten times that of twenty layers (engine)


SINGLE = Precision((1e-2, 1e-3, 3e-4), 1e-5)
# Steps that float32 cannot tell apart: a logarithm of small powers bends within 3e-4.
DOUBLE = Precision((1e-3, 1e-4, 1e-5, 1e-6, 1e-7), 1e-13)


def check_gradient(net: nn.Module, x: Ecgs, target: int) -> None:
    """Raise ValueError where the output's change contradicts the gradient at every step size.

    Central differences are taken along the ECG (its scale) and along a constant (its offset), where
    a detached scale or a detached mean shows. A gradient that is wrong in other directions alone is
    not found. Nothing is refused before it was judged in float64, with smaller steps; a network
    that cannot be computed in float64 is judged in float32 alone.
    """
    x = x[:ECGS] + _noise(x[:ECGS])
    problem = _contradiction(net, x, target, SINGLE)
    if problem and (double := in_double(net, x)) is not None:
        problem = _contradiction(double, x.double(), target, DOUBLE)
    if problem:
        raise ValueError(problem)


def in_double(net: nn.Module, x: Ecgs) -> nn.Module | None:
    """A copy of the network in float64; None for one that cannot be copied or computed so."""
    try:
        double = copy.deepcopy(net).double()
        with torch.no_grad():
            output = double(x[:1].double())
    except (RuntimeError, TypeError, ValueError):  # a kept graph, a lock, a type that is fixed
        return None
    return double if output.dtype == torch.float64 else None


def _contradiction(net: nn.Module, x: Ecgs, target: int, precision: Precision) -> str | None:
    """Message on a gradient that is wrong on more than half of the ECGs; None for a right one."""
    gradients = input_gradient(net, x, target)
    for name, direction in {"the ECG": x, "a constant": torch.ones_like(x)}.items():
        length = torch.nan_to_num(_norm(x) / _norm(direction), posinf=0.0)
        move = direction * length  # of the ECG's norm
        expected = (gradients * move).sum((1, 2))
        found, allowed = _differences(net, x, target, move, expected, precision)
        wrong = ((found - expected).abs() > allowed).all(0)
        if 2 * int(wrong.sum()) > len(x):
            first = int(wrong.nonzero()[0])
            return (
                "expected a gradient that says how the output changes, got "
                f"{float(expected[first]):.3g} along {name}, where it changes by "
                f"{float(found[-1, first]):.3g}; look for detach() on a part of the network, "
                "backward hooks left behind and own backward passes"
            )
    return None


def _differences(
    net: nn.Module, x: Ecgs, target: int, move: Ecgs, expected: PerEcg, precision: Precision
) -> tuple[Float[Tensor, "step batch"], Float[Tensor, "step batch"]]:
    """Slope along a move at each step, and the difference allowed from the expected slope."""
    found, allowed = [], []
    for step in precision.steps:
        with torch.no_grad():
            up = prediction(net, x + step * move, target)
            down = prediction(net, x - step * move, target)
        found.append((up - down) / (2 * step))
        size = torch.maximum(expected.abs(), found[-1].abs())
        rounding = precision.rounding * (up.abs() + down.abs()) / (2 * step)
        allowed.append(TOLERANCE * size + rounding)
    return torch.stack(found), torch.stack(allowed)


def _noise(x: Ecgs) -> Ecgs:
    drawn = [normal(generator(0, "slopes", k), *one.shape) for k, one in enumerate(x)]
    return NOISE * (x.amax((1, 2)) - x.amin((1, 2)))[:, None, None] * torch.stack(drawn).to(x)


def _norm(x: Ecgs) -> Float[Tensor, "batch 1 1"]:
    return x.flatten(1).norm(dim=1)[:, None, None]
