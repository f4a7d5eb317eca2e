"""ECGs of others as a baseline, which need every wave at the same sample in all of them."""

from jaxtyping import Float
from torch import Tensor

from .context import Context

# Median beats are shorter (1.2 s here), strips are longer.
LONGEST_S = 2.0
# Training ECGs that the commands and `score` pass as background.
SIZE = 64


def aligned_background(
    x: Float[Tensor, "batch lead time"], context: Context
) -> Float[Tensor, "other lead time"]:
    """Background of median beats; raises ValueError on strips, whose beats are not aligned."""
    if x.shape[2] > LONGEST_S * context.fs:
        raise ValueError(
            f"expected median beats, which are aligned, got ECGs of {x.shape[2]} samples; beats of "
            "other strips lie elsewhere, so that neither they nor their mean is a baseline"
        )
    return context.background
