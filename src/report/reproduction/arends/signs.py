"""Spearman's ρ of absolute and of signed maps, from the tables of the sanity evaluations."""

from collections.abc import Mapping

import pandas as pd
from pandas.api.types import is_float

from ....eval import Finding
from ....eval.evaluations.sanity import RESOLUTIONS, SIGNS
from ..experiments import headed, rho, with_interval

SIGNED = {
    "value": "signed", "low": "signed_low", "high": "signed_high", "other_ecg": "signed_other_ecg",
}  # fmt: skip


def by_sign(rows: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """The rows of single samples, of absolute and of signed maps."""
    samples = rows.loc[rows["scale"] == RESOLUTIONS[0].scale]
    return {sign: samples.loc[samples["sign"] == sign] for sign in SIGNS}


def with_signed(finding: Finding) -> pd.DataFrame:
    """The table of the finding, which has absolute maps, with ρ of signed ones beside."""
    rows = by_sign(finding.details["resolutions"])["signed"]
    signed = headed(rows, {"method": "method", **SIGNED})
    return finding.table.merge(signed, on="method", how="left", validate="one_to_one")


def rhos_with_intervals(table: pd.DataFrame, name: str, start: str) -> list[str]:
    """ρ of each row with its interval, of the columns `name`, `start`low and `start`high."""
    ends = zip(table[name], table[f"{start}low"], table[f"{start}high"], strict=True)
    return [with_interval(*row, rho) for row in ends]


def shown_rhos(table: pd.DataFrame) -> pd.DataFrame:
    """The table with every ρ to two decimals."""
    return table.map(lambda cell: rho(cell) if is_float(cell) else cell)


def low_to_high(table: pd.DataFrame, name: str) -> str:
    """The smallest and the largest ρ of a column; a dash where there is none."""
    low, high = rho(float(table[name].min())), rho(float(table[name].max()))
    return low if low == high else f"{low} to {high}"
