"""R peaks, detected on all leads together."""

import numpy as np
from jaxtyping import Float, Int
from scipy.ndimage import uniform_filter1d
from scipy.signal import find_peaks

from ..record import FS_HZ

# Most of the energy of QRS; P and T are below, muscle and pacing spikes mostly above.
QRS_BAND_HZ = (5.0, 30.0)
# About the width of a QRS complex, so that its slopes merge into one peak.
SMOOTHING_S = 0.08
# No two ventricular beats are closer (214/min); a T wave is not counted as a beat.
REFRACTORY_S = 0.28
# Lowest beat as a share of the typical height: ectopic beats are rarely smaller.
THRESHOLD = 0.4
# A lower peak this soon after a beat is its T wave (Pan and Tompkins 1985).
T_WITHIN_S, T_SHARE = 0.36, 0.6
# Smallest ratio of a typical beat's speed to the median of the record: at least 4.4 in LUDB, 1.3 in
# noise, 1 in mains hum.
STANDS_OUT = 2.5


def r_peaks(qrs_band: Float[np.ndarray, "8 time"]) -> Int[np.ndarray, " beat"]:
    """Samples near the middle of each QRS complex of eight leads at 500 Hz in the QRS band.

    Empty when nothing stands out, as in noise.
    """
    speed = qrs_speed(qrs_band)
    top = typical_height(speed)
    if top < STANDS_OUT * np.median(speed):
        return np.empty(0, int)
    height, distance = THRESHOLD * top, int(REFRACTORY_S * FS_HZ)
    peaks, found = find_peaks(speed, height=height, distance=distance)
    gap, share = np.diff(peaks), found["peak_heights"][1:] / found["peak_heights"][:-1]
    is_t_wave = (gap < T_WITHIN_S * FS_HZ) & (share < T_SHARE)
    return peaks[~np.append(False, is_t_wave)] if len(peaks) else peaks


def qrs_speed(qrs_band: Float[np.ndarray, "8 time"]) -> Float[np.ndarray, " time"]:
    """RMS over the leads of the slope, smoothed over one QRS complex."""
    slope = np.diff(qrs_band, axis=1, append=qrs_band[:, -1:])
    return uniform_filter1d(np.sqrt(np.mean(slope**2, axis=0)), int(SMOOTHING_S * FS_HZ))


def typical_height(speed: Float[np.ndarray, " time"]) -> float:
    """Median over 1.5-s windows of the maximum: a single artefact cannot raise it.

    At 40/min a window of 1.5 s has at least one beat.
    """
    window = int(1.5 * FS_HZ)
    whole = speed[: len(speed) // window * window].reshape(-1, window)
    return float(np.median(whole.max(axis=1)))
