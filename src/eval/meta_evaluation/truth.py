"""What each point of an ECG contributes to the output of a network set by hand.

The truth is the Aumann–Shapley share from 0 µV along the straight line to the ECG,
A_i = x_i ∫₀¹ ∂f/∂x_i(αx) dα (Aumann & Shapley 1974; integrated gradients, Sundararajan 2017): it
adds up to f(x) − f(0), and f(0) is 0 here. For sums of products it is the Shapley value as well.
"""

from functools import singledispatch

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from .elsewhere import Largest
from .networks import EDGE_UV, Edge, HandSet, Mean, Product

Ecgs = Float[Tensor, "batch lead time"]
Readings = Float[Tensor, "batch reading"]


@singledispatch
def truth_of(net: nn.Module, x: Ecgs) -> Ecgs:
    """Contribution of each point to the output; raises ValueError where no formula is known."""
    raise _unknown(net)


@truth_of.register(HandSet)
def _of_readings(net: HandSet, x: Ecgs) -> Ecgs:
    return x * torch.einsum("br,rlt->blt", _shares(net, net.readings(x)), net.weights)


@truth_of.register(Edge)
def _of_edges(net: Edge, x: Ecgs) -> Ecgs:
    # A place opens where αz_t = θ, so its share of what it reads is (z_t − θ) / z_t.
    rise = net.rise(x)
    open_ = functional.relu(rise - EDGE_UV)
    shares = torch.where(open_ > 0, open_ / rise, 0.0)
    found = torch.zeros_like(x)
    found[:, net.lead] = functional.conv_transpose1d(shares, net.kernel)[:, 0]
    return found * x


@singledispatch
def _shares(net: nn.Module, z: Readings) -> Readings:
    """∫₀¹ ∂f/∂z_r(αz) dα, what a µV of each reading contributes."""
    raise _unknown(net)


@_shares.register(Mean)  # and its copies of one fact
def _equal(net: Mean, z: Readings) -> Readings:
    return torch.full_like(z, 1 / z.shape[1])


@_shares.register(Product)
def _half_of_the_other(net: Product, z: Readings) -> Readings:
    return z.flip(1) / 2e3


@_shares.register(Largest)
def _of_the_largest(net: Largest, z: Readings) -> Readings:
    # The order of z is the same all along the line, so the share is the gradient at the ECG.
    return functional.one_hot(z.argmax(1), z.shape[1]).to(z.dtype)


def _unknown(net: nn.Module) -> ValueError:
    return ValueError(
        f"expected a network whose truth is known, got {type(net).__name__}; take one of "
        "eval.meta_evaluation.NETWORKS"
    )
