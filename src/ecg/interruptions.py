"""Interruptions of a strip: no signal in any lead for a while, or a jump that no heart makes."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from .waves import FS_HZ, PIECE, pieces, runs_of

# Shorter ones hide no beat, and most records of PTB-XL end with 0.1 s of one value.
GAP_S = 0.2
# Recorders resolve 1 to 5 µV; resampling leaves a ripple on a constant.
STILL_UV = 0.05
# A generated ECG without noise is still between its waves, in each piece of a strip: that is no
# interruption.
STILL_S = 0.1
# Steepest change of a strip over that of its typical beat: at most 3.0 in LUDB, the samples of the
# CinC Challenge and CPSC 2018, with their ectopic beats, and 14 to 35 in four of 80 strips of
# CODE-15 whose electrodes came off.
JUMP = 5.0
# Changes this close are one jump: about the width of a QRS complex.
SAME_S = 0.12


@dataclass(frozen=True)
class Interruption:
    """Samples `first` to `last` at 500 Hz, both included; `jump_uv` is 0 where all leads rest."""

    first: int
    last: int
    jump_uv: float = 0.0

    @property
    def text(self) -> str:
        """Finding in words."""
        at = f"at {self.first / FS_HZ:.1f} s"
        if self.jump_uv:
            return f"jump of {self.jump_uv / 1e3:.1f} mV {at}"
        return f"no signal in any lead for {(self.last - self.first) / FS_HZ:.1f} s {at}"


def interruptions(eight: Float[np.ndarray, "8 time"]) -> tuple[Interruption, ...]:
    """Interruptions of eight leads at 500 Hz, in their order."""
    change = np.abs(np.diff(eight, axis=1))
    gaps, near = _gaps(change), round(SAME_S * FS_HZ)
    jumps = [
        jump
        for jump in _jumps(change.max(axis=0))
        if all(jump.last < gap.first - near or jump.first > gap.last + near for gap in gaps)
    ]  # those at the ends of a gap belong to it
    return tuple(sorted((*gaps, *jumps), key=lambda each: each.first))


def _gaps(change: Float[np.ndarray, "8 step"]) -> list[Interruption]:
    moving = change[change.any(axis=1)]
    still = np.asarray((moving <= STILL_UV).all(axis=0))
    runs = runs_of(still)
    lasting = runs[:, 1] - runs[:, 0]
    if np.sum(lasting >= STILL_S * FS_HZ) >= len(still) // PIECE:
        return []
    return [Interruption(*map(int, run)) for run in runs[lasting >= GAP_S * FS_HZ]]


def _jumps(steepest: Float[np.ndarray, " step"]) -> list[Interruption]:
    places = np.flatnonzero(steepest > JUMP * np.median(pieces(steepest).max(axis=1)))
    if not len(places):
        return []
    groups = np.split(places, np.flatnonzero(np.diff(places) > SAME_S * FS_HZ) + 1)
    return [
        Interruption(int(group[0]), int(group[-1]) + 1, float(steepest[group].max()))
        for group in groups
    ]


def overlap(
    first: Int[np.ndarray, " piece"],
    last: Int[np.ndarray, " piece"],
    interrupted: tuple[Interruption, ...],
) -> Bool[np.ndarray, " piece"]:
    """Mask of the pieces, from `first` to `last`, with a sample of an interruption."""
    found = np.zeros(len(first), bool)
    for each in interrupted:
        found |= (first <= each.last) & (last >= each.first)
    return found
