"""Tables as CSV, beside the page."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from ..datamodules import Excluded
from ..store import csv_text, write_text


def write_table(table: pd.DataFrame, path: Path) -> Path:
    """Write a table as CSV with every digit its numbers have, without a formula."""
    return write_text(path, csv_text(table))


def excluded_table(excluded: Sequence[Excluded]) -> pd.DataFrame:
    """One row per ECG that was not used."""
    return pd.DataFrame(excluded, columns=pd.Index(["record", "reason"]))


def curves_table(curves: Mapping[str, Float[np.ndarray, " point"]]) -> pd.DataFrame:
    """One row per perturbed point, one column per method: the mean outcome."""
    table = pd.DataFrame(dict(curves))
    table.insert(0, "perturbed_points", np.arange(len(table)))
    return table
