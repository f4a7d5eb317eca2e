"""ECGs of others as baselines: only where every wave lies at the same sample in all of them."""

from jaxtyping import Float
from torch import Tensor

from ..ecg import HOUSE_FS_HZ
from .context import Context

# No median beat is this long (ours have 1.2 s), and every strip is longer.
LONGEST = 2 * HOUSE_FS_HZ


def aligned_background(
    x: Float[Tensor, "batch lead time"], context: Context
) -> Float[Tensor, "other lead time"]:
    """The background; ValueError on strips, of which others' waves and their mean say nothing."""
    if x.shape[2] > LONGEST:
        raise ValueError(
            f"expected median beats, which are aligned, got ECGs of {x.shape[2]} samples; beats of "
            "other strips lie elsewhere, so that neither they nor their mean is a baseline"
        )
    return context.background
