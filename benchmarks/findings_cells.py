"""Rows and cells of the tables that docs/findings.md has."""

from collections.abc import Iterable, Iterator, Mapping
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

Row = Mapping[str, Any]


def read(path: Path) -> list[dict[str, Any]]:
    """The rows of a CSV file."""
    return pd.read_csv(path).to_dict("records")


def of_medians(path: Path) -> list[dict[str, Any]]:
    """The rows of a CSV file that are of median beats."""
    return [row for row in read(path) if row["input"] == "median"]


def grouped(rows: Iterable[Row], *names: str) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
    """Rows with the same values of these columns, in the order of their first rows."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in names), []).append(row)
    yield from groups.items()


def classed(area: float, tier: float) -> str:
    """An area with its class."""
    return number(area, 2) + ("" if isnan(tier) else f", {tier:.0f}")


def joined(values: Iterable[float], digits: int) -> str:
    """Numbers with strokes between; a dash for none."""
    own = [*values]
    return "–" if all(map(isnan, own)) else " / ".join(number(each, digits) for each in own)


def number(value: float, digits: int) -> str:
    """A number with this many decimals; a dash for none."""
    return "–" if isnan(value) else f"{value:.{digits}f}".replace("-", "−")
