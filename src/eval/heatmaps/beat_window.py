"""The window around an R peak in which the beats of a strip are laid over each other."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from ...ecg import FS_HZ

# As in Wagner 2024: P and T of one beat, and neither of the next up to 110 per minute.
BEFORE_MS, AFTER_MS = 300.0, 500.0
BEFORE, AFTER = (round(ms * FS_HZ / 1e3) for ms in (BEFORE_MS, AFTER_MS))
MOMENTS = np.arange(-BEFORE, AFTER + 1)  # samples from the R peak


def windows(values: np.ndarray, r_peaks: Sequence[int] | Int[np.ndarray, " beat"]) -> np.ndarray:
    """The cuts (…, beat, moment) out of values (…, time) that lie whole within the signal.

    A beat cut off would weigh its middle more than its ends.
    """
    length = values.shape[-1]
    whole = [peak for peak in r_peaks if BEFORE <= peak < length - AFTER]
    return values[..., np.array(whole, int)[:, None] + MOMENTS]
