"""The findings of Bender 2023 with the verdict of each method, and how many have which."""

from collections.abc import Sequence

import pandas as pd

from ....eval import Finding
from ...keys import unique_key
from ..experiments import headed, labelled, learned, with_interval
from ..part import Part, Table
from ..printed import ABSTRACT, printed_bender
from .maps import kind_of_map
from .outcomes import classes_of, outcomes_of

APART = (
    "Verdicts are counted for each network by the kind of map. Contributions are in the unit of "
    "the output, as relevance is. Slopes are gradients: their mean is no relevance, so that their "
    "verdicts do not speak about the study. Others are in neither unit."
)


def judged_parts(found: Sequence[Finding]) -> list[Part]:
    """A part for each finding of the study."""
    every = pd.concat([_of(each) for each in found], ignore_index=True)
    first, *others = dict.fromkeys(every["finding"])
    return [_said(every, first, APART), *(_said(every, name) for name in others)]


def _of(finding: Finding) -> pd.DataFrame:
    """The judged rows with the data, the kind of map and the number of ECGs by outcome."""
    rows = finding.details["findings"].assign(**learned(finding))
    rows["map"] = [kind_of_map(name) for name in rows["method"]]
    outcomes = {name: outcomes_of(finding, name) for name in classes_of(finding)}
    counts = [outcomes[name] for name in rows["explained"]]
    return rows.join(pd.DataFrame(counts, index=rows.index, dtype=object))


def _said(every: pd.DataFrame, name: str, *words: str) -> Part:
    rows = every.loc[every["finding"] == name]
    ends = zip(rows["value"], rows["low"], rows["high"], strict=True)
    shown = labelled(rows).assign(estimate=[with_interval(*row) for row in ends])
    columns = {
        "method": "method", "map": "map", "explained": "class", "data": "data",
        "learned from": "learned from", "ecgs": "ECGs", "estimate": "value [95 %]", "line": "line",
        "verdict": "verdict", "TP": "TP", "FP": "FP", "TN": "TN", "FN": "FN",
    }  # fmt: skip
    caption = (
        "The number that is judged with its interval, the line it is judged against, and the "
        "verdict (docs/relevance.md). ECGs: those that the number is about. A dash in TP, FP, TN "
        "or FN: too few ECGs for a mean."
    )
    key = unique_key(name, ())
    tables = (
        _counts(rows, key),
        Table(key, caption, rows, headed(shown, columns)),
    )
    return Part(name, tables, (), (ABSTRACT.format(printed_bender()[name]), *words))


def _counts(rows: pd.DataFrame, key: str) -> Table:
    """Methods with each verdict by network, class and kind of map."""
    own = rows.loc[rows["kind"] == "method"]
    groups = ["data", "learned from", "explained", "map"]
    counts = own.groupby([*groups, "verdict"], sort=False, dropna=False).size()
    table = counts.unstack("verdict", fill_value=0).reset_index()
    table.insert(len(groups), "methods", table.drop(columns=groups).sum(axis=1))
    caption = "Methods with each verdict."
    shown = table.rename(columns={"explained": "class"})
    return Table(f"{key}-verdicts", caption, table, shown)
