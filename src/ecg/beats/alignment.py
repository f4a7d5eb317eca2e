"""Alignment of beats with the dominant beat, over all leads at once."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Complex, Float, Int

from ..waves import R_INDEX

# Half of the window in which beats are compared: contains a broad QRS complex.
HALF_QRS = 60  # samples
# Largest shift of a beat onto the template.
MAX_SHIFT = 30  # samples
# Beats of one origin have a higher correlation over all leads; ectopic ones a lower.
ALIKE = 0.9
# Beats that are compared with all others at a time: more than 10 s have, so that a long recording
# takes memory in proportion to its length (all at once, the 2500 beats of half an hour took 9 GB).
AT_ONCE = 64


def windows(
    signal: Float[np.ndarray, "lead time"], starts: Int[np.ndarray, " beat"], length: int
) -> Float[np.ndarray, "beat lead {length}"]:
    """Equal pieces of a signal, all of them inside it."""
    view = np.lib.stride_tricks.sliding_window_view(signal, length, axis=1)
    return view[:, starts].swapaxes(0, 1)


def median_of(beats: Float[np.ndarray, "beat *rest"]) -> Float[np.ndarray, "*rest"]:
    """Median over the first axis; for few rows, sorting is twice as fast as np.median."""
    ordered, half = np.sort(beats, axis=0), len(beats) // 2
    return ordered[half] if len(beats) % 2 else (ordered[half - 1] + ordered[half]) / 2


def median_of_few(beats: Float[np.ndarray, "beat *rest"]) -> Float[np.ndarray, "*rest"]:
    """Median over the first axis for up to ten long rows, 20 times as fast for five.

    Odd-even transposition sort (Knuth 1998, section 5.3.4) with one round per row.
    """
    rows = list(beats)
    for turn in range(len(rows)):
        for left in range(turn % 2, len(rows) - 1, 2):
            pair = rows[left], rows[left + 1]
            rows[left], rows[left + 1] = np.minimum(*pair), np.maximum(*pair)
    half = len(rows) // 2
    return rows[half] if len(rows) % 2 else (rows[half - 1] + rows[half]) / 2


def aligned(
    eight: Float[np.ndarray, "8 time"], found: Int[np.ndarray, " peak"]
) -> tuple[Int[np.ndarray, " peak"], Bool[np.ndarray, " peak"]]:
    """R peaks aligned with the dominant beat, and which beats resemble it.

    The dominant beat is the one that most other beats resemble (in a tie, the one with the highest
    mean correlation). Its R peak is at the largest deflection of all leads together.
    """
    margin = HALF_QRS + MAX_SHIFT
    padded = np.pad(eight, ((0, 0), (margin, margin)))  # for comparing only
    wide = windows(padded, found, 2 * margin)
    search = Search.of(wide)
    shift, likeness = _dominant(search, wide[:, :, MAX_SHIFT:-MAX_SHIFT])
    start = (found + MAX_SHIFT + shift)[likeness >= ALIKE]
    template = median_of(windows(padded, start, 2 * HALF_QRS))
    shift, likeness = search.best_shift(template[None])
    summit = int(np.argmax(np.sum(template**2, axis=0))) - HALF_QRS
    return found + shift[0] + summit, likeness[0] >= ALIKE


def _dominant(
    search: "Search", narrow: Float[np.ndarray, "beat lead narrow"]
) -> tuple[Int[np.ndarray, " beat"], Float[np.ndarray, " beat"]]:
    """Shifts of all beats onto the dominant one, and how much they resemble it."""
    found = []
    for at in range(0, len(narrow), AT_ONCE):
        shift, likeness = search.best_shift(narrow[at : at + AT_ONCE])
        votes = (likeness >= ALIKE).sum(axis=1) + likeness.mean(axis=1)
        best = int(np.argmax(votes))
        found.append((votes[best], shift[best], likeness[best]))
    # The first of equal ones, as among the beats of one pass.
    _, shift, likeness = max(found, key=lambda each: each[0])
    return shift, likeness


def distance(
    eight: Float[np.ndarray, "8 time"],
    peaks: Int[np.ndarray, " peak"],
    beat: Float[np.ndarray, "8 600"],
) -> int:
    """Samples from these R peaks to the R peak of `beat`; one number, as they are aligned."""
    margin = HALF_QRS + MAX_SHIFT
    padded = np.pad(eight, ((0, 0), (margin, margin)))
    typical = median_of(windows(padded, peaks, 2 * margin))
    qrs = beat[:, R_INDEX - HALF_QRS : R_INDEX + HALF_QRS]
    shift, _ = Search.of(typical[None]).best_shift(qrs[None])
    return int(shift[0, 0])


@dataclass(frozen=True)
class Search:
    """Beats in which a template is searched for: their spectra, and the energy of each window."""

    length: int
    spectrum: Complex[np.ndarray, "frequency lead beat"]
    energy: Float[np.ndarray, "beat shift"]

    @classmethod
    def of(cls, wide: Float[np.ndarray, "beat lead wide"]) -> "Search":
        """Search in beats with a margin of MAX_SHIFT samples on both sides."""
        narrow = 2 * HALF_QRS
        sums = np.cumsum(np.stack((wide, wide**2)), axis=-1)
        total, squares = np.concatenate(
            (sums[..., narrow - 1 : narrow], sums[..., narrow:] - sums[..., :-narrow]), axis=-1
        )
        energy = (squares - total**2 / narrow).sum(axis=1)  # around each lead's own mean
        spectrum = np.fft.rfft(wide).transpose(2, 1, 0)
        return cls(wide.shape[-1], np.ascontiguousarray(spectrum), energy)

    def best_shift(
        self, templates: Float[np.ndarray, "template lead narrow"]
    ) -> tuple[Int[np.ndarray, "template beat"], Float[np.ndarray, "template beat"]]:
        """Shift (samples) with the highest correlation over all leads, and its value."""
        centred = templates - templates.mean(axis=-1, keepdims=True)
        filters = np.conj(np.fft.rfft(centred, self.length)).transpose(2, 0, 1)
        product = np.fft.irfft(filters @ self.spectrum, self.length, axis=0)
        covariance = product[: 2 * MAX_SHIFT + 1].transpose(1, 2, 0)
        norm = np.sqrt(self.energy * np.sum(centred**2, axis=(1, 2))[:, None, None])
        correlation = covariance / np.maximum(norm, np.finfo(float).tiny)
        best = correlation.argmax(axis=-1)
        value = np.take_along_axis(correlation, best[..., None], axis=-1)[..., 0]
        return best - MAX_SHIFT, value
