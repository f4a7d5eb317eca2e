"""What another program finds in edited beats: neurokit2's delineation before and after.

A median beat is cut to one RR interval and repeated, so that there is a strip to delineate (dwt,
leads II, V2 and V5, R peaks given). Its own PR and QT differ from ours; what counts is the change.
"""

from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pandas as pd
from ecglens.ecg import FS_HZ, LEADS, R_INDEX
from ecglens_measure.doses import Marked, applied, doses

BEATS, REPEATS = 60, 6
WATCHED = {
    "pr": (-20.0, 20.0, 40.0),
    "qrs": (-10.0, 10.0),
    "t_shift": (-40.0, -20.0, 20.0, 40.0),
    "t_stretch": (-40.0, 40.0),
    "jt": (-40.0, 40.0),
}
# Two points of neurokit2 whose distance the dose changes.
POINTS = {
    "pr": ("ECG_P_Onsets", "ECG_R_Onsets"),
    "qrs": ("ECG_R_Onsets", "ECG_R_Offsets"),
    "qt": ("ECG_R_Peaks", "ECG_T_Offsets"),
}
WITHIN_MS = 8.0


def delineations(ecgs: Marked) -> pd.DataFrame:
    """Change that neurokit2 finds by dose and size; no rows where it is not installed."""
    if find_spec("neurokit2") is None:
        print("neurokit2 is not installed: no second opinion")
        return pd.DataFrame()
    first = ecgs[slice(0, BEATS)]
    rows = []
    for name, sizes in WATCHED.items():
        label = doses(name)[name].label
        for by in sizes:
            found = applied(first, name, by)
            change = np.array(
                [
                    _distance(y, float(first.rr[row]), str(label))
                    - _distance(first.x[row], float(first.rr[row]), str(label))
                    for y, row in zip(found.x, found.index, strict=True)
                ]
            )
            known = change[np.isfinite(change)]
            rows.append(
                {
                    "dose": name,
                    "size": by,
                    "kept": len(change),
                    "delineated": len(known),
                    "change_median": np.median(known) if len(known) else np.nan,
                    "ours_median": np.median(found.measured) if len(change) else np.nan,
                    "within_8_ms": (np.abs(known - by) <= WITHIN_MS).mean() if len(known) else 0.0,
                }
            )
    return pd.DataFrame(rows)


def _distance(x: np.ndarray, rr_ms: float, label: str) -> float:
    """Median over leads and repeats of the distance of two points in ms; NaN without them."""
    nk = import_module("neurokit2")
    length = min(round(rr_ms * FS_HZ / 1e3), x.shape[1])
    start = max(R_INDEX - round(0.38 * length), 0)
    length = min(length, x.shape[1] - start)
    peaks = R_INDEX - start + length * np.arange(REPEATS)
    found = []
    for lead in ("II", "V2", "V5"):
        piece = x[LEADS.index(lead), start : start + length].astype(float)
        piece = piece - np.linspace(piece[0], piece[-1], length)  # no step where beats meet
        try:
            _, waves = nk.ecg_delineate(
                np.tile(piece, REPEATS), peaks, sampling_rate=int(FS_HZ), method="dwt"
            )
        except (IndexError, ValueError, ZeroDivisionError):  # a lead that it cannot read
            continue
        waves["ECG_R_Peaks"] = peaks
        one, other = (np.array(waves[point], float) for point in POINTS[label])
        if len(one) == len(other) and np.isfinite(other - one).any():
            found.append(float(np.nanmedian(other - one)))
    return float(np.median(found)) * 1e3 / FS_HZ if found else float("nan")
