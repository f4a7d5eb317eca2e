"""Large changes of an ECG beside the integral of the gradient on the way to them.

The rule and its limits are in docs/methods.md, "The large step".
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor, nn

from ...engine import lines, unperturbed
from ..passes import Ecg, Ecgs, gradients_along, predictions
from .discontinuities import may_hide_changes

# Shares of the way to 0 µV and to another ECG, and parts of an ECG that are laid straight.
SHARES, PARTS = (0.05, 0.1, 0.2, 0.5), 6
# Midpoints on half the way and in a part; and those of a change that these miss by more than TOLD.
ON_THE_WAY, IN_A_PART, MANY = 10, 4, 64
REFUSED, TOLD = 0.5, 0.1
# Kinds of changes that move the output less than the strongest, by this factor, are not judged.
WEAK, ROUNDING = 0.05, 1e-4
ZERO, OTHER, WAVES = "on the way to 0 µV", "on the way to another ECG", "when waves are erased"


class Missed(NamedTuple):
    """Kind of the changes of which the gradient misses the largest share, and that share."""

    kind: str
    share: float


def missed_by_the_gradient(net: nn.Module, x: Ecgs, target: int, ecgs: int) -> Missed:
    """Share of large changes of the output that the gradient does not account for.

    The first `ecgs` of x are changed; the others are only what they are changed towards. 0 where no
    change moves the output by more than its rounding, and for a network that hides no change from
    its gradient.
    """
    if not may_hide_changes(net, x[:1]):
        return Missed(ZERO, 0.0)
    kinds: list[str] = []
    moved, found, outputs = [], [], []
    for number, one in enumerate(x[:ecgs]):
        other = x[(number + 1) % len(x)] if len(x) > 1 else one.flip(-1)
        with unperturbed(net, one):
            changes = list(_lines(one, other))
            kinds += [line.kind for line in changes for _ in line.ends]
            clean = predictions(net, one[None], target)
            outputs.append(clean)
            for line in changes:
                change, integral = _compared(net, one, line, clean, target)
                moved.append(change)
                found.append(integral)
    rounding = ROUNDING * float(torch.cat(outputs).abs().max())
    return _worst(kinds, torch.cat(moved).double(), torch.cat(found).double(), rounding)


class Line(NamedTuple):
    """A change of an ECG, and the cells of equal length after which shares of it end."""

    kind: str
    change: Ecg
    cells: int
    ends: tuple[int, ...]


def _lines(x: Ecg, other: Ecg) -> Iterator[Line]:
    there = x != 0
    farthest = max(SHARES)
    ends = tuple(round(ON_THE_WAY * share / farthest) for share in SHARES)
    yield Line(ZERO, -farthest * x, ON_THE_WAY, ends)
    yield Line(OTHER, farthest * (other - x) * (there & (other != 0)), ON_THE_WAY, ends)
    sixth = torch.arange(x.shape[-1], device=x.device) * PARTS // x.shape[-1]
    laid = lines(x, sixth) - x
    for part in sixth.unique():
        yield Line(WAVES, laid * (there & (sixth == part)), IN_A_PART, (IN_A_PART,))


def _compared(
    net: nn.Module, x: Ecg, line: Line, clean: Float[Tensor, "1"], target: int
) -> tuple[Float[Tensor, " end"], Float[Tensor, " end"]]:
    """Change of the output at each end of a line, and the integral of the gradient up to it."""
    shares = torch.tensor(line.ends, device=x.device) / line.cells
    moved = predictions(net, x + shares.to(x)[:, None, None] * line.change, target) - clean
    steps = _slopes(net, x, line.change, line.cells, target) / line.cells
    found = torch.stack([steps[:end].sum() for end in line.ends])
    for place, share in enumerate(shares):
        size = torch.maximum(moved[place].abs(), found[place].abs())
        missed = (moved[place] - found[place]).abs()
        if missed > TOLD * size and missed > ROUNDING * clean.abs():
            found[place] = _slopes(net, x, share.to(x) * line.change, MANY, target).mean()
    return moved, found


def _slopes(
    net: nn.Module, x: Ecg, change: Ecg, cells: int, target: int
) -> Float[Tensor, " {cells}"]:
    """Slope along the change in the middle of each of these cells."""
    middles = (torch.arange(cells, device=x.device) + 0.5) / cells
    points = x + middles.to(x)[:, None, None] * change
    return (gradients_along(net, points, target) * change).sum((1, 2))


def _worst(
    kinds: list[str],
    moved: Float[Tensor, " change"],
    found: Float[Tensor, " change"],
    rounding: float,
) -> Missed:
    known = moved.isfinite() & found.isfinite()  # an output may be infinite far from any ECG
    size = torch.maximum(moved.abs(), found.abs())
    every = {
        kind: known & torch.tensor([each == kind for each in kinds], device=known.device)
        for kind in (ZERO, OTHER, WAVES)
    }
    of = {kind: chosen for kind, chosen in every.items() if chosen.any()}
    strongest = max((float(size[chosen].mean()) for chosen in of.values()), default=0.0)
    least = max(WEAK * strongest, rounding)
    shares = [
        Missed(kind, float((moved - found)[chosen].abs().sum() / size[chosen].sum()))
        for kind, chosen in of.items()
        if float(size[chosen].mean()) > least
    ]
    return max(shares, key=lambda each: each.share, default=Missed(ZERO, 0.0))
