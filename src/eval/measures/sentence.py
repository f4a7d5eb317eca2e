"""The answer of a table in words."""

from collections.abc import Sequence

import pandas as pd

from .measure import Measure

# More names than these are counted: the table has them all.
NAMED = 3


def who_beats_the_controls(measures: Sequence[Measure], table: pd.DataFrame) -> str:
    """Sentence on the methods better than every control, by all measures and by at least one.

    Measures that order no methods describe. `table` is that of a Finding; the names in it are the
    methods' own.
    """
    ordering = [each for each in measures if each.higher_is_better is not None]
    if not ordering:
        return "The measures describe maps: no value is better than another."
    beats = beats_by_measure(ordering, table)
    decided = [each.label for each in ordering if each.name in beats]
    if not decided:
        return "It cannot be said which methods are better than every control."
    left = len(ordering) - len(decided)
    open_ = f"; by {left} other{'s' if left > 1 else ''} it cannot be said" if left else ""
    by_all, by_some = ([*beats.index[rows]] for rows in (beats.all(axis=1), beats.any(axis=1)))
    if not by_some:
        return f"No method is better than every control by {_of(decided, 'any', 'or')}{open_}."
    by = _of(decided, "all", "and")
    if not by_all:
        some = _who(by_some, len(beats))
        return f"No method is better than every control by {by}; {some} by at least one{open_}."
    be = "is" if len(by_all) == 1 else "are"
    more = f"; {_who(by_some, len(beats))} by at least one" if len(by_some) > len(by_all) else ""
    return f"{_who(by_all, len(beats))} {be} better than every control by {by}{more}{open_}."


def beats_by_measure(measures: Sequence[Measure], table: pd.DataFrame) -> pd.DataFrame:
    """Whether each method is better than every control, by method and measure.

    Has the methods and measures that can be compared; a method without a number is not better.
    """
    names = [each.name for each in measures if each.higher_is_better is not None]
    rows = table.loc[table["measure"].isin(names)].dropna(subset=["beats_controls"])
    found = rows.pivot(index="method", columns="measure", values="beats_controls")
    return found.reindex(rows["method"].unique()).fillna(False).astype(bool)


def _of(labels: Sequence[str], whole: str, joined: str) -> str:
    """Up to two measures by their labels, more of them counted."""
    return f" {joined} ".join(labels) if len(labels) < 3 else f"{whole} {len(labels)} measures"


def _who(methods: Sequence[str], compared: int) -> str:
    if len(methods) > NAMED:
        return f"{len(methods)} of {compared} methods"
    *first, last = methods
    return f"{', '.join(first)} and {last}" if first else last
