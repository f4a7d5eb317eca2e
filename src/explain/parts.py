"""The parts of an ECG, each wave of each lead, which a method shows to the network or hides.

In a hidden part stands the line between the samples beside it, or 0 µV. The line leaves no jump:
where the part is not on the zero line, a zero would put two steps into the ECG that no heart makes,
and a network that looks for onsets sees them. What the line leaves are the ends themselves: the
level of the J point, the offset of a lead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int8, Int64
from torch import Tensor, nn

from ..ecg import BIT
from ..engine import lines
from .context import Context
from .gradient import prediction, rows

Hidden = Literal["line", "zero"]
# The output, in float64 on the CPU, as a function of which parts are shown.
Game = Callable[[Bool[Tensor, "copy part"]], Float[Tensor, " copy"]]

# The last sample of a wave is marked as the first of the segment after it: it is the wave's. Where
# a T wave runs into the next P wave, the shorter of them keeps what both claim.
CLAIMS = ("QRS", "P", "T", "PQ", "ST")
# Equal windows per lead of an ECG without marks: as many as a beat has parts, for the same cost. In
# a median beat they are 200 ms, and one of them holds the QRS complex whole (R ± 100 ms).
WINDOWS = 6


@dataclass(frozen=True, eq=False)
class Parts:
    """An ECG, the same with every part hidden, and the number of each sample's part in its lead."""

    shown: Float[Tensor, "lead time"]
    hidden: Float[Tensor, "lead time"]
    number: Int64[Tensor, " time"]

    @property
    def count(self) -> int:
        """Parts of all leads."""
        return len(self.shown) * (int(self.number.max()) + 1)

    def copies(self, shown: Bool[Tensor, "copy part"]) -> Float[Tensor, "copy lead time"]:
        """The ECG with only these parts of it, lead after lead."""
        of_lead = shown.to(self.shown.device).unflatten(1, (len(self.shown), -1))
        return torch.where(of_lead[..., self.number], self.shown, self.hidden)

    def game(self, net: nn.Module, target: int) -> Game:
        """The output by shown parts, in passes of bounded memory.

        Copies that are the same ECG are asked once: another place in another pass rounds otherwise,
        and a part without a signal would get that in place of 0.
        """

        def outputs(shown: Bool[Tensor, "copy part"]) -> Float[Tensor, " copy"]:
            asked, place = (shown | self._flat()).unique(dim=0, return_inverse=True)
            with torch.no_grad():
                each = [
                    prediction(net, self.copies(some), target)
                    for some in asked.split(rows(self.shown[None]))
                ]
            return torch.cat(each).double().cpu()[place]

        return outputs

    def _flat(self) -> Bool[Tensor, " part"]:
        """The parts that hiding leaves as they are, lead after lead."""
        changed = (self.shown != self.hidden).long()
        found = changed.new_zeros(len(changed), self.count // len(changed))
        return (found.index_add(1, self.number, changed) == 0).flatten().cpu()

    def spread(self, values: Float[Tensor, " part"]) -> Float[Tensor, "lead time"]:
        """Each part's value laid evenly over its samples: the map sums to the values."""
        samples = self.number.bincount().to(self.shown)
        of_lead = values.to(self.shown).unflatten(0, (len(self.shown), -1))
        return (of_lead / samples)[:, self.number]


def in_parts(
    one: Float[Tensor, "lead time"], number: Int64[Tensor, " time"], hidden: Hidden
) -> Parts:
    """The ECG in the parts of these numbers, 0, 1, …; hidden, each is a line or 0 µV.

    The line ends in the ECG as it is, whether or not the parts beside it are hidden too.
    """
    return Parts(one, lines(one, number) if hidden == "line" else torch.zeros_like(one), number)


def waves(marks: Int8[Tensor, " time"]) -> Int64[Tensor, " time"]:
    """The number of each sample's wave: P, PQ, QRS, ST, T, and TP, which is what has no mark.

    The same wave of every beat of a strip is one part, and a wave that is missing is none. Without
    marks: equal windows.
    """
    found = torch.zeros(len(marks), dtype=torch.int64, device=marks.device)
    for claim, wave in enumerate(reversed(CLAIMS), start=1):
        found[(marks & BIT[wave]) != 0] = claim
    if not found.any():
        found = torch.arange(len(marks), device=marks.device) * WINDOWS // len(marks)
    return found.unique(return_inverse=True)[1]


def map_of_waves(
    values: Callable[[Game, int, torch.Generator], Float[Tensor, " part"]],
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    context: Context,
    hidden: Hidden,
) -> Float[Tensor, "batch lead time"]:
    """Every ECG's map by itself: `values(game, parts, generator)` laid over its waves."""
    maps = []
    for one, marks, own in zip(x, context.segments, context.generators, strict=True):
        parts = in_parts(one, waves(marks), hidden)
        maps.append(parts.spread(values(parts.game(net, target), parts.count, own)))
    return torch.stack(maps)
