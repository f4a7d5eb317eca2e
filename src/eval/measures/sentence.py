"""The answer of a table in words."""

from collections.abc import Sequence

import pandas as pd

from .measure import Measure

# More names than these are counted: the table has them all.
NAMED = 3


def who_beats_the_controls(measures: Sequence[Measure], table: pd.DataFrame) -> str:
    """Methods better than every control, best first, by measure that orders methods.

    Measures that order none describe. Of many the best three are named and all counted.
    `table` is that of a Finding; the names in it are the methods' own.
    """
    parts = []
    for measure in measures:
        if measure.higher_is_better is not None:
            rows = table.loc[table["measure"] == measure.name]
            passed = rows.loc[rows["beats_controls"].fillna(False).to_numpy(bool)]
            ordered = passed.sort_values(
                "value", ascending=not measure.higher_is_better, kind="stable"
            )
            compared = int(rows["beats_controls"].notna().sum())
            parts.append(f"by {measure.label} {_named([*ordered['method']], compared)}")
    if not parts:
        return "The measures describe maps: no value is better than another."
    return f"These methods are better than every control: {'; '.join(parts)}."


def _named(passed: Sequence[str], compared: int) -> str:
    if not passed:
        return "none" if compared else "it cannot be said"
    best = ", ".join(passed[:NAMED])
    return best if len(passed) <= NAMED else f"{len(passed)} of {compared} (best {best})"
