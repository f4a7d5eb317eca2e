"""Whether a run again has the numbers of results that were kept."""

from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

# Share of a column's largest number among the rows of one target and input, which have one unit. On
# one machine the numbers are the same; another processor rounds differently, and training carries
# that on.
TOLERANCE = 0.02
UNIT = ("target", "input")


def differences(kept: Path, fresh: Path) -> list[str]:
    """A line for every column of the kept CSV files that the fresh ones do not repeat.

    And one for every fresh file that was not kept. Errors as in kept_tables.
    """
    tables = kept_tables(kept)
    new = sorted({each.name for each in fresh.glob("*.csv")} - {each.name for each in tables})
    return [
        *(line for table in tables for line in _of_table(table, fresh / table.name)),
        *(f"{name}: written by this run, but not kept" for name in new),
    ]


def kept_tables(kept: Path) -> list[Path]:
    """The CSV files of kept results. Raises ValueError for a folder without any."""
    if tables := sorted(kept.glob("*.csv")):
        return tables
    raise ValueError(f"expected kept results as CSV in {kept}, found none; give their folder")


def _of_table(kept: Path, fresh: Path) -> list[str]:
    if not fresh.is_file():
        return [f"{kept.name}: kept, but not written by this run"]
    old, new = (pd.read_csv(path) for path in (kept, fresh))
    if [*old.columns] != [*new.columns] or len(old) != len(new):
        return [
            f"{kept.name}: expected {len(old)} rows of {', '.join(old.columns)}, got {len(new)} of "
            f"{', '.join(new.columns)}"
        ]
    unit = pd.Series("", old.index)
    for name in UNIT:
        unit += " " + old[name].astype(str) if name in old else ""
    found = (_of_column(pd.Series(old[name]), pd.Series(new[name]), unit) for name in old.columns)
    return [f"{kept.name}, {line}" for line in found if line]


def _of_column(old: pd.Series, new: pd.Series, unit: pd.Series) -> str:
    if not (is_numeric_dtype(old) and is_numeric_dtype(new)):
        differs = old.astype(str) != new.astype(str)
    else:
        one, other = old.to_numpy(float), new.to_numpy(float)
        largest = old.abs().replace(np.inf, np.nan).groupby(unit).transform("max").fillna(0.0)
        near = np.isclose(one, other, 0.0, TOLERANCE * largest.to_numpy(), equal_nan=True)
        differs = pd.Series(~near)
    if not differs.any():
        return ""
    row = int(differs.to_numpy().argmax())
    return (
        f"{old.name}: {int(differs.sum())} of {len(old)} rows differ; "
        f"in row {row + 1} expected {old.iloc[row]}, got {new.iloc[row]}"
    )
