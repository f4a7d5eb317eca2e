"""The network that was trained on permuted labels, where there is one."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from torch import nn

from ...heatmaps.explained import Heatmaps, explained
from ...subject import Subject

ABSENT = "no label-permuted network was given: that baseline is empty"


def permuted_maps(net: nn.Module | None, subject: Subject) -> tuple[Heatmaps, tuple[str, ...]]:
    """Its maps by method, and what a reader should know of them."""
    if net is None:
        return {}, (ABSENT,)
    found = explained(net, subject, "label-permuted network")
    failed = "was left out on the label-permuted network"
    return found.maps, tuple(f"{name} {failed}: {why}" for name, why in found.left_out.items())


def gathered(
    maps: Heatmaps, names: Sequence[str], shape: tuple[int, ...]
) -> Float[np.ndarray, "method ecg lead time"]:
    """The maps of these names, each of this shape; NaN where there is none."""
    absent = np.broadcast_to(np.float32(np.nan), shape)
    return np.stack([maps.get(name, absent) for name in names])
