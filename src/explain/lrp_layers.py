"""The rules of layers in layer-wise relevance propagation: by weights at first, then gamma."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from .even_kernels import CONVOLUTIONS

LAYERS = CONVOLUTIONS | {"linear"}
# A step of the frozen network: what it reads and gives has the rows of the ECGs, then as many of
# the same network on nothing.
Frozen = Callable[[Tensor], Tensor]


class Layer:
    """A function of torch with all its arguments but the first."""

    first = False  # whether it is the first layer of the network
    kept: Tensor  # what it read last, for the BatchNorm that stands for both

    def __init__(self, func: Callable[..., Any], rest: Sequence[Any], named: Mapping[str, Any]):
        self.func, self.rest, self.named = func, rest, named

    def __call__(self, x: Tensor) -> Tensor:
        """What the function gives."""
        return self.func(x, *self.rest, **self.named)

    def keeping(self, x: Tensor) -> Tensor:
        """The same, and keeps what it read."""
        self.kept = x
        return self(x)

    def argument(self, place: int, name: str) -> Any:
        """An argument, by whichever way it was given; None if it was not."""
        return self.rest[place] if len(self.rest) > place else self.named.get(name)

    def weighing(self, weight: Tensor, bias: Tensor | None) -> "Layer":
        """This layer with other weights."""
        named = {key: one for key, one in self.named.items() if key not in ("weight", "bias")}
        other = Layer(self.func, (weight, bias, *self.rest[2:]), named)
        other.first = self.first
        return other

    def folded(self, norm: "Layer") -> "Layer":
        """This layer with the weights of a BatchNorm in evaluation mode put into its own."""
        weight, bias = self.argument(0, "weight"), self.argument(1, "bias")
        names = ("running_mean", "running_var", "weight", "bias")
        mean, variance, slope, offset = (norm.argument(at, name) for at, name in enumerate(names))
        eps = norm.argument(6, "eps")
        scale = (variance + (1e-5 if eps is None else eps)).rsqrt()
        scale = scale if slope is None else scale * slope
        shift = -mean * scale if bias is None else (bias - mean) * scale
        shift = shift if offset is None else shift + offset
        return self.weighing(weight * scale.view(-1, *[1] * (weight.ndim - 1)), shift)


@dataclass(frozen=True)
class LayerRules:
    """`gamma` for convolutions; the first layer shares out by |weight| to the power of `power`."""

    gamma: float
    power: int

    def ruled(self, layer: Layer, name: str, z: Tensor) -> Frozen:
        """A layer that gave z, frozen under its rule."""
        if layer.first:
            return self._by_weights(layer, z)
        return self._by_gamma(layer, z) if name in CONVOLUTIONS else layer

    def _by_weights(self, layer: Layer, z: Tensor) -> Frozen:
        """R_i = Σ_j |w_ij|^p / Σ_i |w_ij|^p · R_j.

        The w² rule of Montavon 2017, or with p = 0 the flat rule of Lapuschkin 2019.
        """
        weight = layer.argument(0, "weight").abs() ** self.power
        shares, both = layer.weighing(weight, None), torch.cat([z, z])

        def frozen(u: Tensor) -> Tensor:
            share = shares(u)
            whole = share[: len(z)].detach()
            if share[len(z) :].any():
                raise ValueError(
                    "expected a first conv1d or linear layer that reads the ECG itself, at most "
                    "scaled; here it reads what was shifted, or what a layer without a rule, such "
                    "as conv2d, made of the ECG: take lrp_epsilon"
                )
            return both * _divided(share, torch.cat([whole, whole]))

        return frozen

    def _by_gamma(self, layer: Layer, z: Tensor) -> Frozen:
        """R_i = Σ_j a_i (w_ij + γ w_ij⁺) / Σ_i a_i (w_ij + γ w_ij⁺) · R_j (Montavon 2019).

        Where z is negative γ favours what made it so, and where a is, the other sign of w
        (Andéol 2021): the denominator is never smaller than z.
        """
        weight = layer.argument(0, "weight")
        bias = cast("Tensor | None", layer.argument(1, "bias"))
        up, down = (
            weight + self.gamma * part for part in (weight.clamp(min=0), weight.clamp(max=0))
        )
        to_rise = layer.weighing(up, _favoured(bias, self.gamma, 0.0, torch.inf))
        to_fall = layer.weighing(down, _favoured(bias, self.gamma, -torch.inf, 0.0))
        # Of what is negative the other weights make it rise.
        rises, falls = layer.weighing(down, None), layer.weighing(up, None)
        risen, both = torch.cat([z, z]) > 0, torch.cat([z, z])

        def frozen(u: Tensor) -> Tensor:
            negative = torch.cat([u[: len(z)].detach() < 0] * 2)
            up, down = to_rise(u.masked_fill(negative, 0)), to_fall(u.masked_fill(negative, 0))
            if negative.any():
                below = u.masked_fill(~negative, 0)
                up, down = up + rises(below), down + falls(below)
            favoured = torch.where(risen, up, down)
            whole = favoured[: len(z)].detach()
            return both * _divided(favoured, torch.cat([whole, whole]))

        return frozen


def _favoured(bias: Tensor | None, gamma: float, low: float, high: float) -> Tensor | None:
    return None if bias is None else bias + gamma * bias.clamp(low, high)


def _divided(part: Tensor, whole: Tensor) -> Tensor:
    """part / whole, 0 where there is nothing to share out."""
    return torch.where(whole == 0, 0, part / whole.masked_fill(whole == 0, 1))
