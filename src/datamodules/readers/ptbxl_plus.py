"""PTB-XL+ (Strodthoff 2023, doi 10.1038/s41597-023-02153-8): 12SL's results for PTB-XL."""

from math import nan
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from jaxtyping import Float32

from ...ecg import R_INDEX
from ..formats.shared_tables import shared_table
from ..formats.wfdb_files import read_ecg

FEATURES = Path("features", "12sl_features.csv")
# Columns of 12SL (feature_description.csv: intervals in ms, amplitudes in mV), and our unit of one.
INTERVALS = {"pr": "PR_Int_Global", "qrs": "QRS_Dur_Global", "qt": "QT_Int_Global"}
AMPLITUDES = {"r": "R_Amp_V5", "t": "T_Amp_V5"}
RR = "RR_Mean_Global"
UV_PER_MV = 1e3
# The headers of release 1.0.1 name a folder that does not exist; readers of WFDB fail on it
# (github.com/MIT-LCP/wfdb-python, issue 528).
STALE = "ge_median_beats_wfdb/"
# They also say mV, while the article says 1 µV per unit. A median beat has about the span of its
# strip, so that the ratio of both spans shows the unit: √1000 is halfway.
IN_MICROVOLTS_ABOVE = 1e3**0.5
# Ratios outside this range are not explained by wander, noise or ectopic beats of the strip.
SPANS = (0.1, 3.0)
# Largest shift of a given beat onto its strip.
R_WITHIN = 30  # samples


def measurements(folder: Path, ecg_id: str) -> dict[str, float]:
    """12SL's pr, qrs, qt (ms), rate (1/min), r and t (µV in V5); NaN if it measured none.

    Empty without the file of features; all NaN for an ECG that is not in it.
    """
    columns = {**INTERVALS, **AMPLITUDES, "rate": RR}
    found = shared_table(folder / FEATURES, "ecg_id", numbers=tuple(columns.values()))
    if found is None:
        return {}
    row = found.loc[ecg_id] if ecg_id in found.index else {}
    values = {name: row.get(column, nan) for name, column in columns.items() if column in found}
    for name in values:
        if name in AMPLITUDES:
            values[name] *= UV_PER_MV
        elif not values[name] > 0:
            values[name] = nan
    return values | ({"rate": 6e4 / values["rate"]} if "rate" in values else {})


def median_beat_files(folder: Path, ecg_id: str) -> list[Path]:
    """Paths of header and samples of 12SL's median beat of this ECG; not every ECG has one."""
    number = int(ecg_id)
    stem = folder / "median_beats" / "12sl" / f"{number // 1000 * 1000:05d}" / f"{number:05d}"
    return [Path(f"{stem}_medians{ending}") for ending in (".hea", ".dat")]


def median_beat(
    folder: Path, ecg_id: str, strip: Float32[np.ndarray, "12 time"]
) -> Float32[np.ndarray, "12 600"]:
    """12SL's median beat in µV; the span of its strip (µV) decides its unit.

    Raises OSError if there is none, and ValueError for a damaged one, another length, or a QRS
    complex that is not where a given beat has it.
    """
    header, samples = median_beat_files(folder, ecg_id)
    with TemporaryDirectory() as place:
        # wfdb opens files by their header, so it gets a corrected header.
        Path(place, header.name).write_text(header.read_text().replace(STALE, ""))
        Path(place, samples.name).symlink_to(samples.resolve(strict=True))
        found = read_ecg(Path(place, header.stem))
    if found.fs != 500 or found.signal.shape != (12, 600):
        raise ValueError(
            f"expected a median beat of 600 samples at 500 Hz in {header.name}, "
            f"got {found.signal.shape[1]} at {found.fs:g} Hz"
        )
    summit = int(np.argmax(np.sum(np.diff(found.signal) ** 2, axis=0)))
    if abs(summit - R_INDEX) > R_WITHIN:
        raise ValueError(
            f"expected the QRS complex of {header.name} at sample {R_INDEX}, got it at {summit}"
        )
    ratio = float(np.median(np.ptp(found.signal, axis=1)) / np.median(np.ptp(strip, axis=1)))
    scale = 1 / UV_PER_MV if ratio > IN_MICROVOLTS_ABOVE else 1.0
    if not SPANS[0] < ratio * scale < SPANS[1]:
        raise ValueError(
            f"expected the median beat in {header.name} to span what its strip does, got "
            f"{ratio:.3g} of it, which is neither mV nor µV"
        )
    return found.signal * np.float32(scale)
