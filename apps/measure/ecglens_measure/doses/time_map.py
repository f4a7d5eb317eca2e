"""Smooth monotone maps of time that carry parts of a beat rigidly and stretch what lies between.

A part keeps its samples: there the map has slope 1. Between two parts that move differently it is a
monotone cubic (Fritsch and Carlson 1980) with a pair of knots at either end, so that the stretch
begins outside the parts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from scipy.interpolate import CubicSpline, PchipInterpolator

from .dose import Unchangeable

GUARD = 4.0  # samples of slope 1 outside a part, where there is room
# What lies between two parts keeps at least this share of its length, and this many samples: a
# shorter one would be a step.
LEAST_SHARE, LEAST = 0.25, 3.0
FAR = 1000.0  # samples beyond the outermost part, where the slope is 1


@dataclass(frozen=True)
class Part:
    """Samples `first` … `last` of a beat that move together by `shift` samples.

    `loose`: what is beside it is stretched evenly up to the part's edge, as within a wave.
    """

    name: str
    first: float
    last: float
    shift: float
    loose: bool = False


def origins(parts: Iterable[Part], length: int) -> Float[np.ndarray, " time"]:
    """Where each sample of the ECG whose `parts` (in the order of time) have moved comes from.

    Raises Unchangeable without room between two of them.
    """
    joined: list[Part] = []
    for part in parts:
        if joined and part.shift == joined[-1].shift:
            last = joined.pop()
            part = Part(part.name, last.first, max(last.last, part.last), part.shift, part.loose)
        joined.append(part)
    source, shift = [joined[0].first - FAR], [joined[0].shift]
    for left, right in pairwise(joined):
        before = right.first - left.last
        after = before + right.shift - left.shift
        if before < LEAST or after < max(LEAST, LEAST_SHARE * before):
            names = dict.fromkeys((left.name, right.name))
            raise Unchangeable(f"no room between {' and '.join(names)}")
        guard = min(GUARD, before / 4, after / 4)
        # The knots of a pair: outside of a part that keeps all its samples, inside of a loose one.
        inner = [min(GUARD, (part.last - part.first) / 2) for part in (left, right)]
        end, start = left.last, right.first
        source += [end - inner[0], end] if left.loose else [end, end + guard]
        source += [start, start + inner[1]] if right.loose else [start - guard, start]
        shift += [left.shift] * 2 + [right.shift] * 2
    source.append(joined[-1].last + FAR)
    shift.append(joined[-1].shift)
    places = np.array(source)
    keep = np.append(True, np.diff(places) > 0)  # one knot for a part of a single sample
    found = PchipInterpolator((places + shift)[keep], places[keep])(np.arange(length))
    whole = np.round(found)
    # A part that moves by whole samples keeps them as they are.
    return np.where(np.abs(found - whole) < 1e-6, whole, found)


MARGIN = 60  # samples by which a signal is continued on both sides: more than a wave is moved


def warped(
    signal: Float[np.ndarray, "lead time"],
    tau: Float[np.ndarray, " new_time"],
    period: float,
    margin: int = MARGIN,
) -> Float[np.ndarray, "lead new_time"]:
    """Signal at the samples `tau` by cubic splines; beyond its ends it is `continued`."""
    whole = continued(signal, round(period), margin)
    inside = np.clip(tau + margin, 0, whole.shape[1] - 1)
    found = CubicSpline(np.arange(whole.shape[1]), whole, axis=1)(inside)
    same = np.flatnonzero(inside == np.round(inside))
    found[:, same] = whole[:, inside[same].astype(int)]
    return found


def continued(
    signal: Float[np.ndarray, "lead time"], period: int, margin: int
) -> Float[np.ndarray, "lead longer_time"]:
    """Signal with `margin` samples more on both sides, joined without a step.

    They are those of the neighbouring beat (`period` samples further in), or the last sample where
    the signal is shorter than that.
    """
    steps, last = np.arange(1, margin + 1), signal.shape[1] - 1
    inside = period < last
    before = np.clip(period - steps[::-1], 0, last) if inside else np.zeros(margin, int)
    behind = np.clip(last - period + steps, 0, last) if inside else np.full(margin, last)
    at_start, at_end = (period, last - period) if inside else (0, last)
    return np.concatenate(
        (
            signal[:, before] + (signal[:, [0]] - signal[:, [at_start]]),
            signal,
            signal[:, behind] + (signal[:, [last]] - signal[:, [at_end]]),
        ),
        axis=1,
    )
