"""Pacing spikes: pulses too short and too isolated to come from the heart."""

import numpy as np
from jaxtyping import Float, Int
from scipy.signal import find_peaks

# A recorder's filters spread a pulse of 0.5 ms over some samples at 500 Hz.
REACH = 4
# A spike has a quiet line before it and the onset of the paced wave after it; an R peak has its own
# slopes on both sides.
AROUND = 8
MIN_UV = 40.0
LONELY = 2.5
# Spikes this close belong to one pacing pulse.
SAME_PULSE = 20


def pacing_spikes(eight: Float[np.ndarray, "8 time"]) -> Int[np.ndarray, " spike"]:
    """Samples at 500 Hz of the pacing spikes in the eight independent leads.

    A spike is, in RMS over the leads, more than 40 µV above the line between the samples 8 ms away,
    and 2.5 times the range of the signal on either side.
    """
    sharp = np.zeros(eight.shape[1])
    middle = eight[:, REACH:-REACH] - 0.5 * (eight[:, : -2 * REACH] + eight[:, 2 * REACH :])
    sharp[REACH:-REACH] = np.sqrt(np.mean(middle**2, axis=0))
    margin = REACH + AROUND
    sharp[:margin] = sharp[-margin:] = 0.0
    places = find_peaks(sharp, height=MIN_UV)[0]
    if not len(places):
        return places
    offsets = np.arange(REACH, margin + 1)
    around = np.sqrt(
        np.mean(
            np.maximum(
                np.ptp(eight[:, places[:, None] - offsets], axis=2),
                np.ptp(eight[:, places[:, None] + offsets], axis=2),
            )
            ** 2,
            axis=0,
        )
    )
    places = places[sharp[places] > LONELY * around]
    first = np.diff(places, prepend=-SAME_PULSE) >= SAME_PULSE
    return places[first]
