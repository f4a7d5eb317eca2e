"""Methods that hide one segment of the ECG at a time (Zeiler & Fergus 2014)."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ...ecg import BEAT_LENGTH, FS_HZ, LEADS
from ...store import check_types
from ..method import Facts, Method, at_least
from ..segments import OF_A_BEAT, Game, Hidden, facts_of_segments, map_of_segments, segmented


@dataclass(frozen=True)
class FeatureAblation(Method):
    """f(x) − f(x without the segment), spread evenly over the segment's samples.

    Segments are the waves of each lead (explain.segments). Occlusion of Zeiler & Fergus 2014,
    section 4.2, with waves in place of squares. Raises ValueError for another word than "line" or
    "zero".
    """

    cites = ("zeiler2014",)
    hidden: Hidden = "line"
    version: ClassVar[int] = 2

    def __post_init__(self) -> None:
        check_types(FeatureAblation, vars(self), "FeatureAblation")

    @property
    def facts(self) -> Facts:
        return facts_of_segments(self.hidden, OF_A_BEAT + 1)

    def heatmap(self, net, x, target, context):

        def values(game: Game, count: int, _: torch.Generator) -> Float[Tensor, " segment"]:
            return losses(game, count)

        return map_of_segments(values, net, x, target, context, self.hidden)


@dataclass(frozen=True)
class Occlusion(Method):
    """Mean over the windows that hold a sample of f(x) − f(x without the window), per sample.

    Windows of `width_ms` hide one lead at a time and slide on so that each sample lies in
    `overlap` of them; those at both ends are cut off there (Zeiler & Fergus 2014, section 4.2, with
    a grey square). Each loss is divided by the samples of its window. Raises ValueError for a width
    or an overlap below 1, and for another word than "line" or "zero".
    """

    cites = ("zeiler2014",)
    width_ms: float = 100.0
    overlap: int = 2
    hidden: Hidden = "line"
    version: ClassVar[int] = 2

    def __post_init__(self) -> None:
        check_types(Occlusion, vars(self), "Occlusion")
        at_least(1, width_ms=self.width_ms, overlap=self.overlap)

    @property
    def facts(self) -> Facts:
        windows = [int(row.max()) + 1 for row in self._rows(torch.arange(BEAT_LENGTH))]
        return Facts(
            unit="target",
            baseline=self.hidden,
            any_network=True,
            predictions=sum(len(LEADS) * count + 1 for count in windows),
        )

    def heatmap(self, net, x, target, context):
        rows_of_windows = self._rows(torch.arange(x.shape[2], device=x.device), context.fs)
        maps = []
        for one in x:
            cuts = [segmented(one, windows, self.hidden) for windows in rows_of_windows]
            each = [cut.spread(losses(cut.game(net, target), cut.count)) for cut in cuts]
            maps.append(torch.stack(each).mean(0))
        return torch.stack(maps)

    def _rows(
        self, time: Int64[Tensor, " time"], fs: float = FS_HZ
    ) -> list[Int64[Tensor, " time"]]:
        """Rows of windows side by side, one for each place at which the first window may end."""
        width = max(1, round(self.width_ms * fs / 1e3))
        starts = [round(step * width / self.overlap) for step in range(self.overlap)]
        return [(time + start) // width for start in starts]


def losses(game: Game, count: int) -> Float[Tensor, " segment"]:
    """Fall of the output when one segment is hidden."""
    all_shown, one_hidden = torch.ones(1, count, dtype=torch.bool), ~torch.eye(count).bool()
    outputs = game(torch.cat([all_shown, one_hidden]))
    return outputs[0] - outputs[1:]
