"""A figure at the width of a journal's column, with text that is readable there."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations, islice, product
from string import ascii_lowercase
from textwrap import fill
from typing import Any

import numpy as np
from ecglens.report import INK
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.gridspec import GridSpec
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator

# Points: Elsevier asks for 7, and for no less than 6 anywhere; Nature for 5 to 7.
LEAST = 6.0
TOUCHING = 0.15  # of a word's height that lines may share: no letter is that tall
OUTSIDE = 1.0  # pixels of 1/72 inch


@dataclass(frozen=True, eq=False)
class Word:
    """A line of text as it is drawn: its size in points and its corners in pixels."""

    text: str
    size: float
    corners: Float[np.ndarray, "4 2"]


def fault(figure: Figure) -> str:
    """First fault in the text of this figure; "" where all can be read."""
    found = words(figure)
    width, height = figure.get_size_inches() * figure.dpi
    for word in found:
        if word.size < LEAST - 1e-6:
            return f"“{word.text}” has {word.size:g} points"
        low, high = word.corners.min(0), word.corners.max(0)
        if (low < -OUTSIDE).any() or high[0] > width + OUTSIDE or high[1] > height + OUTSIDE:
            return f"“{word.text}” has no room"
    for one, other in combinations(found, 2):
        if _meet(one, other):
            return f"“{one.text}” and “{other.text}” overlap"
    return ""


def words(figure: Figure) -> list[Word]:
    """Every line of text that drawing the figure writes."""
    reader = _Reader(figure)
    figure.draw(reader)
    return reader.found


def _meet(one: Word, other: Word) -> bool:
    first, second = one.corners, other.corners
    if (first.max(0) <= second.min(0)).any() or (second.max(0) <= first.min(0)).any():
        return False
    return Path(first, closed=False).intersects_path(Path(second, closed=False), filled=True)


class _Reader(RendererBase):
    """Draws nothing, and keeps the text."""

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self.dpi = figure.dpi
        self.size = tuple(figure.get_size_inches() * figure.dpi)
        self.found: list[Word] = []

    def draw_text(  # noqa: PLR0913 - as matplotlib calls it
        self, gc: Any, x: Any, y: Any, s: str, prop: Any, angle: Any, ismath: Any = False,
        mtext: Any = None,
    ) -> None:  # fmt: skip
        """Keep a line of text."""
        if not s.strip():
            return
        wide, tall, below = self.get_text_width_height_descent(s, prop, ismath)
        low, high = TOUCHING * tall - below, (1 - TOUCHING) * tall - below
        flat = np.array([[0, low], [wide, low], [wide, high], [0, high]])
        turn = np.deg2rad(angle)
        rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        corners = flat @ rotation + [x, self.size[1] - y]
        self.found.append(Word(s, prop.get_size_in_points(), corners))

    def draw_path(self, gc: Any, path: Any, transform: Any, rgbFace: Any = None) -> None:  # noqa: N803
        """Nothing."""

    def draw_image(self, gc: Any, x: Any, y: Any, im: Any, transform: Any = None) -> None:
        """Nothing."""

    def points_to_pixels(self, points: Any) -> Any:
        """Pixels of a length in points."""
        return points * self.dpi / 72

    def get_canvas_width_height(self) -> Any:
        """Pixels."""
        return self.size


# Columns of two to a page are 84 (Springer), 89 (Nature) or 90 mm (Elsevier) wide, whole pages 174,
# 183 or 190 mm: a figure of these widths is at most 6 % larger or smaller there.
SINGLE_MM, DOUBLE_MM = 85.0, 180.0
TALLEST_MM = 235.0  # Nature has 247 mm for a figure and its caption, Elsevier 240
MOST = 7.0  # points: Nature's largest, and what a single column has room for
MM = 1 / 25.4  # inches
LINE = 0.13  # inches of a line of 7 points
LEAST_PANEL = 0.8  # inches: 20 mm
SPARE = 0.02  # inches, so that rounding leaves a panel no less
LETTER = 4.0  # points between a panel's letter and its title
# What journals ask for, then free fonts of the same widths, the first of them that is installed.
SANS = ("Arial", "Helvetica", "Liberation Sans", "Arimo", "Nimbus Sans")
SIGNS = "DejaVu Sans"  # comes with matplotlib, and has every sign
NO_ROOM = "a panel has no room"
TICKS = (5, 3)  # numbers on an axis, at the most


class TooNarrow(ValueError):  # noqa: N818 - what it is, not a fault
    """A figure has words that cannot be read at the width that was asked for."""


def in_family(figure: Figure) -> None:
    """Set all words of a figure in the family of figures for papers."""
    for text in figure.findobj(Text):
        text.set_fontfamily(family())
    for axes in figure.axes:
        axes.tick_params(labelfontfamily=family())


def fitted(figure: Figure, width_mm: float) -> Figure:
    """The figure of this width, its words at 6 to 7 points, its panels with letters.

    Panels that have no room side by side go below each other. Raises TooNarrow where words would
    overlap all the same.
    """
    for text in figure.findobj(Text):
        text.set_fontsize(min(max(text.get_fontsize(), LEAST), MOST))
    in_family(figure)
    if figure.get_layout_engine() is None:  # drawn in millimetres, as ECG paper is
        wide, tall = figure.get_size_inches()
        figure.set_size_inches(width_mm * MM, tall * width_mm * MM / wide)
        check(fault(figure), width_mm)
        return figure
    panels = [axes for axes in figure.axes if axes.get_subplotspec()]
    _with_letters(panels)
    problem = NO_ROOM
    for problem in _layouts(figure, panels, width_mm * MM):
        if not problem:
            break
    check(problem, width_mm)
    return figure


@cache
def family() -> list[str]:
    """Fonts of a figure for a journal; signs that the first one lacks are of the last."""
    installed = {font.name for font in fontManager.ttflist}
    return [*[name for name in SANS if name in installed][:1], SIGNS]


def taken_title(figure: Figure) -> str:
    """The title of the whole figure, which is taken from it: a journal has it in the caption."""
    title = figure.get_suptitle()
    figure.suptitle("").set_in_layout(False)
    panels = [axes for axes in figure.axes if axes.get_subplotspec()]
    if len(panels) == 1:
        title = title or panels[0].get_title("left")
        panels[0].set_title("", loc="left")
    return _flat(title)


def check(problem: str, width_mm: float) -> None:
    """Raise TooNarrow for a problem of this width."""
    if problem:
        raise TooNarrow(
            f"expected a column with room for its words, got {width_mm:g} mm: {problem}"
        )


def _layouts(figure: Figure, panels: list[Axes], width: float) -> Iterator[str]:
    """Fault that remains with ever fewer panels abreast."""
    first = panels[0].get_subplotspec()
    rows, columns = first.get_geometry()[:2] if first else (1, 1)
    height = figure.get_size_inches()[1]
    for abreast in range(columns, 0, -1):
        down = _rows(panels, abreast)
        _arrange(figure, panels, abreast)
        for ticks in TICKS:
            _fewer_ticks(panels, ticks)
            figure.set_size_inches(width, height * down / rows)
            problem = _laid_out(figure, panels, abreast)
            yield problem
            if problem == NO_ROOM:
                break


def _rows(panels: list[Axes], abreast: int) -> int:
    return -(-len(panels) // abreast)


def _arrange(figure: Figure, panels: list[Axes], abreast: int) -> None:
    """The panels row by row; those that share an axis have its names at the edge alone."""
    grid = GridSpec(_rows(panels, abreast), abreast, figure=figure)
    for place, axes in enumerate(panels):
        row, column = divmod(place, abreast)
        axes.set_subplotspec(grid[row, column])
        if len(axes.get_shared_y_axes().get_siblings(axes)) > 1:
            axes.tick_params(labelleft=column == 0)
        if len(axes.get_shared_x_axes().get_siblings(axes)) > 1:
            axes.tick_params(labelbottom=place + abreast >= len(panels))


def _laid_out(figure: Figure, panels: list[Axes], abreast: int) -> str:
    """Lay it out, long lines broken; what cannot be read then."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "constrained_layout not applied")
        figure.draw_without_rendering()
        lines = _broken(figure, panels, abreast)
        _higher(figure, LINE * lines)
        lowest = min(axes.get_window_extent().height for axes in panels) / figure.dpi
        if lowest < LEAST_PANEL:  # of a few rows
            _higher(figure, _rows(panels, abreast) * (LEAST_PANEL - lowest) + SPARE)
    for axes in panels:
        box = axes.get_window_extent()
        if min(box.width, box.height) < LEAST_PANEL * figure.dpi:
            return NO_ROOM
    return fault(figure)


def _higher(figure: Figure, more: float) -> None:
    """Lay the figure out with so many inches more, as far as a page has them."""
    width, height = figure.get_size_inches()
    figure.set_size_inches(width, min(height + more, TALLEST_MM * MM))
    figure.draw_without_rendering()


def _broken(figure: Figure, panels: list[Axes], abreast: int) -> int:
    """Break titles and names of axes that are too long; the number of lines more."""
    width, height = figure.get_size_inches() * figure.dpi
    rows, more = _rows(panels, abreast), 0
    for axes in panels:
        box = axes.get_window_extent()
        middle = (box.x0 + box.x1) / 2
        around = 2 * min(middle, width - middle) if abreast == 1 else 0.95 * width / abreast
        more += _break(axes.xaxis.label, around)
        title = axes.set_title(axes.get_title("left"), loc="left", fontsize=MOST)
        more += _break(title, min(width / abreast, width - box.x0))
        _break(axes.yaxis.label, 0.9 * height / rows)
    for text in figure.texts:  # names of axes that all panels share
        more += _break(text, height if text.get_rotation() else width)
    for legend in figure.legends:
        names = len(legend.get_texts())
        for columns in range(names, 0, -1):
            legend.set_ncols(columns)
            if legend.get_window_extent().width <= width:
                break
    return more


def _break(text: Text, room: float) -> int:
    """Break a text into lines of this many pixels; the number of lines more."""
    words = _flat(text.get_text())
    before = text.get_text().count("\n")
    text.set_text(words)
    box = text.get_window_extent()
    long = max(box.width, box.height)
    if words and long > room:
        text.set_text(fill(words, max(8, int(len(words) * room / long) - 1)))
    return max(0, text.get_text().count("\n") - before)


def _fewer_ticks(panels: list[Axes], most: int) -> None:
    for axes in panels:
        if isinstance(axes.xaxis.get_major_locator(), MaxNLocator):
            axes.locator_params(axis="x", nbins=most)


def _with_letters(panels: list[Axes]) -> None:
    """A, B, … before the titles of several panels."""
    if len(panels) > 1:
        for letter, axes in zip(letters(len(panels)), panels, strict=True):
            # Beside the title, which may be broken into lines and is not bold.
            axes.annotate(
                letter, (0, 1), (-LETTER, MOST), xycoords="axes fraction",
                textcoords="offset points", fontsize=MOST, fontweight="bold", ha="right",
                va="baseline", color=INK,
            )  # fmt: skip


def letters(count: int) -> list[str]:
    """a, b, …, z, aa, ab, … for this many panels."""
    every = chain(ascii_lowercase, map("".join, product(ascii_lowercase, repeat=2)))
    return [*islice(every, count)]


def _flat(text: str) -> str:
    return " ".join(text.split())
