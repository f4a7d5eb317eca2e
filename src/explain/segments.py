"""Segments of an ECG, such as one wave in one lead, that a method shows to the network or hides.

A hidden segment is replaced by the straight line between the samples beside it, or by 0 µV. The
line leaves no discontinuity: where a segment is not on the zero line, zeros would put two steps
into the ECG that no heart makes, and a network that looks for onsets sees them. The line keeps its
two ends: the level of the J point, the offset of a lead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Bool, Float, Int8, Int64
from torch import Tensor, nn

from ..ecg import BIT, LEADS
from ..engine import lines
from .method import Context, Facts
from .passes import Ecg, Ecgs, Maps, prediction, rows

Hidden = Literal["line", "zero"]
PerSegment = Float[Tensor, " segment"]
# Output, in float64 on the CPU, as a function of the segments that are shown.
Game = Callable[[Bool[Tensor, "copy segment"]], Float[Tensor, " copy"]]

# The last sample of a wave carries two marks, its own and that of the interval after it: it belongs
# to the wave. Where a T wave runs into the next P wave, the shorter of them keeps the overlap.
CLAIMS = ("QRS", "P", "T", "PQ", "ST")
# Equal windows per lead of an ECG without marks; a beat has six waves and intervals too, so that
# the cost is the same. In a median beat a window is 200 ms long, and one holds the QRS complex
# (R ± 100 ms).
WINDOWS = 6
# Segments of a median beat in twelve leads with P, PQ, QRS, ST, T and TP.
OF_A_BEAT = WINDOWS * len(LEADS)


@dataclass(frozen=True, eq=False)
class Segmented:
    """An ECG, the same with every segment hidden, and each sample's segment number in its lead."""

    shown: Ecg
    hidden: Ecg
    number: Int64[Tensor, " time"]

    @property
    def count(self) -> int:
        """Number of segments in all leads."""
        return len(self.shown) * (int(self.number.max()) + 1)

    def copies(self, shown: Bool[Tensor, "copy segment"]) -> Float[Tensor, "copy lead time"]:
        """ECGs in which only the chosen segments are shown; segments are counted lead by lead."""
        of_lead = shown.to(self.shown.device).unflatten(1, (len(self.shown), -1))
        return torch.where(of_lead[..., self.number], self.shown, self.hidden)

    def game(self, net: nn.Module, target: int) -> Game:
        """Output as a function of the shown segments, computed in passes of bounded memory.

        Equal copies go through the network once: at another place in another pass the output is
        rounded differently, and a segment without a signal would get the difference instead of 0.
        """

        def outputs(shown: Bool[Tensor, "copy segment"]) -> Float[Tensor, " copy"]:
            different, place = (shown | self._flat()).unique(dim=0, return_inverse=True)
            with torch.no_grad():
                each = [
                    prediction(net, self.copies(some), target)
                    for some in different.split(rows(self.shown[None]))
                ]
            return torch.cat(each).double().cpu()[place]

        return outputs

    def _flat(self) -> Bool[Tensor, " segment"]:
        """Segments that hiding leaves unchanged, lead by lead."""
        changed = (self.shown != self.hidden).long()
        found = changed.new_zeros(len(changed), self.count // len(changed))
        return (found.index_add(1, self.number, changed) == 0).flatten().cpu()

    def spread(self, values: PerSegment) -> Float[Tensor, "lead time"]:
        """Map in which each segment's value is divided evenly among its samples."""
        samples = self.number.bincount().to(self.shown)
        of_lead = values.to(self.shown).unflatten(0, (len(self.shown), -1))
        return (of_lead / samples)[:, self.number]


def segmented(one: Ecg, number: Int64[Tensor, " time"], hidden: Hidden) -> Segmented:
    """ECG cut into segments numbered 0, 1, … along time.

    The line in a hidden segment ends in the samples of the ECG itself, whether or not the segments
    beside it are hidden too.
    """
    line = lines(one, number) if hidden == "line" else torch.zeros_like(one)
    return Segmented(one, line, number)


def wave_segments(marks: Int8[Tensor, " time"]) -> Int64[Tensor, " time"]:
    """Segment number of each sample: P, PQ, QRS, ST, T, and TP for samples without a mark.

    The same wave of every beat of a strip is one segment; an absent wave is none. An ECG without
    marks is cut into equal windows.
    """
    found = torch.zeros(len(marks), dtype=torch.int64, device=marks.device)
    for claim, wave in enumerate(reversed(CLAIMS), start=1):
        found[(marks & BIT[wave]) != 0] = claim
    if not found.any():
        found = torch.arange(len(marks), device=marks.device) * WINDOWS // len(marks)
    return found.unique(return_inverse=True)[1]


def facts_of_segments(hidden: Hidden, predictions: int) -> Facts:
    """Facts of a method that hides segments, with its number of predictions, on any network."""
    return Facts(
        unit="target",
        baseline=hidden,
        uses_segments=True,
        any_network=True,
        predictions=predictions,
    )


def map_of_segments(
    values: Callable[[Game, int, torch.Generator], PerSegment],
    net: nn.Module,
    x: Ecgs,
    target: int,
    context: Context,
    hidden: Hidden,
) -> Maps:
    """Maps of `values(game, number of segments, generator)`, each spread over its segment."""
    maps = []
    for one, marks, own in zip(x, context.segments, context.generators, strict=True):
        cut = segmented(one, wave_segments(marks), hidden)
        maps.append(cut.spread(values(cut.game(net, target), cut.count, own)))
    return torch.stack(maps)
