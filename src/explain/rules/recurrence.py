"""LSTM in layer-wise relevance propagation (Arras 2017): its gates are constants of the ECG."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from .interception import Call

# Frozen form of tanh at values z: a line through (z, tanh z).
Line = Callable[[Tensor, Tensor, Tensor], Callable[[Tensor], Tensor]]


@dataclass(frozen=True, eq=False)
class Moment:
    """One step in time: the three gates and the lines in place of both tanh."""

    gates: tuple[Tensor, Tensor, Tensor]  # input, forget, output
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
    x: Tensor, call: Call, line: Line
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
    both, batch_first = call.argument(6, ""), call.argument(7, "")
    each = 4 if bias else 2
    count = layers * (2 if both else 1)
    if len(weights) != each * count:
        return None
    found: list[list[Direction]] = []
    values = x.detach().transpose(0, 1) if batch_first else x.detach()
    with torch.no_grad():
        for layer in range(layers):
            own = []
            for place in range(2 if both else 1):
                at = each * (layer * (2 if both else 1) + place)
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
    x: Tensor, weights: Sequence[Tensor], reverse: bool, line: Line
) -> tuple[Direction, Tensor]:
    """One direction with what it computes for these ECGs, and its hidden states."""
    h = c = x.new_zeros(x.shape[1], weights[1].shape[1])
    moments, seen, zero = [], [], torch.zeros_like(h)
    for one in x.flip(0) if reverse else x:
        bias = weights[2] + weights[3] if len(weights) > 2 else None
        into, forget, g, out = (one @ weights[0].T + functional.linear(h, weights[1], bias)).chunk(
            4, dim=1
        )
        gates = into.sigmoid(), forget.sigmoid(), out.sigmoid()
        c = gates[1] * c + gates[0] * g.tanh()
        h = gates[2] * c.tanh()
        twice = tuple(torch.cat([gate] * 2) for gate in gates)
        moments.append(
            Moment((twice[0], twice[1], twice[2]), line(g, g.tanh(), zero), line(c, c.tanh(), zero))
        )
        seen.append(h)
    states = torch.stack(seen)
    return Direction(weights, reverse, moments), states.flip(0) if reverse else states


def _candidate(x: Tensor, h: Tensor, weights: Sequence[Tensor]) -> Tensor:
    """Input of the candidate's tanh: the third quarter of the rows, as torch orders them."""
    units = weights[1].shape[1]
    rows = slice(2 * units, 3 * units)
    z = x @ weights[0][rows].T + h @ weights[1][rows].T
    return z + weights[2][rows] + weights[3][rows] if len(weights) > 2 else z
