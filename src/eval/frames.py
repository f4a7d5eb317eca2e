"""Tables as CSV files of a folder, and as plain JSON that keeps the type of each column."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ..store import as_was, csv_text, write_text


def write_frames(frames: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """Write each table atomically."""
    for name, frame in frames.items():
        write_text(folder / f"{name}.csv", csv_text(frame))


def read_frames(names: Sequence[str], folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of these names; ValueError for a name that leads out of the folder."""
    if wrong := [name for name in names if Path(name).name != name]:
        raise ValueError(f"expected the name of a table, got {wrong[0]!r}")
    return {name: read_frame(folder / f"{name}.csv") for name in names}


def read_frame(path: Path) -> pd.DataFrame:
    """The table in a CSV file that pandas wrote; floats are identical."""
    # A method may be called "None": only what is empty is missing.
    as_written: Any = {"keep_default_na": False, "na_values": [""], "float_precision": "round_trip"}
    found = pd.read_csv(path, **as_written).rename(columns=as_was)
    texts = found.select_dtypes("object")
    return found.assign(**{name: texts[name].map(as_was) for name in texts})


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
