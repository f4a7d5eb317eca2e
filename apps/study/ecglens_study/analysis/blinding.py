"""Blinding index: how often experts knew which method drew a map."""

import numpy as np
import pandas as pd

from ..ballots import UNKNOWN


def blinding_table(guesses: pd.DataFrame, methods: int) -> pd.DataFrame:
    """One row per method: guesses, right, unknown (numbers) and the index.

    The index of Bang 2004 for an arm is (2r − 1) times the share of experts who guessed, r the
    share of right guesses among them: 0 for guesses by chance, 1 if everyone knows. With `methods`
    arms instead of two it is (m·r − 1)/(m − 1) times that share [ours]. NaN if nobody guessed.
    Raises ValueError for fewer than 2 methods.
    """
    if methods < 2:
        raise ValueError(f"expected at least 2 methods to guess from, got {methods}")
    rows = []
    for method, own in guesses.groupby("method", sort=False):
        unknown = int((own["guess"] == UNKNOWN).sum())
        right, known = int((own["guess"] == method).sum()), len(own) - unknown
        index = (methods * right / known - 1) / (methods - 1) if known else np.nan
        rows.append(
            {
                "method": method,
                "guesses": len(own),
                "right": right,
                "unknown": unknown,
                "index": index * known / len(own),
            }
        )
    return pd.DataFrame(rows, columns=pd.Index(["method", "guesses", "right", "unknown", "index"]))
