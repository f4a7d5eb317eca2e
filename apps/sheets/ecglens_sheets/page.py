"""The ECG on paper in true size: 25 mm/s and 10 mm/mV when the page is printed as A4."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
from ecglens.ecg import LEADS, R_PEAK
from ecglens.report import INK, TYPE
from ecglens.report.figures import (
    CLINICAL,
    Sheet,
    draw_key,
    draw_marks,
    draw_name,
    draw_paper,
    draw_trace,
    highlight,
    lay_out,
    places,
    shown,
    time_axis,
)
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .content import EcgSheet
from .words import NOT_CLINICAL, Block, blocks, caution_of, reading, seen_of, settings_of

FS = 500.0  # Hz of what a network reads
RHYTHM = "II"
COLUMNS = 4  # of a clinical print, 2.5 s each
STRIP_S = 10.0
WIDER = 4  # samples: one that stands alone is 0.45 mm wide in true size, not a twentieth of that
# Higher waves reach into the next row, as on an electrocardiograph's print; else one artefact would
# make a page of a metre.
ROOM_MV = 2.5


@dataclass(frozen=True, eq=False)
class LeadCut:
    """Part of one lead: µV, shown levels of its heatmap (−1…1, 0 for none)."""

    x: Float[np.ndarray, " time"]
    levels: Float[np.ndarray, " time"]


@dataclass(frozen=True, eq=False)
class SheetPanel:
    """A piece of paper with its traces, and what it is, said below; time begins at `origin`."""

    sheet: Sheet
    traces: tuple[LeadCut, ...]
    fs: float
    caption: str
    origin: int = 0

    @property
    def seconds(self) -> float:
        """Duration of a trace."""
        return len(self.traces[0].x) / self.fs


def beat_panel(
    x: Float[np.ndarray, "12 time"],
    heatmap: Float[np.ndarray, "12 time"] | None,
    origin: int,
    caption: str,
) -> SheetPanel:
    """A beat (µV) in three rows of four leads; time is counted from sample `origin`."""
    levels = _levels(x, heatmap)
    rows = [LEADS.index(name) for name in CLINICAL]
    return SheetPanel(
        lay_out(CLINICAL, _room(x[None, rows]), FS, COLUMNS),
        tuple(LeadCut(x[row], levels[row]) for row in rows),
        FS,
        f"Median beat. {caption} 25 mm/s, 10 mm/mV; 0 ms at the R peak.",
        origin,
    )


def clinical_panel(
    x: Float[np.ndarray, "12 time"],
    fs: float,
    heatmap: Float[np.ndarray, "12 time"] | None,
    caption: str,
) -> SheetPanel:
    """At most 10 s (µV) as an electrocardiograph prints them: a quarter of it of each lead."""
    x, levels = centred(x[:, : round(STRIP_S * fs)]), _levels(x, heatmap)
    length = x.shape[1] // COLUMNS
    traces = []
    for place, name in enumerate(CLINICAL):
        start = place % COLUMNS * length
        part = slice(start, start + length)
        row = LEADS.index(name)
        traces.append(LeadCut(x[row, part], levels[row, part]))
    stacked = np.stack([trace.x for trace in traces])[None]
    return SheetPanel(lay_out(CLINICAL, _room(stacked), fs, COLUMNS), tuple(traces), fs, caption)


def rhythm_panel(
    x: Float[np.ndarray, "12 time"],
    fs: float,
    heatmap: Float[np.ndarray, "12 time"] | None,
    caption: str,
) -> SheetPanel:
    """Lead II (µV) over at most 10 s."""
    row = LEADS.index(RHYTHM)
    part = slice(0, round(STRIP_S * fs))
    one = centred(x[:, part])[row]
    levels = _levels(x, heatmap)[row, part]
    sheet = lay_out([RHYTHM], _room(one[None, None]), fs, 1)
    return SheetPanel(sheet, (LeadCut(one, levels),), fs, caption)


def strip_panel(
    x: Float[np.ndarray, "12 time"], heatmap: Float[np.ndarray, "12 time"] | None, caption: str
) -> SheetPanel:
    """All of a strip (µV), a row for each lead."""
    x, levels = centred(x), _levels(x, heatmap)
    sheet = lay_out(LEADS, _room(x[None]), FS, 1)
    traces = tuple(LeadCut(*each) for each in zip(x, levels, strict=True))
    return SheetPanel(sheet, traces, FS, f"All twelve leads. {caption}")


def draw_panel(
    figure: Figure, panel: SheetPanel, left: float, top: float, scale: float = 1.0
) -> Axes:
    """Draw a panel with its upper left corner there, in mm of the page; the axes are in its mm."""
    sheet = panel.sheet
    wide, high = (inches * 25.4 for inches in figure.get_size_inches())
    width, height = sheet.width * scale, sheet.height * scale
    axes = figure.add_axes((left / wide, 1 - (top + height) / high, width / wide, height / high))
    axes.set(xlim=(0.0, sheet.width), ylim=(sheet.height, 0.0))
    axes.axis("off")
    draw_paper(axes, sheet)
    for cell, trace in zip(sheet.cells, panel.traces, strict=True):
        if trace.levels.any():
            where = places(cell.left, cell.zero, trace.x, panel.fs)
            highlight(axes, where, trace.levels, signed=True)
        draw_trace(axes, cell.left, cell.zero, trace.x, panel.fs)
        draw_name(axes, cell.left, cell.label, cell.name)
    draw_marks(axes, sheet, time_axis(len(panel.traces[0].x), panel.fs, panel.origin))
    return axes


def r_peak(segments: np.ndarray) -> int:
    """The R peak of a median beat; 0 where it is not marked."""
    found = np.flatnonzero((segments & R_PEAK) != 0)
    return int(found[0]) if len(found) else 0


def centred(x: Float[np.ndarray, "lead time"]) -> Float[np.ndarray, "lead time"]:
    """Each lead about its median: an offset of the electrode needs no paper."""
    return x.astype(float) - np.median(x, axis=1, keepdims=True)


def _room(x: Float[np.ndarray, "ecg cell time"]) -> Float[np.ndarray, "ecg cell time"]:
    """Millivolts that get paper of their own."""
    return np.clip(x / 1e3, -ROOM_MV, ROOM_MV)


def _levels(
    x: Float[np.ndarray, "12 time"], heatmap: Float[np.ndarray, "12 time"] | None
) -> Float[np.ndarray, "12 time"]:
    """Value that colours a sample: the strongest within WIDER samples, with its sign."""
    if heatmap is None:
        return np.zeros(x.shape)
    padded = np.pad(shown(heatmap), ((0, 0), (WIDER, WIDER)))
    near = np.lib.stride_tricks.sliding_window_view(padded, 2 * WIDER + 1, axis=1)
    at = np.abs(near).argmax(-1)[..., None]
    return np.take_along_axis(near, at, -1)[..., 0]


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


def panels(sheet: EcgSheet) -> list[SheetPanel]:
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


def panel_figure(panel: SheetPanel) -> Figure:
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


def _beside_lines(sheet: EcgSheet, beat: SheetPanel) -> list[Line]:
    """The words at the right of a beat."""
    width = WIDTH - 2 * EDGE - beat.sheet.width - BESIDE
    return _columns(blocks(sheet), width, 1)[0]


def _beside(sheet: EcgSheet, beat: SheetPanel) -> float:
    """Height in mm of a beat and of the words at its right, whichever is more."""
    return max(beat.sheet.height + CAPTION, _depth(_beside_lines(sheet, beat)) + 1.0)


def _depth_of(found: Sequence[SheetPanel]) -> float:
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
