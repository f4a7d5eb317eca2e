"""Numbers that a study printed."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import pandas as pd

STORAS = "storas2025"  # the protocol of Storås 2025
RANDOM = "random"  # the control that every area is compared with
ABSTRACT = "The abstract: “{}”."
PRINTED_UNTIL = 15  # the one cut-off of Storås 2025, Table 4

# Numbers of Storås 2025 are of median beats that Pulse2Pulse generated.
PRINTED_INPUT, PRINTED_SOURCE = "median", "deepfake"


@cache
def printed_auc() -> Mapping[str, Mapping[str, float]]:
    """AUC-15 of each method by target: Storås 2025, Table 4, median beats."""
    return _table("storas2025_auc.csv").set_index("method").to_dict()


@cache
def printed_errors() -> Mapping[str, Mapping[str, float]]:
    """Mean absolute error and RMSE by target in ms, µV or beats per minute, on median beats.

    From the published code of Storås 2025.
    """
    return _table("storas2025_errors.csv").set_index("target").T.to_dict()


@cache
def printed_votes(heatmaps: Literal["full", "averaged"]) -> Mapping[str, Mapping[str, int]]:
    """Votes of the experts for each method by target, of 306: Storås 2025, Table 2."""
    table = _table("storas2025_votes.csv")
    return table.loc[table["map"] == heatmaps].drop(columns="map").set_index("method").to_dict()


@cache
def printed_kappa() -> Mapping[str, Mapping[str, float]]:
    """Cohen's κ between the experts by target, and in total: Storås 2025, Table 3."""
    return _table("storas2025_kappa.csv").set_index("target").T.to_dict()


@cache
def printed_methods() -> Mapping[str, Mapping[str, str]]:
    """Requirements of each method: Storås 2025, Table 1."""
    return _table("storas2025_methods.csv").fillna("").set_index("method").T.to_dict()


@cache
def printed_arends() -> Mapping[str, Mapping[str, Any]]:
    """Words and numbers in the abstract of Arends 2026, by quantity, and one by `similarity`."""
    rows = _table("arends2026.csv").to_dict("records")
    return {
        "similarity" if row["experiment"] == "similarity" else str(row["quantity"]): row
        for row in rows
    }


@cache
def printed_bender() -> Mapping[str, str]:
    """Words of the abstract of Bender 2023, by finding."""
    return _table("bender2023.csv").set_index("finding")["words"].to_dict()


def _table(name: str) -> pd.DataFrame:
    with (files("ecglens_reproductions") / "published" / name).open(encoding="utf-8") as found:
        return pd.read_csv(found)
