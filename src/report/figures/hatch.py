"""Hatching of what lowers the prediction, so that grey print tells it from what raises it."""

import numpy as np
from jaxtyping import Bool, Float, Int

EVERY, WIDE = 1.2, 0.6  # mm from line to line, and of a line
BETWEEN = 0.3  # share of the colour's opacity between the lines


def lines_through(
    left: Float[np.ndarray, " bar"], top: Float[np.ndarray, " bar"], low: Float[np.ndarray, " bar"]
) -> tuple[Float[np.ndarray, "piece 2"], Int[np.ndarray, " piece"]]:
    """Ends (mm from the top) of the pieces of oblique lines in narrow bars, and each piece's bar.

    A line rises by a millimetre per millimetre, from bar to bar.
    """
    first = np.floor((top + left) / EVERY).astype(int)
    count = np.floor((low + left) / EVERY).astype(int) - first + 1
    bar = np.repeat(np.arange(len(left)), count)
    number = np.arange(len(bar)) - np.repeat(np.cumsum(count) - count, count) + first[bar]
    start = number * EVERY - left[bar]
    ends = np.stack([np.maximum(start, top[bar]), np.minimum(start + WIDE, low[bar])], axis=1)
    there = ends[:, 1] > ends[:, 0]
    return ends[there], bar[there]


def on_line(
    across: Float[np.ndarray, "*shape"], down: Float[np.ndarray, "*shape"]
) -> Bool[np.ndarray, "*shape"]:
    """Whether points (mm) are on a line."""
    return np.mod(across + down, EVERY) < WIDE
