"""What every room above the data receives."""

from typing import NamedTuple

from jaxtyping import Float, Int8
from torch import Tensor


class Batch(NamedTuple):
    """A batch of ECGs: µV, the target's unit, a bit per wave (see ecg.waves), record ids.

    A label is NaN where it is unknown, which it is only beside others that are known.
    """

    x: Float[Tensor, "batch lead time"]
    y: Float[Tensor, "batch target"]
    segments: Int8[Tensor, "batch time"]
    record: list[str]
