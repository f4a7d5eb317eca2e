"""Figures of a data sheet: dose and response, and its two pages for print."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
from ecglens.report import GREY, INK, PALETTE, RULE, TYPE
from ecglens.report.figures import quiet
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .words import printed, upper_first

WIDTH, ROW = 7.0, 1.75  # inches: a journal's page, and a row of curves
ABREAST = 3
NAME = 30  # letters that a third of WIDTH has room for in a legend


def gains_figure(
    tables: Mapping[str, pd.DataFrame],
    drawn: Sequence[tuple[str, str]],
    own: Collection[str],
    unit: str,
) -> Figure | None:
    """A curve with its band for each dose and output `drawn`, of each measurement by its words.

    The tables are those of a Measurement. All panels have one range of responses; a dotted line is
    a gain of 1 for doses that are the network's `own`. None where nothing was measured.
    """
    if not drawn:
        return None
    rows = -(-len(drawn) // ABREAST)
    figure = Figure(figsize=(WIDTH, 0.4 + ROW * rows), dpi=150, layout="constrained")
    grid = figure.subplots(rows, ABREAST, squeeze=False, sharey=True)
    _panels(grid, tables, drawn, own, unit)
    if named := _legend(grid[0, 0], tables):
        figure.legend(loc="outside lower center", **named)
    return figure


def _legend(axes: Axes, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Settings of a legend with a line for each measurement; none where there is one alone."""
    if len(tables) < 2:
        return {}
    for place, words in enumerate(tables):
        axes.plot([], [], color=PALETTE[place % len(PALETTE)], label=words)
    columns = 3 if max(map(len, tables)) <= NAME else 2
    return {"ncols": columns, "frameon": False, "fontsize": 8, "labelcolor": INK}


def _panels(
    grid: np.ndarray,  # of Axes
    tables: Mapping[str, pd.DataFrame],
    drawn: Sequence[tuple[str, str]],
    own: Collection[str],
    unit: str,
) -> None:
    """A panel for each dose and output; axes without one are removed."""
    several = len({output for _, output in drawn}) > 1
    for axes, (name, output) in zip(grid.flat, drawn, strict=False):
        for place, table in enumerate(tables.values()):
            of_dose = table.loc[(table["change"] == name) & (table["output"] == output)]
            _curve(axes, of_dose.dropna(subset=["response"]), PALETTE[place % len(PALETTE)])
        if name in own:
            low, high = axes.get_xlim()
            axes.plot([low, high], [low, high], ":", color=GREY, linewidth=0.9, zorder=1)
            axes.set_xlim(low, high)
        axes.axhline(0, color=RULE, linewidth=0.7, zorder=0)
        axes.axvline(0, color=RULE, linewidth=0.7, zorder=0)
        quiet(axes, upper_first(printed(name)) + (f" · {output}" if several else ""), 8.5)
        first = next(iter(tables.values()))
        axes.set_xlabel(first.loc[first["change"] == name, "unit"].iloc[0], fontsize=8, **TYPE)
    for axes in grid.flat[len(drawn) :]:
        axes.remove()
    for axes in grid[:, 0]:
        axes.set_ylabel(f"reading{f', {unit}' if unit else ''}", fontsize=8, **TYPE)


def _curve(axes: Axes, rows: pd.DataFrame, colour: str) -> None:
    """Mean responses at the measured doses, through no response at no dose."""
    measured = rows[["measured", "response", "low", "high"]].to_numpy(float)
    points = np.append(measured, np.zeros((1, 4)), axis=0)
    x, value, low, high = points[points[:, 0].argsort()].T
    axes.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0)
    axes.plot(x, value, "o-", color=colour, markersize=2.8, linewidth=1.3)


A4, MARGIN, LINE = (8.27, 11.69), 0.06, 0.0125  # inches; shares of the width and of the height
ACROSS = 128  # characters of 8 points between the margins
HEAD = 20  # characters over a column of the matrix
NUMBERS = ("left", "right", "right")  # sides of a name and two numbers
WRONG = "Not measurable here:"


def pages(
    said: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    drawn: Sequence[tuple[str, str]],
    own: Collection[str],
) -> Iterator[Figure]:
    """Pages of A4 with what a sheet says (the values of its template): sentences, then tables."""
    figure, y = Figure(figsize=A4), 0.955
    y = _text(figure, y, [said["title"]], 15)
    y = _text(figure, y - LINE, wrap(said["answer"], 92), 11)
    y = _text(figure, y, [line for each in said["reads"] for line in wrap(" ".join(each), ACROSS)])
    if drawn:
        rows = -(-len(drawn) // ABREAST)
        end = y - 0.14 * rows - 0.02
        grid = figure.add_gridspec(
            rows, ABREAST, left=0.09, right=0.97, top=y - 0.03, bottom=end, hspace=0.75, wspace=0.15
        ).subplots(squeeze=False, sharey=True)
        _panels(grid, tables, drawn, own, said["unit"])
        if named := _legend(grid[0, 0], tables):
            figure.legend(loc="lower center", bbox_to_anchor=(0.5, end - 0.06), **named)
        y = end - 0.07
    lines = [f"{each['said']} {each['notes']}{'.' * bool(each['notes'])}" for each in said["lines"]]
    whole = [part for line in [said["holds"], *lines] if line for part in _hanging(line)]
    for at in range(0, max(len(whole), 1), room := int((y - 0.04) / LINE)):
        if at:
            yield figure
            figure, y = Figure(figsize=A4), 0.955
        _text(figure, y, whole[at : at + room])
    yield figure
    yield _tables(said)


def _tables(said: Mapping[str, Any]) -> Figure:
    """Page of the matrix, the disturbances and faults, and the limits."""
    figure, y = Figure(figsize=A4), 0.955
    of = f" ({said['unit']})" if said["unit"] else ""
    signs = "in brackets: none shown; bent: no one gain"
    heading = f"Change of the reading{of} by one step of each dose ({signs})"
    y = _text(figure, y, [heading], 10.5)
    heads = [wrap(each, HEAD) for each in said["columns"]]
    deep = max(map(len, heads))
    rows = [
        ["", *(each[row] if row < len(each) else "" for each in heads), WRONG if not row else ""]
        for row in range(deep)
    ]
    for row in said["matrix"]:
        cells = [_told(cell) for cell in row["cells"]]
        rows.append([upper_first(row["name"]), *cells, row["disagrees"]])
    columns = len(heads)
    places = [MARGIN, *np.linspace(0.36, min(0.36 + 0.15 * (columns - 1), 0.66), columns)]
    sides = ["left", *["right"] * columns, "left"]
    y = _rows(figure, y, rows, [*places, places[-1] + 0.03], sides)
    y -= LINE
    half = y
    for place, (name, each) in enumerate(said["disturbances"]):
        left = MARGIN + place * 0.47
        rows = [[f"{name}, at each size", "half move by", "1 in 20 by more"]]
        rows += [[f"{row['name']} {row['dose']}"[:46], row["median"], row["most"]] for row in each]
        half = min(half, _rows(figure, y, rows, [left, left + 0.31, left + 0.44], NUMBERS, 6))
    y = _text(figure, half - LINE, ["Limits"], 10.5)
    _text(figure, y, [part for line in said["limits"] for part in _hanging(line)], 7)
    return figure


def _told(cell: Mapping[str, Any]) -> str:
    return cell["text"] if cell["shown"] or cell["depth"] is None else f"({cell['text']})"


def _hanging(line: str) -> list[str]:
    return wrap(line, ACROSS, initial_indent="• ", subsequent_indent="   ")


def _text(figure: Figure, y: float, lines: Sequence[str], size: float = 8) -> float:
    """Lines from this height down; the height below them."""
    for line in lines:
        figure.text(MARGIN, y, line, fontsize=size, va="top", **TYPE)
        y -= LINE * max(1.0, size / 8)
    return y


def _rows(
    figure: Figure,
    y: float,
    rows: Sequence[Sequence[str]],
    places: Sequence[float],
    sides: Sequence[str],
    size: float = 7,
) -> float:
    """Rows of cells at these places, each on its side; the height below them."""
    for row in rows:
        for number, (place, cell) in enumerate(zip(places, row, strict=True)):
            figure.text(place, y, cell, fontsize=size, va="top", ha=sides[number], **TYPE)
        y -= LINE * size / 7.2
    return y
