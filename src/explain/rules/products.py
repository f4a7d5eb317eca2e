"""Gates and norms in layer-wise relevance propagation, as steps with constants in them.

A gate decides how much of a signal passes, and gets no relevance: the signal takes all of it
(Arras 2017, section 3). A norm divides by a size that is a constant of the ECG, so that centring is
all that is left (Ali 2022, section 4).
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .interception import Call, depends_on

# Nodes of autograd's graph that end in 0…1, and those that only arrange their values.
GATES = frozenset({"Sigmoid", "Hardsigmoid", "Softmax"})
ARRANGED = frozenset({
    "Alias", "Clone", "Expand", "Permute", "Reshape", "Select", "Slice", "Squeeze", "T",
    "Transpose", "UnsafeView", "Unsqueeze", "View",
})  # fmt: skip
EPS = 1e-5  # torch's default in every norm

# Frozen product, given both factors.
Gated = Callable[[Tensor, Tensor], Tensor]
Frozen = Callable[[Tensor], Tensor]


def second_factor(call: Call, ecgs: int) -> Tensor | None:
    """The other factor of a product, if it comes from the ECGs too."""
    other = call.argument(0, "other")
    return other if isinstance(other, Tensor) and depends_on(other, ecgs) else None


def gated(first: Tensor, second: Tensor) -> Gated | None:
    """Frozen product in which the gate keeps its values; None where not one of two is a gate."""
    gates = is_gate(first), is_gate(second)
    if sum(gates) != 1:
        return None
    kept = torch.cat([(first if gates[0] else second).detach()] * 2)
    return (lambda _, u: kept * u) if gates[0] else (lambda u, _: u * kept)


def is_gate(value: Tensor) -> bool:
    """Whether a value is a sigmoid or a softmax, in another shape perhaps."""
    node: Any = value.grad_fn
    while node is not None:
        name = node.name().split("Backward")[0].strip("_")
        parents = [parent for parent, _ in node.next_functions if parent is not None]
        if name not in ARRANGED or len(parents) != 1:
            return name in GATES
        (node,) = parents
    return False


def norm(x: Tensor, call: Call) -> Frozen:
    """Frozen norm, whose standard deviations are those of x; in evaluation mode by running ones."""
    if call.name == "instance_norm":
        if call.argument(4, "use_input_stats") not in (True, None):
            return call
        groups, weight, bias, eps = (
            x.shape[1],
            *(call.argument(at, name) for at, name in ((2, "weight"), (3, "bias"), (6, "eps"))),
        )
    else:
        weight, bias, eps = (
            call.argument(at, name) for at, name in ((1, "weight"), (2, "bias"), (3, "eps"))
        )
        groups = call.argument(0, "num_groups") if call.name == "group_norm" else 0
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
