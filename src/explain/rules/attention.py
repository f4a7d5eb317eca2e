"""Attention and LSTM in layer-wise relevance propagation.

Attention follows AttnLRP (Achtibat 2024, arXiv 2402.05602). Each factor of a matrix product gets
half of its relevance (proposition 3.3), so that the product keeps all of it. Softmax is its
first-order Taylor expansion at the ECG (proposition 3.1): R_i = x_i (R_i' − s_i Σ R_j'); what is
left over, as of a bias, is absorbed; log Σ exp is its tangent too. As multipliers these rules
divide by nothing, and need no ε. LayerNorm (proposition 3.4) is in `layers`. The gates of an LSTM
are constants of the ECG (Arras 2017).
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .interception import Call

# Frozen product of two values, frozen softmax, and frozen attention as a function of torch: its
# first argument, and the call that holds the others.
Product = Callable[[Tensor, Tensor], Tensor]
Line = Callable[[Tensor], Tensor]
Frozen = Callable[[Tensor, Call], Any]
ARGUMENTS = inspect.signature(functional.multi_head_attention_forward)


def halved(product: Product, first: Tensor, second: Tensor) -> Product:
    """Frozen matrix product; the product itself where one factor is no value of the ECGs."""
    if not (first.requires_grad and second.requires_grad):
        return product
    a, b = _twice(first), _twice(second)
    return lambda u, w: (product(u, b) + product(a, w)) / 2


def softmax(x: Tensor, weights: Tensor, dim: int) -> Line:
    """Frozen softmax of x along a dimension: its tangent at x, where its values are `weights`."""
    s = _twice(weights)
    masked = s == 0  # by −∞ before the softmax; there the tangent is 0

    def tangent(u: Tensor) -> Tensor:
        u = u.masked_fill(masked, 0)
        return s * (u - (s * u).sum(dim, keepdim=True))

    rest = s - tangent(_twice(x))
    return lambda u: tangent(u) + rest


def tangent(function: Line, x: Tensor) -> Line:
    """Frozen function of several values: its tangent at x, by its derivative."""
    there = _twice(x)
    masked = there.isinf()  # as in a masked softmax

    def slope(u: Tensor) -> Tensor:
        return torch.func.jvp(function, (there,), (u.masked_fill(masked, 0),))[1]

    rest = function(there) - slope(there)
    return lambda u: slope(u) + rest


def attention(q: Tensor, k: Tensor, v: Tensor, weights: Tensor, scale: float) -> Callable[..., Any]:
    """Frozen softmax(q kᵀ · scale) v with these weights: the result and the frozen weights."""
    logits = q.detach() @ k.detach().transpose(-2, -1) * scale
    compared = halved(lambda a, b: a @ b.transpose(-2, -1) * scale, q, k)
    from_ecgs = q.requires_grad or k.requires_grad
    line = softmax(logits, weights, -1) if from_ecgs else None
    mixed = halved(torch.matmul, weights.detach().requires_grad_(from_ecgs), v)

    def frozen(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        found = compared(q, k)
        found = _twice(weights) if line is None else line(found)
        return mixed(found, v), found

    return frozen


def scaled_product(q: Tensor, call: Call) -> Frozen | None:
    """Frozen scaled_dot_product_attention; None for grouped queries, which have no rule here."""
    k, v, mask = map(call.argument, range(3), ("key", "value", "attn_mask"))
    causal, scale = call.argument(4, "is_causal"), call.argument(5, "scale")
    if call.argument(6, "enable_gqa"):
        return None
    size = q.shape[-1] ** -0.5 if scale is None else scale
    logits = q.detach() @ k.detach().transpose(-2, -1) * size
    if causal:
        mask = logits.new_ones(logits.shape[-2:], dtype=torch.bool).tril()
    if mask is not None:
        allowed = mask.dtype == torch.bool
        logits = logits.masked_fill(~mask, -torch.inf) if allowed else logits + mask
    step = attention(q, k, v, logits.softmax(-1), size)
    return lambda u, call: step(u, call.argument(0, "key"), call.argument(1, "value"))[0]


def multi_head(query: Tensor, call: Call) -> Frozen | None:
    """Frozen multi_head_attention_forward, on which nn.MultiheadAttention rests.

    None for a form without a rule: without a batch, with keys that are added to those of the ECG,
    or with projections that are given.
    """
    given = _arguments(query, call)
    added = ("bias_k", "bias_v", "static_k", "static_v")
    if query.ndim != 3 or given["add_zero_attn"] or any(given[key] is not None for key in added):
        return None
    _, weights = call.func(**given | {"need_weights": True, "average_attn_weights": False})
    q, k, v = _projected(given)
    step = attention(q, k, v, weights, q.shape[-1] ** -0.5)

    def frozen(u: Tensor, call: Call) -> tuple[Tensor, Tensor | None]:
        own = _arguments(u, call)
        mixed, found = step(*_projected(own))
        mixed = mixed.permute(2, 0, 1, 3).flatten(2)
        result = functional.linear(mixed, own["out_proj_weight"], own["out_proj_bias"])
        if not own["need_weights"]:
            return result, None
        return result, found.mean(1) if own["average_attn_weights"] else found

    return frozen


def _arguments(query: Tensor, call: Call) -> dict[str, Any]:
    """All arguments by name."""
    named = {("query" if key == "input" else key): value for key, value in call.named.items()}
    bound = ARGUMENTS.bind(query, *call.rest, **named)
    bound.apply_defaults()
    return dict(bound.arguments)


def _projected(given: dict[str, Any]) -> list[Tensor]:
    """Queries, keys and values, each (batch, head, token, part of the width)."""
    bias = given["in_proj_bias"]
    if given["use_separate_proj_weight"]:
        weights = [given[f"{one}_proj_weight"] for one in "qkv"]
    else:
        weights = given["in_proj_weight"].chunk(3)
    found = []
    for at, name in enumerate(("query", "key", "value")):
        own = functional.linear(
            given[name], weights[at], None if bias is None else bias.chunk(3)[at]
        )
        found.append(own.unflatten(-1, (given["num_heads"], -1)).permute(1, 2, 0, 3))
    return found


def _twice(value: Tensor) -> Tensor:
    """Values for the rows of the ECGs, and for as many rows of the frozen network without them."""
    return torch.cat([value.detach()] * 2)


# Frozen form of tanh at values z: a line through (z, tanh z).
TanhLine = Callable[[Tensor, Tensor, Tensor], Callable[[Tensor], Tensor]]


@dataclass(frozen=True, eq=False)
class Moment:
    """One step in time: the three gates and the lines in place of both tanh."""

    gates: Sequence[Tensor]  # input, forget, output
    candidate: Callable[[Tensor], Tensor]
    cell: Callable[[Tensor], Tensor]


@dataclass(frozen=True, eq=False)
class Direction:
    """One direction of one layer, with its moments in the order in which it reads them."""

    weights: Sequence[Tensor]
    reverse: bool
    moments: Sequence[Moment]

    def __call__(self, u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Hidden states (time, row, unit), and the last hidden and cell state."""
        h = c = u.new_zeros(u.shape[1], self.weights[1].shape[1])
        seen = []
        for one, moment in zip(u.flip(0) if self.reverse else u, self.moments, strict=True):
            into, forget, out = moment.gates
            # The gates do not read the frozen network: the rows of the candidate are enough.
            c = forget * c + into * moment.candidate(_candidate(one, h, self.weights))
            h = out * moment.cell(c)
            seen.append(h)
        states = torch.stack(seen)
        return states.flip(0) if self.reverse else states, h, c


def lstm(
    x: Tensor, call: Call, line: TanhLine
) -> Callable[[Tensor], tuple[Tensor, Tensor, Tensor]] | None:
    """Frozen LSTM; None for a form without a rule here.

    Relevance of a product goes to the signal alone, and that of the input, forget and output gate
    is 0: equation 5 of Arras 2017. Without a rule are projections, packed sequences, and states
    before the first sample that are not 0.
    """
    first = call.argument(0, "hx")
    if not isinstance(first, tuple | list) or any(bool(one.any()) for one in first):
        return None
    weights, bias, layers = (call.argument(at, "") for at in (1, 2, 3))
    sides, batch_first = 2 if call.argument(6, "") else 1, call.argument(7, "")
    each = 4 if bias else 2
    if len(weights) != each * layers * sides:
        return None
    found: list[list[Direction]] = []
    values = x.detach().transpose(0, 1) if batch_first else x.detach()
    with torch.no_grad():
        for layer in range(layers):
            own = []
            for place in range(sides):
                at = each * (layer * sides + place)
                own.append(_recorded(values, weights[at : at + each], place == 1, line))
            values = torch.cat([states for _, states in own], dim=-1)
            found.append([direction for direction, _ in own])

    def frozen(u: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        u = u.transpose(0, 1) if batch_first else u
        hidden, cells = [], []
        for own in found:
            parts = [direction(u) for direction in own]
            u = torch.cat([states for states, _, _ in parts], dim=-1)
            hidden += [h for _, h, _ in parts]
            cells += [c for _, _, c in parts]
        return u.transpose(0, 1) if batch_first else u, torch.stack(hidden), torch.stack(cells)

    return frozen


def _recorded(
    x: Tensor, weights: Sequence[Tensor], reverse: bool, line: TanhLine
) -> tuple[Direction, Tensor]:
    """One direction with what it computes for these ECGs, and its hidden states."""
    h = c = x.new_zeros(x.shape[1], weights[1].shape[1])
    moments, seen, zero = [], [], torch.zeros_like(h)
    bias = weights[2] + weights[3] if len(weights) > 2 else None
    for one in x.flip(0) if reverse else x:
        rows = one @ weights[0].T + functional.linear(h, weights[1], bias)
        into, forget, g, out = rows.chunk(4, dim=1)
        gates = into.sigmoid(), forget.sigmoid(), out.sigmoid()
        c = gates[1] * c + gates[0] * g.tanh()
        h = gates[2] * c.tanh()
        lines = line(g, g.tanh(), zero), line(c, c.tanh(), zero)
        moments.append(Moment([*map(_twice, gates)], *lines))
        seen.append(h)
    states = torch.stack(seen)
    return Direction(weights, reverse, moments), states.flip(0) if reverse else states


def _candidate(x: Tensor, h: Tensor, weights: Sequence[Tensor]) -> Tensor:
    """Input of the candidate's tanh: the third quarter of the rows, as torch orders them."""
    units = weights[1].shape[1]
    rows = slice(2 * units, 3 * units)
    z = x @ weights[0][rows].T + h @ weights[1][rows].T
    return z + weights[2][rows] + weights[3][rows] if len(weights) > 2 else z
