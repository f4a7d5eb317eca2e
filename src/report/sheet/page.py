"""The pages of a sheet as figures: A4 landscape, in millimetres."""

from collections.abc import Sequence
from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..figures.ecg import draw_key
from ..style import INK, TYPE
from .content import EcgSheet
from .drawing import (
    FS,
    Panel,
    beat_panel,
    clinical_panel,
    draw_panel,
    r_peak,
    rhythm_panel,
    strip_panel,
)
from .words import NOT_CLINICAL, Block, blocks, caution_of, reading, seen_of, settings_of

WIDTH, HEIGHT = 297.0, 210.0  # mm, A4
EDGE = 6.0
TOP = 19.0  # mm for name, prediction and key
CAPTION = 4.0
FOOT = 9.0  # mm for settings and the edge below
BESIDE = 7.0  # mm between paper or text and text
CLINICAL_PRINT = (
    "A quarter of each lead, one column after the other, each lead about its median; "
    "25 mm/s, 10 mm/mV."
)
LINE, LETTER = 3.35, 1.37  # mm of a line of 7 points, and the mean width of a letter
BETWEEN = 1.6  # mm between blocks
WARNING = "#8a4b00"
Line = tuple[str, bool, str]  # text, bold, colour


def panels(sheet: EcgSheet) -> list[Panel]:
    """The pieces of paper of the first page, from above."""
    if sheet.several_beats:
        return [
            clinical_panel(sheet.x, FS, sheet.heatmap, f"{seen_of(sheet)} {CLINICAL_PRINT}"),
            rhythm_panel(sheet.x, FS, sheet.heatmap, "Lead II of the same strip."),
        ]
    recorded = f"As recorded; the network reads the median beat above. {CLINICAL_PRINT}"
    beat = beat_panel(sheet.x, sheet.heatmap, r_peak(sheet.segments), seen_of(sheet))
    whole = clinical_panel(sheet.strip, sheet.fs, None, recorded)
    rhythm = rhythm_panel(sheet.strip, sheet.fs, None, "Lead II as recorded.")
    room = HEIGHT - TOP - FOOT - _beside(sheet, beat)
    for found in ([whole, rhythm], [whole], [rhythm]):
        if _depth_of(found) <= room:
            return [beat, *found]
    return [beat]


def first_page(sheet: EcgSheet) -> Figure:
    """The ECG on paper with everything that is said of it."""
    found = panels(sheet)
    first = found[0]
    if sheet.several_beats:
        width = (WIDTH - 2 * EDGE - BESIDE) / 2
        columns = _columns(blocks(sheet), width, 2)
        lefts, start = [EDGE, EDGE + width + BESIDE], TOP + _depth_of(found) + 1.0
        upper = first.sheet.height + CAPTION
        height = max(HEIGHT, start + max(map(_depth, columns)) + FOOT)
    else:
        lefts, start = [EDGE + first.sheet.width + BESIDE], TOP
        columns = [_beside_lines(sheet, first)]
        upper = _beside(sheet, first)
        height = max(HEIGHT, TOP + upper + _depth_of(found[1:]) + FOOT)
    figure, axes = _bare(height)
    _header(axes, sheet)
    top = TOP
    for panel in found:
        draw_panel(figure, panel, EDGE, top)
        _text(axes, EDGE, top + panel.sheet.height + 2.0, panel.caption, 6.5)
        top += upper if panel is first else panel.sheet.height + CAPTION
    for at, lines in zip(lefts, columns, strict=True):
        _draw_lines(axes, at, start, lines)
    for number, line in enumerate(settings_of(sheet)):
        _text(axes, EDGE, height - FOOT + 2.0 + 3.0 * number, line, 6.5)
    return figure


def strip_page(sheet: EcgSheet) -> Figure | None:
    """All ten seconds of all leads on one page; None for a median beat."""
    if not sheet.several_beats:
        return None
    panel = strip_panel(sheet.x, sheet.heatmap, seen_of(sheet))
    room = (WIDTH - 2 * EDGE, HEIGHT - TOP - CAPTION - EDGE)
    scale = min(1.0, room[0] / panel.sheet.width, room[1] / panel.sheet.height)
    figure, axes = _bare(HEIGHT)
    _header(axes, sheet)
    draw_panel(figure, panel, EDGE, TOP, scale)
    drawn = f"drawn at {scale:.0%} of 25 mm/s and 10 mm/mV".replace("%", " %")
    below = TOP + panel.sheet.height * scale + 2.0
    _text(axes, EDGE, below, f"{panel.caption} Coarse squares are 200 ms and 0.5 mV; {drawn}.", 6.5)
    return figure


def panel_figure(panel: Panel) -> Figure:
    """A piece of paper alone, for a page that says the rest in text."""
    size = (panel.sheet.width / 25.4, panel.sheet.height / 25.4)
    figure = Figure(figsize=size, dpi=150)
    draw_panel(figure, panel, 0.0, 0.0)
    return figure


def _bare(height: float) -> tuple[Figure, Axes]:
    """An empty page, and axes over it in mm from its upper left corner."""
    figure = Figure(figsize=(WIDTH / 25.4, height / 25.4), dpi=150, facecolor="white")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0.0, WIDTH), ylim=(height, 0.0))
    axes.axis("off")
    return figure, axes


def _header(axes: Axes, sheet: EcgSheet) -> None:
    limits = axes.get_xlim(), axes.get_ylim()
    _text(axes, EDGE, 5.5, f"ECG {sheet.name}", 8)
    axes.text(EDGE, 13.0, reading(sheet), fontsize=17, fontweight="bold", va="center", **TYPE)
    axes.text(WIDTH - EDGE, 5.5, f"ECGLens. {NOT_CLINICAL}", fontsize=7, ha="right", va="center",
              **TYPE)  # fmt: skip
    if sheet.heatmap is not None:
        draw_key(axes, WIDTH - EDGE + 2.0, signed=True, middle=13.0)
        axes.text(WIDTH - EDGE, 16.8, caution_of(sheet), fontsize=7.5, fontweight="bold",
                  color=WARNING, ha="right", va="center")  # fmt: skip
    axes.set(xlim=limits[0], ylim=limits[1])


def _text(axes: Axes, left: float, middle: float, words: str, size: float) -> None:
    axes.text(left, middle, words, fontsize=size, va="center", **TYPE)


def _columns(found: Sequence[Block], width: float, count: int) -> list[list[Line]]:
    """The lines of the blocks in `count` columns of about equal length."""
    each = [_lines(block, width) for block in found]
    total, columns = sum(map(len, each)), [[]]
    for lines in each:
        if len(columns) < count and len(columns[-1]) + len(lines) / 2 > total / count:
            columns.append([])
        columns[-1] += lines
    return columns + [[] for _ in range(count - len(columns))]


def _lines(block: Block, width: float) -> list[Line]:
    colour = WARNING if block.warning else INK
    sign = "! " if block.warning else ""
    found: list[Line] = [(f"{sign}{block.heading}", True, colour)]
    for text in block.lines:
        found += [(line, False, INK) for line in wrap(text, int(width / LETTER))]
    return [*found, ("", False, INK)]


def _beside_lines(sheet: EcgSheet, beat: Panel) -> list[Line]:
    """The words at the right of a beat."""
    width = WIDTH - 2 * EDGE - beat.sheet.width - BESIDE
    return _columns(blocks(sheet), width, 1)[0]


def _beside(sheet: EcgSheet, beat: Panel) -> float:
    """Height in mm of a beat and of the words at its right, whichever is more."""
    return max(beat.sheet.height + CAPTION, _depth(_beside_lines(sheet, beat)) + 1.0)


def _depth_of(found: Sequence[Panel]) -> float:
    """Height in mm of panels with their captions."""
    return sum(panel.sheet.height + CAPTION for panel in found)


def _depth(lines: Sequence[Line]) -> float:
    return sum(LINE if text else BETWEEN for text, _, _ in lines)


def _draw_lines(axes: Axes, left: float, top: float, lines: Sequence[Line]) -> None:
    down = top + LINE / 2
    for text, bold, colour in lines:
        weight = "bold" if bold else "normal"
        axes.text(left, down, text, fontsize=7, fontweight=weight, va="center",
                  color=colour, parse_math=False)  # fmt: skip
        down += LINE if text else BETWEEN
