"""Parts of a study's page, and what their tables and figures share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from numbers import Integral
from typing import Any

import pandas as pd
from ecglens.eval import Finding
from ecglens.report import View, cells, evaluation_views, style, tabular
from ecglens.report.text import counted, fixed, number
from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers with every digit in NAME.csv; as `shown`, rounded, on the page and in NAME.tex."""

    name: str
    caption: str
    numbers: pd.DataFrame
    shown: pd.DataFrame | None = None  # left out: the numbers

    @property
    def heads(self) -> list[str]:
        """Names of the columns."""
        return [str(column) for column in self._frame.columns]

    @property
    def rows(self) -> list[list[str]]:
        """Every cell as text."""
        return cells(self._frame)

    @property
    def latex(self) -> str:
        """Table without its caption, for an article."""
        return tabular(self.heads, self.rows)

    @property
    def _frame(self) -> pd.DataFrame:
        return self.numbers if self.shown is None else self.shown


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure in NAME.pdf and NAME.png; one on ECG paper is a picture on the page too."""

    name: str
    caption: str
    figure: Figure
    on_paper: bool = False


@dataclass(frozen=True, eq=False)
class Section:
    """Section of the page."""

    title: str
    tables: tuple[Table, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    words: tuple[str, ...] = ()


# On the page of a study that reads atrial fibrillation from a single beat.
FIBRILLATION = (
    "On a median beat atrial fibrillation is the absence of a P wave: the irregular rhythm cannot "
    "be seen."
)


def of_evaluation(findings: Sequence[Finding], name: str) -> list[Finding]:
    """Findings of the evaluation of this name, without those that do not apply."""
    return [each for each in findings if each.about.evaluation == name and not each.reason]


def drawings(findings: Sequence[Finding], figures: Sequence[str]) -> tuple[Drawing, ...]:
    """Figures of these names of every finding, as its view draws them."""
    return drawings_of(evaluation_views(findings), figures)


def drawings_of(found: Iterable[View], figures: Sequence[str]) -> tuple[Drawing, ...]:
    """Figures of these names of every view, with their data in the caption."""
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
    """Class whose logit is explained, or the target."""
    target = finding.about.target
    return target.explained if target.classes else target.name


def learned(finding: Finding) -> dict[str, object]:
    """Data and number of training ECGs of the network, as columns of a table."""
    facts = finding.about.facts()
    return {"data": facts.get("source", ""), "learned from": facts.get("train")}


def of_data(row: Mapping[str, object]) -> str:
    """Data and number of training ECGs, in words."""
    data, train = row["data"] or "unnamed ECGs", row["learned from"]
    return f"{data}, {train} training ECGs" if isinstance(train, Integral) else str(data)


def asked(findings: Sequence[Finding]) -> str:
    """Numbers of ECGs and networks of each finding, such as "64 ECGs, 5 networks"."""
    of = [(len(each.about.records), len(each.about.networks)) for each in findings]
    ecgs, networks = zip(*of, strict=True)
    return f"{_from_to(ecgs, 'ECG')}, {_from_to(networks, 'network')}"


def metric(facts: Mapping[str, Any], name: str, explained: str = "") -> float:
    """A metric of a network on its test part, of a class where it has several; NaN if unknown."""
    fit = {key.removeprefix("test/"): value for key, value in facts.get("fit", {}).items()}
    several = any(key.endswith(f"/{explained}") for key in fit)
    return fit.get(f"{name}/{explained}" if several else name, nan)


def with_interval(
    value: float, low: float, high: float, written: Callable[[float], str] = number
) -> str:
    """A number and the ends of its interval in brackets; a dash for NaN."""
    if isnan(value):
        return written(value)
    return f"{written(value)} [{written(low)}, {written(high)}]"


def with_intervals(
    table: pd.DataFrame, name: str, start: str = "", written: Callable[[float], str] = number
) -> list[str]:
    """`with_interval` of each row, of the columns `name`, `start`low and `start`high."""
    ends = zip(table[name], table[f"{start}low"], table[f"{start}high"], strict=True)
    return [with_interval(*row, written) for row in ends]


def rho(value: float) -> str:
    """ρ with two decimals."""
    return fixed(value, 2)


def headed(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Columns of the table under their heads."""
    return pd.DataFrame({head: table[name] for name, head in columns.items()})


def labelled(table: pd.DataFrame) -> pd.DataFrame:
    """Table with the printed names of the methods."""
    return table.assign(method=[style(name).label for name in table["method"]])


def _from_to(counts: Sequence[int], noun: str) -> str:
    low, high = min(counts), max(counts)
    return counted(low, noun) if low == high else f"{low} to {counted(high, noun)}"
