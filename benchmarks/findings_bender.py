"""What the laptop scale of Bender 2023 found, as tables of the docs."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path

from ecglens.report import style

from .findings_cells import Row, grouped, number, read

RISES, FALSE = "relevance-rises-with-the-output", "near-0-for-false-classifications"
WAVES = {"af": "p-waves-are-negative", "lbbb": "concordant-t-waves-are-negative"}
OF_BENDER = {
    RISES: "relevance rises with the output",
    FALSE: "relevance is near 0 in false classifications",
    WAVES["af"]: "P waves speak against AF",
    WAVES["lbbb"]: "concordant T waves speak against LBBB",
}
VERDICTS = ("holds", "holds, as the line does", "identity", "does not hold", "cannot be said")
READS, ERR = {"af": 554, "lbbb": 554}, {"af": 60, "lbbb": 32}  # ECGs that a network learned from


def verdicts(results: Path) -> list[list[str]]:
    """Methods in the unit of the output by verdict, for each finding and network."""
    rows = [["Bender 2023 says", "Class", "Learned from", *VERDICTS]]
    for name, words in OF_BENDER.items():
        for row in read(results / f"{name}-verdicts.csv"):
            if row["map"] == "contribution":
                counts = [f"{row.get(verdict, 0):.0f}" for verdict in VERDICTS]
                rows.append([words, row["explained"].upper(), str(row["learned from"]), *counts])
    return rows


def where_it_reads(results: Path) -> list[list[str]]:
    """Verdicts of each method on the network that makes no error."""
    heads = ["Method", "AF: rises", "AF: P waves", "LBBB: rises", "LBBB: concordant T"]
    names = (RISES, WAVES["af"], RISES, WAVES["lbbb"])
    return _of_networks(results, heads, names, READS)


def where_it_errs(results: Path) -> list[list[str]]:
    """Verdicts of each method on the networks that err."""
    of_af = ["AF: rises", "AF: false", "AF: P waves"]
    heads = [*of_af, "LBBB: rises", "LBBB: false", "LBBB: concordant T"]
    names = (RISES, FALSE, WAVES["af"], RISES, FALSE, WAVES["lbbb"])
    return _of_networks(results, ["Method", *heads], names, ERR)


def _of_networks(
    results: Path, heads: list[str], names: Sequence[str], learned: dict[str, int]
) -> list[list[str]]:
    cells: dict[str, list[str]] = {}
    for place, name in enumerate(names):
        label = "lbbb" if place >= len(names) / 2 else "af"
        rows = [row for row in read(results / f"{name}.csv") if row["kind"] == "method"]
        at = (label, learned[label])
        own = [row for row in rows if (row["explained"], row["learned from"]) == at]
        for (method,), (row,) in grouped(own, "method"):
            cells.setdefault(style(method).label, []).append(_said(name, row))
    return [heads, *([name, *own] for name, own in cells.items())]


def _said(name: str, row: Row) -> str:
    """The verdict, after its number where that has no unit."""
    if name in WAVES.values() or row["verdict"] == "identity" or isnan(row["value"]):
        return row["verdict"]
    return f"{number(row['value'], 2)}, {row['verdict']}"
