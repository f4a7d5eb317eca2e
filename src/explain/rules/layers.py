"""Layers, gates and norms in layer-wise relevance propagation.

The first layer has a rule by weights, later convolutions the gamma rule. A gate decides how much of
a signal passes, and gets no relevance: the signal takes all of it (Arras 2017, section 3). A norm
divides by a size that is a constant of the ECG, so that centring is all that is left (Ali 2022,
section 4).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from ..passes import operation_behind
from .interception import Call, Kind, depends_on

# A step of the frozen network. Its input and output have the rows of the ECGs, then as many rows
# for the same network with all contributions at zero.
Frozen = Callable[[Tensor], Tensor]


class Layer(Call):
    """A call of a convolution, a dense layer or a BatchNorm."""

    first = False  # whether no other layer stands between it and the ECG
    kind = Kind.CONVOLUTION
    kept: Tensor  # its latest input, for the BatchNorm that stands for both

    def keeping(self, step: Frozen, x: Tensor) -> Tensor:
        """Result of its step for x, which is kept."""
        self.kept = x
        return step(x)

    def with_weights(self, weight: Tensor, bias: Tensor | None) -> "Layer":
        other = super().with_weights(weight, bias)
        other.first, other.kind = self.first, self.kind
        return other

    def folded(self, norm: Call) -> "Layer":
        """This layer with the weights of a BatchNorm in evaluation mode folded into its own."""
        weight, bias = self.argument(0, "weight"), self.argument(1, "bias")
        names = ("running_mean", "running_var", "weight", "bias")
        mean, variance, slope, offset = map(norm.argument, range(4), names)
        eps = norm.argument(6, "eps")
        scale = (variance + (EPS if eps is None else eps)).rsqrt()
        scale = scale if slope is None else scale * slope
        shift = -mean * scale if bias is None else (bias - mean) * scale
        shift = shift if offset is None else shift + offset
        return self.with_weights(weight * scale.view(-1, *[1] * (weight.ndim - 1)), shift)


@dataclass(frozen=True)
class LayerRules:
    """Gamma rule with `gamma` for convolutions, and |weight|^`power` for the first layer."""

    gamma: float
    power: int

    def ruled(self, layer: Layer, z: Tensor) -> Frozen:
        """Frozen step of a layer whose output was z, under its rule."""
        if layer.first:
            return self._by_weights(layer, z)
        return self._by_gamma(layer, z) if layer.kind is Kind.CONVOLUTION else layer

    def _by_weights(self, layer: Layer, z: Tensor) -> Frozen:
        """R_i = Σ_j |w_ij|^p / Σ_i |w_ij|^p · R_j.

        The w² rule of Montavon 2017, or with p = 0 the flat rule of Lapuschkin 2019.
        """
        weight = layer.argument(0, "weight").abs() ** self.power
        shares, both = layer.with_weights(weight, None), torch.cat([z, z])

        def frozen(u: Tensor) -> Tensor:
            share = shares(u)
            whole = share[: len(z)].detach()
            if share[len(z) :].any() or _unreached(whole, weight):
                raise ValueError(
                    "expected a first conv1d or linear layer that reads the ECG itself, at most "
                    "scaled; here the ECG is shifted or high-pass filtered before, or goes "
                    "through a layer without a rule, such as conv2d; take lrp_epsilon"
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


def _unreached(whole: Tensor, weight: Tensor) -> bool:
    """True if ones do not come to the layer as ones of some size, as where a mean is taken out.

    Weights without a sign give results of one sign, smaller only at the ends of the record.
    """
    outputs = weight.flatten(1).any(1)  # of a linear layer along the last axis
    read = (whole[..., outputs] if weight.ndim == 2 else whole[:, outputs]).abs()
    most = read.amax(-1, keepdim=True).clamp(min=torch.finfo(read.dtype).tiny)
    none = read.numel() > 0 and bool((read / most).median() <= 1e-3)
    return none or bool(whole.min() < 0 < whole.max())


def _favoured(bias: Tensor | None, gamma: float, low: float, high: float) -> Tensor | None:
    return None if bias is None else bias + gamma * bias.clamp(low, high)


def _divided(part: Tensor, whole: Tensor) -> Tensor:
    """Quotient part / whole, 0 where the whole is 0."""
    return torch.where(whole == 0, 0, part / whole.masked_fill(whole == 0, 1))


# Nodes of autograd's graph that end in 0…1, and those that only arrange their values.
GATES = frozenset({"Sigmoid", "Hardsigmoid", "Softmax"})
ARRANGED = frozenset({
    "Alias", "Clone", "Expand", "Permute", "Reshape", "Select", "Slice", "Squeeze", "T",
    "Transpose", "UnsafeView", "Unsqueeze", "View",
})  # fmt: skip
EPS = 1e-5  # torch's default in every norm

# Frozen product, given both factors.
Gated = Callable[[Tensor, Tensor], Tensor]


def second_factor(call: Call, ecgs: int) -> Tensor | None:
    """The other factor of a product, of values or of matrices, if it comes from the ECGs too."""
    # By name it is `other`, `mat2`, or numpy's `x2`.
    other = next(iter((*call.rest, *call.named.values())), None)
    return other if isinstance(other, Tensor) and depends_on(other, ecgs) else None


def gated(first: Tensor, second: Tensor) -> Gated | None:
    """Frozen product in which the gate keeps its values; None where not one of two is a gate.

    A gate is a sigmoid or a softmax, in another shape perhaps.
    """
    gates = [operation_behind(each.grad_fn, ARRANGED) in GATES for each in (first, second)]
    if sum(gates) != 1:
        return None
    kept = torch.cat([(first if gates[0] else second).detach()] * 2)
    return (lambda _, u: kept * u) if gates[0] else (lambda u, _: u * kept)


def norm(x: Tensor, call: Call) -> Frozen:
    """Frozen norm, whose standard deviations are those of x; in evaluation mode by running ones."""
    groups, places = 0, (1, 2, 3)
    if call.name == "group_norm":
        groups = call.argument(0, "num_groups")
    elif call.name == "instance_norm":
        if call.argument(4, "use_input_stats") not in (True, None):
            return call
        groups, places = x.shape[1], (2, 3, 6)
    weight, bias, eps = map(call.argument, places, ("weight", "bias", "eps"))
    if groups:
        shape = (1, -1, *[1] * (x.ndim - 2))
        weight, bias = (None if one is None else one.view(shape) for one in (weight, bias))
        cut: Frozen = lambda u: u.unflatten(1, (groups, -1))  # noqa: E731
        dims = tuple(range(2, x.ndim + 1))
    else:
        cut = lambda u: u  # noqa: E731
        dims = tuple(range(-len(call.argument(0, "normalized_shape")), 0))
    values = cut(x.detach())
    variance = values.var(dims, correction=0, keepdim=True)
    scale = torch.cat([(variance + (EPS if eps is None else eps)).rsqrt()] * 2)

    def frozen(u: Tensor) -> Tensor:
        parts = cut(u)
        normed = ((parts - parts.mean(dims, keepdim=True)) * scale).reshape(u.shape)
        normed = normed if weight is None else normed * weight
        return normed if bias is None else normed + bias

    return frozen
