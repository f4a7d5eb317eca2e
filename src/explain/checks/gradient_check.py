"""Gradient check: the gradient against finite differences of the output.

They differ where a network uses detach(), backward hooks or its own backward passes.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...engine import generator
from ..passes import input_gradient, prediction

# Where an ECG is flat, maxima tie, and the gradient is one-sided. Noise of this SD, a share of
# max − min as in SmoothGrad, moves the ECG off such edges.
NOISE = 0.02
# ECGs tried. A network is refused when half of them show a wrong gradient, so that one ECG on the
# edge of a ReLU does not decide.
ECGS = 3
# Sizes of the step, as a share of the ECG's norm. A right gradient fits at one of them: the network
# may bend within a large step, and a small one may be lost in rounding.
STEPS = (1e-2, 1e-3, 3e-4)
# Slopes are measured to a few % where ReLUs open on the way.
TOLERANCE = 0.1
# Rounding of an output, as a share of it: ten times that of twenty layers in float32 (engine).
ROUNDING = 1e-5


def check_gradient(net: nn.Module, x: Float[Tensor, "batch lead time"], target: int) -> None:
    """Raise ValueError where the output's change contradicts the gradient at every step size.

    Central differences are taken along the ECG (its scale) and along a constant (its offset), where
    a detached scale or a detached mean shows. A gradient that is wrong in other directions alone is
    not found.
    """
    x = x[:ECGS] + _noise(x[:ECGS])
    gradients = input_gradient(net, x, target)
    for name, direction in {"the ECG": x, "a constant": torch.ones_like(x)}.items():
        length = torch.nan_to_num(_norm(x) / _norm(direction), posinf=0.0)
        move = direction * length  # of the ECG's norm
        expected = (gradients * move).sum((1, 2))
        found, allowed = _differences(net, x, target, move, expected)
        wrong = ((found - expected).abs() > allowed).all(0)
        if 2 * int(wrong.sum()) >= len(x):
            first = int(wrong.nonzero()[0])
            raise ValueError(
                "expected a gradient that says how the output changes, got "
                f"{float(expected[first]):.3g} along {name}, where it changes by "
                f"{float(found[-1, first]):.3g}; look for detach() on a part of the network, "
                "backward hooks left behind and own backward passes"
            )


def _differences(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    move: Float[Tensor, "batch lead time"],
    expected: Float[Tensor, " batch"],
) -> tuple[Float[Tensor, "step batch"], Float[Tensor, "step batch"]]:
    """Slope along a move at each step, and the difference allowed from the expected slope."""
    found, allowed = [], []
    for step in STEPS:
        with torch.no_grad():
            up = prediction(net, x + step * move, target)
            down = prediction(net, x - step * move, target)
        found.append((up - down) / (2 * step))
        size = torch.maximum(expected.abs(), found[-1].abs())
        allowed.append(TOLERANCE * size + ROUNDING * (up.abs() + down.abs()) / (2 * step))
    return torch.stack(found), torch.stack(allowed)


def _noise(x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch lead time"]:
    drawn = [torch.randn(one.shape, generator=generator(0, "slopes", k)) for k, one in enumerate(x)]
    return NOISE * (x.amax((1, 2)) - x.amin((1, 2)))[:, None, None] * torch.stack(drawn).to(x)


def _norm(x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch 1 1"]:
    return x.flatten(1).norm(dim=1)[:, None, None]
