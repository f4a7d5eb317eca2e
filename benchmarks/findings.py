"""The tables of docs/findings.md from results/: python -m benchmarks.findings."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd
from ecglens.report import style

from .findings_words import (
    ALL,
    CHOICES,
    OF_BENDER,
    RAW,
    SHOWN,
    STATEMENTS,
    TARGETS,
    VERDICTS,
)
from .page import exchange, lines

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "findings.md"
RESULTS = ROOT / "results" / "storas" / "laptop"
Row = Mapping[str, Any]


def tables(results: Path) -> dict[str, str]:
    """Every table of the page in Markdown, from the CSV files of a reproduction."""
    made: Mapping[str, Callable[[Path], Sequence[Sequence[str]]]] = {
        "errors": errors,
        "areas": areas,
        "conclusions": conclusions,
        "order": order,
        "options": options,
        "units": units,
        "choices": choices,
        "templates": templates,
        "bender": bender,
    }
    each = {name: make(results) for name, make in made.items()}
    return {name: "\n".join(lines(rows[0], rows[1:])) for name, rows in each.items()}


def errors(results: Path) -> list[list[str]]:
    """Mean absolute error of each network beside that of the published code."""
    rows = [["Target", "Input", "MAE of each network", "published code", "ratio"]]
    for (target, given), own in _grouped(_read(results / "errors.csv"), "target", "input"):
        mae = _joined((row["mae"] for row in own), 1)
        ratio = _joined((row["mae_ratio"] for row in own), 2)
        printed = _number(own[0]["mae_printed"], 1)
        rows.append([f"{TARGETS[target]}, {own[0]['unit']}", given, mae, printed, ratio])
    return rows


def areas(results: Path) -> list[list[str]]:
    """Area of each method on median beats, with its class, beside the printed one."""
    rows = [["Method", *TARGETS.values()]]
    for (method,), own in _grouped(_read(results / "table-4-median.csv"), "method"):
        of = {row["target"]: row for row in own if not isnan(row["printed"])}
        if of:
            rows.append([style(method).label, *(_area(of.get(target)) for target in TARGETS)])
    return rows


def conclusions(results: Path) -> list[list[str]]:
    """Share of universes in which each statement holds, by chance in brackets.

    A star: it does not hold in the universe of the published code.
    """
    of = {(row["conclusion"], row["target"]): row for row in _read(results / "survival.csv")}
    rows = [["The article says", *TARGETS.values()]]
    for name, words in STATEMENTS.items():
        if (name, ALL) in of:
            cells = [_survives(of[name, ALL]), *[""] * (len(TARGETS) - 1)]
            rows.append([f"{words} (all targets together)", *cells])
        elif any(known == name for known, _ in of):
            rows.append([words, *(_survives(of.get((name, target))) for target in TARGETS)])
    return rows


def order(results: Path) -> list[list[str]]:
    """Spearman ρ of the areas with Table 4, of all networks, of each and with each other."""
    whole = {row["target"]: row for row in _of_medians(results / "order.csv")}
    each = _of_medians(results / "order-networks.csv")

    def joined(printed: bool) -> list[str]:
        own = [row for row in each if (row["beside"] == "printed") == printed]
        return [_joined((row["rho"] for row in own if row["target"] == t), 2) for t in TARGETS]

    def of(target: str) -> str:
        rho, low, high = (_number(whole[target][name], 2) for name in ("rho", "low", "high"))
        return f"{rho} [{low}, {high}]"

    return [
        ["Spearman ρ", *TARGETS.values()],
        ["Table 4, all networks [95 %]", *map(of, TARGETS)],
        ["Table 4, each network", *joined(True)],
        ["networks with each other", *joined(False)],
        ["lowest Kendall τ of a cut-off", *(_number(whole[t]["kendall"], 2) for t in TARGETS)],
    ]


def options(results: Path) -> list[list[str]]:
    """ρ with Table 4 over the universes of each outcome and network: mean [lowest, highest]."""
    table = [row for row in _read(results / "options.csv") if row["choice"] in SHOWN]
    rows = [["Universes of", *TARGETS.values()]]
    for (choice, option), own in _grouped(table, "choice", "option"):
        of = {row["target"]: row for row in own}
        cells = []
        for target in TARGETS:
            rho, low, high = (_number(of[target][name], 2) for name in ("rho", "lowest", "highest"))
            cells.append(f"{rho} [{low}, {high}]")
        rows.append([f"{choice} {option}", *cells])
    return rows


def units(results: Path) -> list[list[str]]:
    """Areas on a network in raw units beside those of the laptop scale, with their classes."""
    raw = _read(results.parent / "raw_units.csv")
    ours = {
        (row["target"], row["method"]): row for row in _of_medians(results / "table-4-median.csv")
    }
    rows = [
        ["Method", *(f"{TARGETS[t]}, {how}" for t in RAW for how in ("mV", "raw µV", "printed"))]
    ]
    for (method,), own in _grouped(raw, "method"):
        cells = [
            cell
            for row in own
            for cell in (
                _classed(ours[row["target"], method]["auc"], ours[row["target"], method]["class"]),
                _classed(row["value"], row["tier"]),
                _number(row["printed"], 2),
            )
        ]
        if not isnan(own[0]["printed"]):
            rows.append([style(method).label, *cells])
    return rows


def choices(results: Path) -> list[list[str]]:
    """Total effect of each choice on the places, and on ρ with Table 4 after a stroke."""
    of = {(row["choice"], row["target"]): row for row in _read(results / "split.csv")}
    rows = [["Choice", *TARGETS.values()]]
    for name, words in CHOICES.items():
        every = [of[name, target] for target in TARGETS]
        both = [(row["places_total"], row["rho_total"]) for row in every]
        rows.append([words, *(_joined(each, 2) for each in both)])
    return rows


def templates(results: Path) -> list[list[str]]:
    """Level of the null ladder; shares of other patients' maps in the own area above random."""
    table = _of_medians(results / "templates.csv")
    targets = [target for target in TARGETS if any(row["target"] == target for row in table)]
    rows = [["Method", *(TARGETS[name] for name in targets)]]
    for (method,), own in _grouped(table, "method"):
        of = {row["target"]: row for row in own}
        rows.append([style(method).label, *(_shares(of[target]) for target in targets)])
    return rows


def bender(results: Path) -> list[list[str]]:
    """Methods in the unit of the output by verdict, for each finding of Bender 2023 and network."""
    rows = [["Bender 2023 says", "Class", "Learned from", *VERDICTS]]
    for name, words in OF_BENDER.items():
        path = results.parents[1] / "bender" / "laptop" / f"{name}-verdicts.csv"
        for row in (one for one in _read(path) if one["map"] == "contribution"):
            counts = [f"{row.get(verdict, 0):.0f}" for verdict in VERDICTS]
            at = [row["explained"].upper(), f"{row['learned from']:.0f}"]
            rows.append([words, *at, *counts])
    return rows


def _read(path: Path) -> list[dict[str, Any]]:
    return pd.read_csv(path).to_dict("records")


def _of_medians(path: Path) -> list[dict[str, Any]]:
    return [row for row in _read(path) if row["input"] == "median"]


def _grouped(rows: Iterable[Row], *names: str) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
    """Rows with the same values of these columns, in the order of their first rows."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in names), []).append(row)
    yield from groups.items()


def _area(row: Row | None) -> str:
    if row is None:
        return ""
    return f"{_classed(row['auc'], row['class'])} ({_number(row['printed'], 2)})"


def _classed(area: float, tier: float) -> str:
    return _number(area, 2) + ("" if isnan(tier) else f", {tier:.0f}")


def _survives(row: Row | None) -> str:
    if row is None:
        return ""
    chance = "" if isnan(row["chance"]) else f" ({100 * row['chance']:.0f} %)"
    return f"{100 * row['holds']:.0f} %{chance}{'*' if row['published'] == 0 else ''}"


def _shares(row: Row) -> str:
    shares = [row[each] for each in ("mean_of_others", "another_patient", "target_prior")]
    return f"{row['level']:.0f}; {'–' if all(map(isnan, shares)) else _joined(shares, 2)}"


def _joined(values: Iterable[float], digits: int) -> str:
    own = [*values]
    return "–" if all(map(isnan, own)) else " / ".join(_number(each, digits) for each in own)


def _number(value: float, digits: int) -> str:
    return "–" if isnan(value) else f"{value:.{digits}f}".replace("-", "−")


if __name__ == "__main__":
    exchange(PAGE, tables(RESULTS))
