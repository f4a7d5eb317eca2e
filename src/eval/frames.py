"""Tables as CSV files of a folder, and as plain JSON that keeps the type of each column."""

from collections.abc import Iterable, Mapping, Sequence
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
    """The table in a CSV file that pandas wrote; floats are identical."""
    # A method may be called "None": only what is empty is missing.
    as_written: Any = {"keep_default_na": False, "na_values": [""], "float_precision": "round_trip"}
    return pd.read_csv(path, **as_written)


def plain_frame(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The columns of a table as plain JSON: name, type and values, null where there is none."""
    return [
        {
            "name": name,
            "type": str(column.dtype),
            "values": column.astype(object).where(column.notna(), None).tolist(),
        }
        for name, column in frame.items()
    ]


def frame_of(plain: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The table that plain_frame was given, identical."""
    columns = {
        column["name"]: pd.Series(column["values"], dtype=column["type"]) for column in plain
    }
    return pd.DataFrame(columns)
