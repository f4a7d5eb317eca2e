"""The batch of ECGs that networks, methods and evaluations receive."""

from typing import NamedTuple

from jaxtyping import Float, Int8
from torch import Tensor


class Batch(NamedTuple):
    """A batch of ECGs: signals in µV, labels in the target's unit, masks of waves, record ids.

    `segments` has one bit per wave (ecg.waves). With several classes some labels of an ECG may be
    NaN, which means unknown; at least one is known.
    """

    x: Float[Tensor, "batch lead time"]
    y: Float[Tensor, "batch target"]
    segments: Int8[Tensor, "batch time"]
    record: list[str]
