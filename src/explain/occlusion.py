"""Occlusion: a window slides along each lead (Zeiler & Fergus 2014)."""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from ..ecg import HOUSE_FS_HZ
from ..store import check_types
from .bounds import at_least
from .context import Context
from .feature_ablation import losses
from .parts import Hidden, in_parts


@dataclass(frozen=True)
class Occlusion:
    """The mean over the windows that hold a sample of f(x) − f(x without the window) / its samples.

    Windows of `width_ms` hide one lead at a time and slide on so that each sample lies in
    `overlap` of them; those at both ends are cut off there (Zeiler & Fergus 2014, section 4.2, with
    a grey square). Raises ValueError for a width or an overlap below 1, and for another word than
    "line" or "zero".
    """

    width_ms: float = 100.0
    overlap: int = 2
    hidden: Hidden = "line"

    version: ClassVar[int] = 2
    any_network: ClassVar[bool] = True

    @property
    def grain(self) -> str:
        """The width over which a map is constant."""
        return f"{self.width_ms / self.overlap:g} ms"

    def __post_init__(self) -> None:
        check_types(Occlusion, vars(self), "Occlusion")
        at_least(1, width_ms=self.width_ms, overlap=self.overlap)

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        context: Context,
    ) -> Float[Tensor, "batch lead time"]:
        rows_of_windows = self._rows(x)

        def map_of_one(one: Float[Tensor, "lead time"]) -> Float[Tensor, "lead time"]:
            maps = []
            for windows in rows_of_windows:
                parts = in_parts(one, windows, self.hidden)
                maps.append(parts.spread(losses(parts.game(net, target), parts.count)))
            return torch.stack(maps).mean(0)

        return torch.stack([map_of_one(one) for one in x])

    def _rows(self, x: Float[Tensor, "batch lead time"]) -> list[Int64[Tensor, " time"]]:
        """Windows side by side, once for each place at which the first may end."""
        width = max(1, round(self.width_ms * HOUSE_FS_HZ / 1e3))
        starts = [round(step * width / self.overlap) for step in range(self.overlap)]
        place = torch.arange(x.shape[2], device=x.device)
        return [(place + start) // width for start in starts]
