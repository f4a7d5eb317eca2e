"""The sheet that a picture of a Concepts page is drawn on, laid out in millimetres."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from textwrap import fill

import numpy as np
from ecglens.ecg import FS_HZ, LEADS, R_INDEX
from ecglens.report.figures.ecg import draw_key
from ecglens.report.figures.paper import lay_out
from ecglens.report.style import TYPE
from ecglens_paper.figures.panels import SPEED, Panel, Scale, Trace, draw_panel
from jaxtyping import Shaped
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

WIDTH = 160.0  # mm of a page of the docs
DPI = 190  # 1197 pixels: at most 1200, and a page of the site shows 700
KEY = 8.0  # mm that a colour key leaves free at its right
MM = 1 / 25.4  # inches
NAMES, HEAD, LINE = 25.0, 6.5, 3.4  # mm of a grid: names of rows, title, a line of heads
LETTERS = 13  # of a name
COLOURS = 256  # as many as a palette holds; 70 kB at most
MICROVOLT = 1e-3  # mV
SHOWN = slice(100, 475)  # samples of a median beat: −300 to 450 ms, from before P to after T


class Page:
    """A figure of WIDTH whose parts are placed in mm from its top left corner."""

    def __init__(self, height: float) -> None:
        self.height = height
        self.figure = Figure(figsize=(WIDTH * MM, height * MM), dpi=DPI, facecolor="white")
        self.sheet = self.figure.add_axes((0.0, 0.0, 1.0, 1.0))
        self.sheet.set(xlim=(0.0, WIDTH), ylim=(height, 0.0))
        self.sheet.axis("off")

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes of this place and size."""
        place = (
            left / WIDTH,
            1 - (top + height) / self.height,
            width / WIDTH,
            height / self.height,
        )
        return self.figure.add_axes(place)

    def write(self, left: float, down: float, text: str, size: float = 8.0, **how: object) -> None:
        """A line of text whose middle is `down`; `size` in points."""
        self.sheet.text(left, down, text, fontsize=size, **{"va": "center", **TYPE, **how})

    def ecg(self, top: float, panel: Panel, left: float = 0.0) -> Axes:
        """The panel on paper from `left` to the right end; its axes are in mm of the ECG."""
        zoom = (WIDTH - left) / panel.sheet.width
        axes = self.axes(left, top, WIDTH - left, panel.sheet.height * zoom)
        draw_panel(axes, panel, Scale(FS_HZ, R_INDEX - SHOWN.start, signed=False), zoom)
        speed = SPEED.replace(", ", "\n")
        axes.text(1.0, panel.sheet.height - 2.5, speed, fontsize=6, va="center", **TYPE)
        return axes

    def key(self, down: float) -> None:
        """The colour key at the right; maps are drawn by size, without sign."""
        draw_key(self.sheet, WIDTH + KEY, signed=False, middle=down)
        self.sheet.set(xlim=(0.0, WIDTH))


def save(figure: Figure, path: Path) -> None:
    """The figure as a PNG in few colours."""
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    picture = Image.open(drawn).convert("RGB")
    picture.quantize(COLOURS, Image.Quantize.MEDIANCUT).save(path, optimize=True)


def panel_of(names: Sequence[str], traces: Sequence[Trace], columns: int) -> Panel:
    """Traces on one sheet, row by row."""
    millivolts = np.stack([trace.x for trace in traces]) * MICROVOLT
    return Panel(lay_out(names, millivolts[None], FS_HZ, columns), tuple(traces))


def height_of(panel: Panel, width: float = WIDTH) -> float:
    """Millimetres that the panel is high when it is this wide."""
    return panel.sheet.height * width / panel.sheet.width


def lead(x: Shaped[np.ndarray, "lead time"], name: str) -> Shaped[np.ndarray, " time"]:
    """The samples of a lead that are shown."""
    return x[LEADS.index(name), SHOWN]


@dataclass(frozen=True, eq=False)
class Row:
    """A row of a grid: its name, a trace for each column, and words at the end of the first."""

    name: str
    traces: Sequence[Trace]
    leads: Sequence[str]
    words: Sequence[str] = ()


def grid(title: str, heads: Sequence[str], rows: Sequence[Row]) -> Figure:
    """Traces under their heatmaps by row and column, on one sheet of paper."""
    names = [name for row in rows for name in row.leads]
    panel = panel_of(names, [trace for row in rows for trace in row.traces], len(heads))
    lines = max(each.count("\n") + bool(each) for each in heads)
    wide, head = WIDTH - NAMES, HEAD + LINE * lines
    zoom = wide / panel.sheet.width
    page = Page(head + height_of(panel, wide))
    page.write(2.0, 3.0, title, 8.5)
    page.key(3.0)
    axes = page.ecg(head, panel, NAMES)
    cells = panel.sheet.cells
    for cell, text in zip(cells, heads, strict=False):
        left = NAMES + cell.left * zoom
        page.write(left, head - 1.0, text, 8.0, fontweight="bold", va="bottom")
    for number, row in enumerate(rows):
        own = cells[number * len(heads) : (number + 1) * len(heads)]
        name = row.name if "\n" in row.name else fill(row.name, LETTERS)
        page.write(2.0, head + own[0].zero * zoom - 3.0, name, 8.0, fontweight="bold")
        for cell, text in zip(own, row.words, strict=False):
            end = cell.left + panel.sheet.cell_width
            axes.text(end, cell.label, text, fontsize=7.5, ha="right", va="center", **TYPE)
    return page.figure
