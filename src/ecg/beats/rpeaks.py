"""Where the ventricles beat: one detection on all leads together."""

import numpy as np
from jaxtyping import Float, Int
from scipy.ndimage import uniform_filter1d
from scipy.signal import find_peaks

from ..record import HOUSE_FS_HZ

# Most of the QRS's energy; P and T lie below it, muscle and pacing spikes mostly above.
QRS_BAND_HZ = (5.0, 30.0)
# About the width of a QRS complex, so that its slopes melt into one hump.
SMOOTHING_S = 0.08
# No two ventricular beats are closer (214/min); a T wave cannot pass as a beat of its own.
REFRACTORY_S = 0.28
# Share of a typical beat's height that makes a beat: ectopic beats are rarely smaller.
THRESHOLD = 0.4
# A lower hump this soon after a beat is its T wave (Pan and Tompkins 1985).
T_WITHIN_S, T_SHARE = 0.36, 0.6
# A typical beat is this much faster than the middle of the record: 4.4 at least in LUDB, 1.3 in
# noise, 1 in mains hum.
STANDS_OUT = 2.5


def r_peaks(qrs_band: Float[np.ndarray, "8 time"]) -> Int[np.ndarray, " beat"]:
    """Samples near the middle of each QRS complex of eight leads at 500 Hz in the QRS band.

    None when nothing stands out, as in noise.
    """
    speed = qrs_speed(qrs_band)
    top = typical_height(speed)
    if top < STANDS_OUT * np.median(speed):
        return np.empty(0, int)
    height, distance = THRESHOLD * top, int(REFRACTORY_S * HOUSE_FS_HZ)
    peaks, found = find_peaks(speed, height=height, distance=distance)
    gap, share = np.diff(peaks), found["peak_heights"][1:] / found["peak_heights"][:-1]
    is_t_wave = (gap < T_WITHIN_S * HOUSE_FS_HZ) & (share < T_SHARE)
    return peaks[~np.append(False, is_t_wave)] if len(peaks) else peaks


def qrs_speed(qrs_band: Float[np.ndarray, "8 time"]) -> Float[np.ndarray, " time"]:
    """RMS over the leads of the slope, smoothed over one QRS complex."""
    slope = np.diff(qrs_band, axis=1, append=qrs_band[:, -1:])
    return uniform_filter1d(np.sqrt(np.mean(slope**2, axis=0)), int(SMOOTHING_S * HOUSE_FS_HZ))


def typical_height(speed: Float[np.ndarray, " time"]) -> float:
    """Median over 1.5-s windows of the highest value: a single artefact cannot raise it.

    1.5 s hold at least one beat at 40/min.
    """
    window = int(1.5 * HOUSE_FS_HZ)
    whole = speed[: len(speed) // window * window].reshape(-1, window)
    return float(np.median(whole.max(axis=1)))
