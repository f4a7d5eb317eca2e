"""Fiducial points of a beat, detected on all leads together."""

from dataclasses import dataclass
from math import isnan, nan

import numpy as np
from jaxtyping import Float

from ..waves import Segments
from .p_wave import p_wave
from .qrs import qrs_edges
from .t_wave import TWave, t_wave

LEVEL = 8  # samples: the zero level is the mean of the 16 ms before QRS onset

# A threshold finds an edge inside the wave. Cardiologists' global edges (second-earliest onset,
# second-latest offset of 12 leads) are this many samples further out: the median difference over
# the 133 clean sinus records of LUDB that are not in tests/data (`make validate`: the others).
P_ON, P_OFF, QRS_ON, QRS_OFF, T_ON, T_OFF = -3.0, -2.0, -4.0, 2.0, -12.0, 15.0


# Smallest share of the largest lead from which a lead is enlarged: a smaller one is mostly noise.
SMALLEST_SHARE = 0.25


@dataclass(frozen=True)
class Delineation:
    """Fiducial points in samples, and the detected T wave."""

    segments: Segments
    t: TWave


def delineated(eight: Float[np.ndarray, "lead 600"], rr: float) -> Delineation:
    """Onsets and offsets of P, QRS and T; `rr` in samples. NaN for a wave that is not found."""
    eight = balanced(eight)
    qrs_on, qrs_off = qrs_edges(eight)
    if isnan(qrs_on) or isnan(qrs_off):
        return Delineation(Segments(), TWave())
    first = round(qrs_on)
    above = eight - eight[:, first - LEVEL : first].mean(axis=1, keepdims=True)
    t = t_wave(above, qrs_on, qrs_off, rr)
    p = p_wave(above, qrs_on, earliest=0.0 if isnan(t.off) else t.off - rr)
    qrs_on, qrs_off = qrs_on + QRS_ON, qrs_off + QRS_OFF
    return Delineation(
        Segments(
            p_on=p.on + P_ON,
            p_off=min(p.off + P_OFF, qrs_on) if not isnan(p.off) else nan,
            qrs_on=qrs_on,
            qrs_off=qrs_off,
            t_on=max(t.on + T_ON, qrs_off) if not isnan(t.on) else nan,
            t_off=t.off if isnan(t.off) else min(t.off + T_OFF, eight.shape[1] - 1.0),
        ),
        t,
    )


def balanced(eight: Float[np.ndarray, "lead 600"]) -> Float[np.ndarray, "lead 600"]:
    """Leads at a comparable size, 1 mV from minimum to maximum.

    A global onset is the earliest of all leads, so that a tall V3 must not dominate a small V1. The
    leads in LUDB's files have exactly this size, so that thresholds chosen there fit all ECGs.
    """
    size = np.ptp(eight, axis=1, keepdims=True)
    size = np.maximum(size, SMALLEST_SHARE * size.max())
    return eight * (1000.0 / np.maximum(size, np.finfo(float).tiny))
