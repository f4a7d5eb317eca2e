"""Does the gradient say how the output changes? Autograd believes detach() and backward hooks."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ..engine import generator
from .gradient import input_gradient, prediction

# Where an ECG is flat, maxima tie, and a gradient is that of one side. Noise of this SD, a share of
# max − min as in SmoothGrad, takes the ECG off such edges.
NOISE = 0.02
# ECGs tried. A wrong gradient is refused when half of them show it, so that one ECG on the edge of
# a ReLU refuses nothing.
ECGS = 3
# Sizes of the step, as a share of the ECG's norm. A right gradient fits at one of them: the large
# may bend the network, the small may drown in rounding.
STEPS = (1e-2, 1e-3, 3e-4)
# Slopes are measured to a few % where ReLUs open on the way.
TOLERANCE = 0.1
# Rounding of an output, as a share of it: ten times what twenty layers in float32 have (engine).
ROUNDING = 1e-5


def check_slopes(net: nn.Module, x: Float[Tensor, "batch lead time"], target: int) -> None:
    """Raise ValueError where the output's change contradicts the gradient, whatever the step.

    Central differences along the ECG (its scale) and along a constant (its offset): what is divided
    by a detached scale or centred by a detached mean shows there. A gradient that is wrong in other
    directions alone is not seen.
    """
    x = x[:ECGS] + _noise(x[:ECGS])
    gradients = input_gradient(net, x, target)
    for name, way in {"the ECG": x, "a constant": torch.ones_like(x)}.items():
        move = way * torch.nan_to_num(_norm(x) / _norm(way), posinf=0.0)  # as long as the ECG
        told = (gradients * move).sum((1, 2))
        found, allowed = _differences(net, x, target, move, told)
        wrong = ((found - told).abs() > allowed).all(0)
        if 2 * int(wrong.sum()) >= len(x):
            first = int(wrong.nonzero()[0])
            raise ValueError(
                "expected a gradient that says how the output changes, got "
                f"{float(told[first]):.3g} along {name}, where it changes by "
                f"{float(found[-1, first]):.3g}; look for detach() on a part of the network, "
                "backward hooks left behind and own backward passes"
            )


def _differences(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    move: Float[Tensor, "batch lead time"],
    told: Float[Tensor, " batch"],
) -> tuple[Float[Tensor, "step batch"], Float[Tensor, "step batch"]]:
    """The slope along a move at each step, and by how much it may miss what the gradient told."""
    found, allowed = [], []
    for step in STEPS:
        with torch.no_grad():
            up = prediction(net, x + step * move, target)
            down = prediction(net, x - step * move, target)
        found.append((up - down) / (2 * step))
        size = torch.maximum(told.abs(), found[-1].abs())
        allowed.append(TOLERANCE * size + ROUNDING * (up.abs() + down.abs()) / (2 * step))
    return torch.stack(found), torch.stack(allowed)


def _noise(x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch lead time"]:
    drawn = [torch.randn(one.shape, generator=generator(0, "slopes", k)) for k, one in enumerate(x)]
    return NOISE * (x.amax((1, 2)) - x.amin((1, 2)))[:, None, None] * torch.stack(drawn).to(x)


def _norm(x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch 1 1"]:
    return x.flatten(1).norm(dim=1)[:, None, None]
