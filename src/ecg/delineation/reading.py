"""Intervals, and amplitudes in lead V5, from fiducial points."""

from math import isnan, nan

import numpy as np
from jaxtyping import Float

from .fiducial_points import LEVEL, Delineation

T_FROM_J = 30  # samples: the search for T begins at J + 60 ms


def read(found: Delineation, v5: Float[np.ndarray, " time"], ms: float) -> dict[str, float]:
    """PR, QRS, QT, QT by tangent in ms and R, J, T of V5 in µV; `ms` is the length of a sample.

    NaN if a point is missing, except for R and J, which are then 0.
    """
    marks = found.segments
    v5 = above_level(v5, marks.qrs_on)
    t_piece = between(v5, marks.qrs_off + T_FROM_J, marks.t_off)
    return {
        "pr": (marks.qrs_on - marks.p_on) * ms,
        "qrs": (marks.qrs_off - marks.qrs_on) * ms,
        "qt": (marks.t_off - marks.qrs_on) * ms,
        "qt_tangent": (found.t.tangent - marks.qrs_on) * ms,
        "r": between(v5, marks.qrs_on, marks.qrs_off).max(initial=0.0),
        "j": between(v5, marks.qrs_off, marks.qrs_off).sum(),
        "t": t_piece[np.argmax(np.abs(t_piece))] if len(t_piece) else nan,
    }


def above_level(
    signal: Float[np.ndarray, "*lead time"], qrs_on: float
) -> Float[np.ndarray, "*lead time"]:
    """Signal minus the mean of the 16 ms before QRS onset; unchanged without an onset."""
    if isnan(qrs_on):
        return signal
    first = round(qrs_on)
    return signal - signal[..., first - LEVEL : first].mean(axis=-1, keepdims=True)


def between(
    signal: Float[np.ndarray, "*lead time"], first: float, last: float
) -> Float[np.ndarray, "*lead piece"]:
    """Samples from `first` to `last`, both included; none if one of them is NaN."""
    if isnan(first) or isnan(last):
        return signal[..., :0]
    return signal[..., round(first) : round(last) + 1]
