"""Layout of a block of prepared ECGs: names of its columns, and its files read back."""

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from ...ecg import Measurement
from ..records import Excluded

# Samples of each input at ecg.FS_HZ: a median beat of 1.2 s, a strip of 10 s (Storås 2025).
SAMPLES = {"median": 600, "rhythm": 5000}
MARKS = ("p_on", "p_off", "qrs_on", "qrs_off", "t_on", "t_off")
# Uncertainty (SD) of each measurement, in its unit; empty for a label of the record.
UNCERTAINTIES = tuple(f"{name}_sd" for name in (*Measurement().values(), "qt_tangent"))
# Columns of the table that are text; `reasons` is JSON: the reason for each missing number.
TEXT = ("id", "patient", "given", "flags", "reasons")
# Separates the names in `given` and the findings in `flags`, which contain spaces.
SEPARATOR = "; "


def read_table(block: Path) -> pd.DataFrame:
    """Table of a block, a row per ECG: numbers are NaN if unknown, TEXT columns are text."""
    # An empty field means "missing" only in columns of numbers: a patient may be called "NA".
    names = pd.read_csv(block / "table.csv", nrows=0).columns
    return pd.read_csv(  # pyright: ignore[reportCallIssue]
        block / "table.csv",
        dtype={name: str if name in TEXT else np.float64 for name in names},
        na_values={name: [""] for name in names if name not in TEXT},
        keep_default_na=False,
        float_precision="round_trip",  # pyright: ignore[reportArgumentType] - not in pandas' types
    )


def read_excluded(block: Path) -> list[Excluded]:
    """ECGs that a block leaves out, with the reason."""
    return [Excluded(*pair) for pair in json.loads((block / "excluded.json").read_text())]


@lru_cache(maxsize=512)
def opened(path: Path) -> np.ndarray:
    """Memory-mapped array of a file; each process opens it on first use."""
    return np.load(path, mmap_mode="r")
