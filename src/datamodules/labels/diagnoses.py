"""Diagnoses of prepared ECGs, 1, 0 or unknown, from the codes that came with them."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from ..preparation.table import TEXT
from .diagnosis_codes import CODINGS, DIAGNOSES, Coding, Rule

# Likelihood (%) below which a statement is neither yes nor no.
LIKELY = 50.0
UNLIKELY = 0.5  # between not stated and stated
Values = Float[np.ndarray, " row"]


def diagnoses(table: pd.DataFrame, names: Sequence[str]) -> Float[np.ndarray, "row class"]:
    """A column for each name: 1, 0, or NaN where it is unknown.

    A column of the table with that name is taken as it is; any other name is derived from the codes
    by the tables of `diagnosis_codes`. Raises ValueError when no diagnosis of any ECG is known.
    """
    y = np.column_stack([_diagnosis(table, name) for name in names])
    if np.isnan(y).all():
        known = ", ".join(known_diagnoses(table)) or "none"
        raise ValueError(
            f"expected ECGs with a diagnosis of {', '.join(names)}, got those of these ECGs: "
            f"{known}; name them in target.classes, take target=column for another label, or, of "
            "data=exact, data.kinds with more than sinus"
        )
    return y


def known_diagnoses(table: pd.DataFrame) -> list[str]:
    """Diagnoses of the vocabulary for which these ECGs have labels."""
    return [name for name in DIAGNOSES if not np.isnan(_diagnosis(table, name)).all()]


def coding_of(table: pd.DataFrame) -> Coding | None:
    """Coding system of these ECGs; None without diagnoses."""
    return next((coding for coding in CODINGS if columns_of(coding, table)), None)


def coded(table: pd.DataFrame) -> Bool[np.ndarray, " row"]:
    """Which ECGs came with any code, including 0."""
    coding = coding_of(table)
    if coding is None:
        return np.zeros(len(table), bool)
    return np.asarray(table[columns_of(coding, table)].notna().any(axis=1))


def _diagnosis(table: pd.DataFrame, name: str) -> Values:
    if name in table and name not in TEXT:
        return table[name].to_numpy(float)
    coding = coding_of(table)
    rule = coding.rules.get(name) if coding else None
    if coding is None or rule is None:
        return np.full(len(table), np.nan)
    return _ruled(table, coding, rule)


def _ruled(table: pd.DataFrame, coding: Coding, rule: Rule) -> Values:
    said = _most(table, coding, rule.yes.split())
    y = np.where(said == UNLIKELY, np.nan, said)
    y[(y == 0) & (_most(table, coding, rule.maybe.split()) > 0)] = np.nan
    if rule.alone:
        codes = (name.removeprefix(coding.prefix) for name in columns_of(coding, table))
        others = [code for code in codes if code not in rule.yes.split()]
        y[(y == 1) & (_most(table, coding, others) > 0)] = 0
    y[_most(table, coding, rule.hidden_by.split()) > 0] = np.nan
    return y


def _most(table: pd.DataFrame, coding: Coding, codes: Iterable[str]) -> Values:
    """Maximum over these codes of 1, UNLIKELY or 0; NaN if none of them is ever used."""
    each = [_stated(table, coding, code) for code in codes if coding.prefix + code in table]
    return np.fmax.reduce([np.full(len(table), np.nan), *each])


def _stated(table: pd.DataFrame, coding: Coding, code: str) -> Values:
    stated = table[coding.prefix + code].to_numpy(float)
    likelihood = coding.likelihood + code
    if not coding.likelihood or likelihood not in table:
        return stated
    # NaN means that no likelihood was given: the statement counts.
    unlikely = (stated == 1) & (table[likelihood].to_numpy(float) < LIKELY)
    return np.where(unlikely, UNLIKELY, stated)


def columns_of(coding: Coding, table: pd.DataFrame) -> list[str]:
    """Columns of this coding system."""
    if coding.prefix:
        return [name for name in table if str(name).startswith(coding.prefix)]
    codes = " ".join(rule.yes for rule in coding.rules.values()).split()
    return [code for code in codes if code in table]
