"""Rules of layers in layer-wise relevance propagation: by weights in the first, then gamma."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from .interception import Call
from .operations import Kind

# A step of the frozen network. Its input and output have the rows of the ECGs, then as many rows
# for the same network with all contributions at zero.
Frozen = Callable[[Tensor], Tensor]


class Layer(Call):
    """A call of a convolution, a dense layer or a BatchNorm."""

    first = False  # whether it is the first layer of the network
    kept: Tensor  # its latest input, for the BatchNorm that stands for both

    def keeping(self, x: Tensor) -> Tensor:
        """Result for x, which is kept."""
        self.kept = x
        return self(x)

    def with_weights(self, weight: Tensor, bias: Tensor | None) -> "Layer":
        """This layer with other weights."""
        other = super().with_weights(weight, bias)
        other.first = self.first
        return other

    def folded(self, norm: Call) -> "Layer":
        """This layer with the weights of a BatchNorm in evaluation mode folded into its own."""
        weight, bias = self.argument(0, "weight"), self.argument(1, "bias")
        names = ("running_mean", "running_var", "weight", "bias")
        mean, variance, slope, offset = (norm.argument(at, name) for at, name in enumerate(names))
        eps = norm.argument(6, "eps")
        scale = (variance + (1e-5 if eps is None else eps)).rsqrt()
        scale = scale if slope is None else scale * slope
        shift = -mean * scale if bias is None else (bias - mean) * scale
        shift = shift if offset is None else shift + offset
        return self.with_weights(weight * scale.view(-1, *[1] * (weight.ndim - 1)), shift)


@dataclass(frozen=True)
class LayerRules:
    """Gamma rule with `gamma` for convolutions, and |weight|^`power` for the first layer."""

    gamma: float
    power: int

    def ruled(self, layer: Layer, kind: Kind, z: Tensor) -> Frozen:
        """Frozen step of a layer whose output was z, under its rule."""
        if layer.first:
            return self._by_weights(layer, z)
        return self._by_gamma(layer, z) if kind is Kind.CONVOLUTION else layer

    def _by_weights(self, layer: Layer, z: Tensor) -> Frozen:
        """R_i = Σ_j |w_ij|^p / Σ_i |w_ij|^p · R_j.

        The w² rule of Montavon 2017, or with p = 0 the flat rule of Lapuschkin 2019.
        """
        weight = layer.argument(0, "weight").abs() ** self.power
        shares, both = layer.with_weights(weight, None), torch.cat([z, z])

        def frozen(u: Tensor) -> Tensor:
            share = shares(u)
            whole = share[: len(z)].detach()
            if share[len(z) :].any():
                raise ValueError(
                    "expected a first conv1d or linear layer that reads the ECG itself, at most "
                    "scaled; here the ECG is shifted before, or goes through a layer without a "
                    "rule, such as conv2d; take lrp_epsilon"
                )
            return both * _divided(share, torch.cat([whole, whole]))

        return frozen

    def _by_gamma(self, layer: Layer, z: Tensor) -> Frozen:
        """R_i = Σ_j a_i (w_ij + γ w_ij⁺) / Σ_i a_i (w_ij + γ w_ij⁺) · R_j (Montavon 2019).

        For negative z, γ favours negative contributions, and for negative a the other sign of w
        (Andéol 2021): the denominator is never smaller than z.
        """
        weight = layer.argument(0, "weight")
        bias = cast("Tensor | None", layer.argument(1, "bias"))
        up, down = (
            weight + self.gamma * side for side in (weight.clamp(min=0), weight.clamp(max=0))
        )
        to_rise = layer.with_weights(up, _favoured(bias, self.gamma, 0.0, torch.inf))
        to_fall = layer.with_weights(down, _favoured(bias, self.gamma, -torch.inf, 0.0))
        # A negative input rises through the other weights.
        rises, falls = layer.with_weights(down, None), layer.with_weights(up, None)
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
    """Quotient part / whole, 0 where the whole is 0."""
    return torch.where(whole == 0, 0, part / whole.masked_fill(whole == 0, 1))
