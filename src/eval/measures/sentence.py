"""The answer of a panel in words."""

from collections.abc import Sequence

import pandas as pd

from .measure import Measure


def who_beats_the_controls(measures: Sequence[Measure], table: pd.DataFrame) -> str:
    """For each measure that orders methods, those that are better than every control, best first.

    `table` is that of a Panel; the names in it are the methods' own.
    """
    told = []
    for measure in measures:
        if measure.higher_is_better is not None:
            rows = table.loc[table["measure"] == measure.name]
            passed = rows.loc[rows["beats_controls"].fillna(False).to_numpy(bool)]
            ordered = passed.sort_values(
                "value", ascending=not measure.higher_is_better, kind="stable"
            )
            none = "no method" if rows["beats_controls"].notna().any() else "cannot be said"
            told.append(f"{measure.label}: {', '.join(ordered['method']) or none}")
    return f"Better than every control by {'; '.join(told)}." if told else ""
