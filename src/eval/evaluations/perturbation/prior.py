"""The target prior: random numbers where the target is defined, blind to network and ECG values."""

import numpy as np
import torch
from jaxtyping import Bool, Float, Int8, Int64
from torch import Tensor

from ....datamodules import Target
from ....ecg import FS_HZ
from ....explain import wave_segments
from ..localisation.region import TargetRegion

# Resolutions of a map beside "… ms": one number per point, per moment in all leads, per wave.
POINT, MOMENT, WAVE = "point", "moment", "wave"
# Sizes outside the region: their order is new in each draw and comes after the region.
FILLER = 1e-3


def prior_region(target: Target | None, grain: str = POINT) -> TargetRegion | None:
    """Region where the target is defined; None for a target without edges and waves.

    An interval is decided at its edges, an amplitude at its peak and its baseline in its lead, and
    a target of waves alone in these. Maps of whole waves are compared with edges and waves.
    """
    if target is None or not (target.edges or target.waves):
        return None
    of_edges = bool(target.edges) and (target.lead is None or not target.waves)
    mask = "edge" if of_edges and (grain != WAVE or not target.waves) else "both"
    # A map that is the same in all leads cannot tell that one lead decides.
    lead = None if grain == MOMENT else target.lead
    return TargetRegion(mask, target.edges, target.waves, lead)


def prior_map(
    region: Bool[np.ndarray, "lead time"],
    segments: Int8[Tensor, " time"],
    grain: str,
    generator: torch.Generator,
    fs_hz: float = FS_HZ,
) -> Float[Tensor, "lead time"]:
    """Random sizes |N(0, 1)| at the resolution `grain`, times the share of each cell in the region.

    `region` are the points that define the target in this ECG, `segments` its wave marks, from
    which the cells of the resolution "wave" are made. Outside the region the sizes are random and
    at most FILLER, so that an ECG without it has a map of random numbers.
    """
    inside = torch.from_numpy(region).float()
    cells = _cells(segments, grain, fs_hz)
    count = int(cells.max()) + 1
    rows = 1 if grain == MOMENT else len(inside)
    sizes = torch.randn(rows, count, generator=generator).abs()
    share = inside.new_zeros(len(inside), count).index_add_(1, cells, inside) / cells.bincount()
    filler = FILLER * torch.rand(inside.shape, generator=generator)
    return (sizes * share)[:, cells] + filler


def _cells(segments: Int8[Tensor, " time"], grain: str, fs_hz: float) -> Int64[Tensor, " time"]:
    """The number (0, 1, …) of the cell of a lead that each sample belongs to."""
    if grain in (POINT, MOMENT):
        return torch.arange(len(segments))
    if grain == WAVE:
        return wave_segments(segments)
    width = max(1, round(float(grain.removesuffix(" ms")) * fs_hz / 1e3))
    return torch.arange(len(segments)) // width
