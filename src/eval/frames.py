"""Tables by name as CSV files of a folder, read back as they were."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ..store import write_text


def write_frames(frames: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write each table atomically."""
    for name, frame in frames.items():
        write_text(folder / f"{name}.csv", frame.to_csv(index=False))


def read_frames(names: Iterable[str], folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of these names."""
    return {name: read_frame(folder / f"{name}.csv") for name in names}


def read_frame(path: Path) -> pd.DataFrame:
    """A table that was written by pandas; floats come back to the bit."""
    # A method may be called "None": only what is empty is missing.
    as_written: Any = {"keep_default_na": False, "na_values": [""], "float_precision": "round_trip"}
    return pd.read_csv(path, **as_written)
