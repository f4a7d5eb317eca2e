"""The findings of a study as parts: their views' figures, and tables of a column per class."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isnan
from numbers import Integral

import pandas as pd

from ...eval import Finding
from ..style import style
from ..text.numerals import NOTHING, counted, fixed, number
from ..views.view import View
from ..views.views import views
from .part import Drawing

# On the page of a study that reads atrial fibrillation from a single beat.
FIBRILLATION = (
    "On a median beat atrial fibrillation is the absence of a P wave: the irregular rhythm cannot "
    "be seen."
)


def of_evaluation(findings: Sequence[Finding], name: str) -> list[Finding]:
    """Those of an evaluation that was made, without curves."""
    return [each for each in findings if each.about.evaluation == name and not each.reason]


def drawings(findings: Sequence[Finding], figures: Sequence[str]) -> tuple[Drawing, ...]:
    """The figures of these names of every finding, as its view draws them."""
    return drawings_of(views(findings), figures)


def drawings_of(found: Iterable[View], figures: Sequence[str]) -> tuple[Drawing, ...]:
    """The figures of these names of every view, with their data in the caption."""
    every: list[Drawing] = []
    for view in found:
        data = of_data(learned(view.finding))
        for name, figure in view.figures.items():
            if name.startswith(tuple(figures)):
                caption = f"{view.title_of(name)} · {data}. {view.caption(name)}"
                key = f"{view.key}-{name}".replace(" ", "-")
                every.append(Drawing(key, caption, figure))
    return tuple(every)


def explained(finding: Finding) -> str:
    """The class whose logit is explained, or the target."""
    return (
        finding.about.target.explained
        if finding.about.target.classes
        else finding.about.target.name
    )


def learned(finding: Finding) -> dict[str, object]:
    """The data, and the number of ECGs that the network learned from: columns of a table."""
    facts = finding.about.facts()
    return {"data": facts.get("source", ""), "learned from": facts.get("train")}


def of_data(row: Mapping[str, object]) -> str:
    """The data and the number of ECGs that the network learned from, in words."""
    data, train = row["data"] or "unnamed ECGs", row["learned from"]
    return f"{data}, {train} training ECGs" if isinstance(train, Integral) else str(data)


def asked(findings: Sequence[Finding]) -> str:
    """Numbers of ECGs and networks of each finding, such as "64 ECGs, 5 networks"."""
    of = [(len(each.about.records), len(each.about.networks)) for each in findings]
    ecgs, networks = zip(*of, strict=True)
    return f"{_from_to(ecgs, 'ECG')}, {_from_to(networks, 'network')}"


def with_interval(
    value: float, low: float, high: float, written: Callable[[float], str] = number
) -> str:
    """A number and the ends of its interval in brackets; a dash for NaN."""
    return f"{written(value)} [{written(low)}, {written(high)}]" if not isnan(value) else NOTHING


def rho(value: float) -> str:
    """ρ with two decimals."""
    return fixed(value, 2)


def headed(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """These columns of the table under their heads."""
    return pd.DataFrame({head: table[name] for name, head in columns.items()})


def labelled(table: pd.DataFrame) -> pd.DataFrame:
    """The table with the printed names of the methods."""
    return table.assign(method=[style(name).label for name in table["method"]])


def _from_to(counts: Sequence[int], noun: str) -> str:
    low, high = min(counts), max(counts)
    return counted(low, noun) if low == high else f"{low} to {counted(high, noun)}"
