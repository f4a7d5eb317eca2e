"""The ECG on paper in true size: 25 mm/s and 10 mm/mV when the page is printed as A4."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from textwrap import wrap

import numpy as np
from ecglens.ecg import FS_HZ, LEADS, R_PEAK
from ecglens.report import GREY, INK, TYPE, joined
from ecglens.report.figures import (
    CLINICAL,
    MM_PER_MS,
    MM_PER_MV,
    SQUARE,
    Cell,
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
from ecglens.report.figures import LETTER as LETTER_OF_NAME
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .content import EcgSheet
from .measured import Bracket
from .words import (
    DISAGREE,
    NOT_CLINICAL,
    Block,
    blocks,
    caution_of,
    seen_of,
    settings_of,
    side_by_side,
    warning_of,
)

RHYTHM = "II"
COLUMNS = 4  # of a clinical print, 2.5 s each
STRIP_S = 10.0
SEGMENT = 15  # samples: 30 ms of a lead, what the score of a map changes at once
# Higher waves reach into the next row, as on an electrocardiograph's print with its rows 25 to 30
# mm apart; at the edge of the paper and coloured they have more room. Without a limit one artefact
# would make a page of a metre.
PRINTED_MV, ROOM_MV = 1.0, 2.5
ROOMS = (3.5, 3.0, ROOM_MV, 2.0, 1.5, PRINTED_MV)  # mV at the edges: the most that a page has
SMALL = ("II", "V5")  # leads in which intervals are drawn: P is large in one, T in the other


@dataclass(frozen=True, eq=False)
class LeadCut:
    """Part of one lead: µV, shown levels of its heatmap (−1…1, 0 for none)."""

    x: Float[np.ndarray, " time"]
    levels: Float[np.ndarray, " time"]


@dataclass(frozen=True, eq=False)
class SheetPanel:
    """A piece of paper with its traces, and what it is, said below; time begins at `origin`.

    `brackets` are intervals below the first column. A column begins `later` samples after the one
    to its left.
    """

    sheet: Sheet
    traces: tuple[LeadCut, ...]
    fs: float
    caption: str
    origin: int = 0
    brackets: tuple[Bracket, ...] = ()
    later: int = 0

    @property
    def seconds(self) -> float:
        """Duration of a trace."""
        return len(self.traces[0].x) / self.fs


def beat_panel(
    x: Float[np.ndarray, "12 time"],
    heatmap: Float[np.ndarray, "12 time"] | None,
    origin: int,
    caption: str,
    brackets: Sequence[Bracket] = (),
    names: Sequence[str] = CLINICAL,
) -> SheetPanel:
    """A beat (µV) in rows of four of these leads; time is counted from sample `origin`."""
    levels = _levels(x, heatmap)
    rows = [LEADS.index(name) for name in names]
    sheet = lay_out(names, _room(x[None, rows], ROOM_MV), FS_HZ, COLUMNS)
    if brackets:
        sheet = replace(sheet, height=sheet.height + LANES)
    traces = tuple(LeadCut(x[row], levels[row]) for row in rows)
    caption += _cut(sheet, traces)
    return SheetPanel(sheet, traces, FS_HZ, caption, origin, tuple(brackets))


def clinical_panel(
    x: Float[np.ndarray, "12 time"],
    fs: float,
    heatmap: Float[np.ndarray, "12 time"] | None,
    caption: str,
    room_mv: float = ROOMS[0],
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
    return replace(_printed(CLINICAL, traces, fs, caption, room_mv), later=length)


def rhythm_panel(
    x: Float[np.ndarray, "12 time"],
    fs: float,
    heatmap: Float[np.ndarray, "12 time"] | None,
    caption: str,
    room_mv: float = ROOMS[0],
) -> SheetPanel:
    """Lead II (µV) over at most 10 s."""
    row = LEADS.index(RHYTHM)
    part = slice(0, round(STRIP_S * fs))
    one = centred(x[:, part])[row]
    levels = _levels(x, heatmap)[row, part]
    return _printed([RHYTHM], [LeadCut(one, levels)], fs, caption, room_mv)


def _printed(
    names: Sequence[str], traces: Sequence[LeadCut], fs: float, caption: str, room_mv: float
) -> SheetPanel:
    """Rows as close as on a print, with `room_mv` for waves at the edges; the caption says cuts."""
    x = np.stack([trace.x for trace in traces])
    sheet = lay_out(names, _room(x[None], PRINTED_MV), fs, min(COLUMNS, len(names)))
    zeros = np.array([[cell.zero] for cell in sheet.cells])
    wanted = zeros - _room(x, room_mv) * MM_PER_MV
    over, under = (
        float(np.ceil(max(0.0, mm) / SQUARE)) * SQUARE
        for mm in (NEAR - wanted.min(), wanted.max() + NEAR + AXIS - sheet.height)
    )
    sheet = replace(
        sheet,
        height=sheet.height + over + under,
        cells=tuple(
            replace(cell, label=cell.label + over, zero=cell.zero + over) for cell in sheet.cells
        ),
        zeros=tuple(zero + over for zero in sheet.zeros),
    )
    sheet = replace(sheet, cells=tuple(_named(sheet, traces, fs)))
    return SheetPanel(sheet, tuple(traces), fs, f"{caption}{_cut(sheet, traces)}")


def _named(sheet: Sheet, traces: Sequence[LeadCut], fs: float) -> Iterator[Cell]:
    """The cells, each name at the nearest place to its row's that no trace runs through."""
    for cell in sheet.cells:
        length = round((len(cell.name) + 0.5) * LETTER_OF_NAME / MM_PER_MS * fs / 1e3)
        below = [
            places(each.left, each.zero, trace.x[:length], fs)[1]
            for each, trace in zip(sheet.cells, traces, strict=True)
            if each.left == cell.left
        ]
        tries = np.arange(max(2.0, cell.zero - 14.0), cell.zero + 8.0, 0.5)
        free = tries[(np.abs(tries[:, None] - np.concatenate(below)) > LETTER_OF_NAME).all(axis=1)]
        middle = min(free, key=lambda at: abs(at - cell.label), default=cell.label)
        yield replace(cell, label=float(middle))


def _cut(sheet: Sheet, traces: Sequence[LeadCut]) -> str:
    """Sentence on leads that reach beyond the paper; "" where none does."""
    gone = {}
    for cell, trace in zip(sheet.cells, traces, strict=True):
        down = cell.zero - trace.x / 1e3 * MM_PER_MV
        if down.min() < 0.0 or down.max() > sheet.height:
            gone[cell.name] = np.abs(trace.x).max() / 1e3
    if not gone:
        return ""
    names = "all leads" if len(gone) == len(LEADS) else joined([*gone])
    return f" Cut at the paper's edge: {names} (up to {max(gone.values()):.1f} mV)."


def strip_panel(
    x: Float[np.ndarray, "12 time"], heatmap: Float[np.ndarray, "12 time"] | None, caption: str
) -> SheetPanel:
    """All of a strip (µV), a row for each lead."""
    x, levels = centred(x), _levels(x, heatmap)
    sheet = lay_out(LEADS, _room(x[None], ROOM_MV), FS_HZ, 1)
    traces = tuple(LeadCut(*each) for each in zip(x, levels, strict=True))
    caption = f"All twelve leads. {caption}{_cut(sheet, traces)}"
    return SheetPanel(sheet, traces, FS_HZ, caption)


def draw_panel(
    figure: Figure,
    panel: SheetPanel,
    left: float,
    top: float,
    scale: float = 1.0,
    *,
    signed: bool = True,
) -> Axes:
    """Draw a panel with its upper left corner there, in mm of the page; the axes are in its mm.

    A map that is not `signed` shows its strength alone.
    """
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
            highlight(axes, where, trace.levels, signed=signed)
        draw_trace(axes, cell.left, cell.zero, trace.x, panel.fs)
        draw_name(axes, cell.left, cell.label, cell.name)
    length = len(panel.traces[0].x)
    draw_marks(
        axes,
        sheet,
        *(
            time_axis(
                length, panel.fs, panel.origin - column * panel.later, seconds=panel.later > 0
            )
            for column in range(sheet.columns)
        ),
    )
    for bracket in panel.brackets:
        _draw_bracket(axes, panel, bracket)
    return axes


def _draw_bracket(axes: Axes, panel: SheetPanel, bracket: Bracket) -> None:
    """An interval below the first column, with hairlines through all leads."""
    sheet = panel.sheet
    down = sheet.height - AXIS - LANES + LANE * (bracket.row + 0.5)
    left, right = (sheet.cells[0].left + end / panel.fs * 1e3 * MM_PER_MS for end in bracket.ends)
    for at in (left, right):
        for cell in sheet.cells[: sheet.columns]:
            beside = cell.left - sheet.cells[0].left
            line, end = [at + beside] * 2, sheet.height - AXIS if beside else down
            axes.plot(line, [2.0, end], color=INK, linewidth=0.4, linestyle=(0, (1, 3)), zorder=2)
        axes.plot([at, at], [down - 0.8, down + 0.8], color=INK, linewidth=0.7)
    axes.plot([left, right], [down, down], color=INK, linewidth=0.7)
    place = {"x": left - 0.8, "ha": "right"} if bracket.name == "PR" else {"x": right + 0.8}
    axes.text(y=down, s=bracket.words, fontsize=6.5, va="center", **place, **TYPE)


def r_peak(segments: np.ndarray) -> int:
    """The R peak of a median beat; 0 where it is not marked."""
    found = np.flatnonzero((segments & R_PEAK) != 0)
    return int(found[0]) if len(found) else 0


def centred(x: Float[np.ndarray, "lead time"]) -> Float[np.ndarray, "lead time"]:
    """Each lead about its median: an offset of the electrode needs no paper."""
    return x.astype(float) - np.median(x, axis=1, keepdims=True)


def _room(x: Float[np.ndarray, "*cell time"], most_mv: float) -> Float[np.ndarray, "*cell time"]:
    """Millivolts that get paper of their own."""
    return np.clip(x / 1e3, -most_mv, most_mv)


def _levels(
    x: Float[np.ndarray, "12 time"], heatmap: Float[np.ndarray, "12 time"] | None
) -> Float[np.ndarray, "12 time"]:
    """Value that colours a sample: the sum of the map over its segment of 30 ms, −1…1."""
    levels = np.zeros(x.shape)
    if heatmap is not None:
        starts = np.arange(0, x.shape[1], SEGMENT)
        sums = shown(np.add.reduceat(heatmap.astype(float), starts, axis=1))
        levels = np.repeat(sums, SEGMENT, axis=1)[:, : x.shape[1]]
    return levels


WIDTH, HEIGHT = 297.0, 210.0  # mm, A4
EDGE = 6.0
TOP = 26.0  # mm for name, reading and measurement, and key
SECOND, THIRD = 92.0, 160.0  # mm from the left, for the measurement and whether they agree
WORDS = 85.0  # mm of words beside a map, at least
LARGEST = 1.5  # times true size, in which a map is drawn
LARGE = 15.0  # points of reading and measurement
LETTER_MM = 0.24  # of a bold letter, for each point
LANE = 4.5  # mm for a row of brackets
LANES = 10.0  # mm for two of them, whole squares of the paper
NEAR = 1.0  # mm between a wave and the edge of its paper
AXIS = 5.0  # mm of the time axis at the bottom of a piece of paper
CAPTION = 4.0
FOOT = 9.0  # mm for settings and the edge below
BESIDE = 7.0  # mm between paper or text and text
SQUARES = "Coarse squares are 200 ms and 0.5 mV"
CLINICAL_PRINT = f"A quarter of each lead, drawn about its median. {SQUARES}."
LINE, LETTER = 3.35, 1.37  # mm of a line of 7 points, and the mean width of a letter
BETWEEN = 1.6  # mm between blocks
WARNING = "#8a4b00"
Line = tuple[str, bool, str]  # text, bold, colour


def panels(sheet: EcgSheet) -> list[SheetPanel]:
    """The pieces of paper of a sheet: the ECG, lead II, and the median beat if that is read."""
    return _prints(sheet, ROOMS[0]) + ([] if sheet.several_beats else [_beat(sheet)])


def _prints(sheet: EcgSheet, room_mv: float) -> list[SheetPanel]:
    """The ECG and lead II, with this room at the edges of the paper."""
    if sheet.several_beats:
        return [
            clinical_panel(
                sheet.x, FS_HZ, sheet.heatmap, f"{_strip_seen(sheet)} {CLINICAL_PRINT}", room_mv
            ),
            rhythm_panel(sheet.x, FS_HZ, sheet.heatmap, "Lead II of the same strip.", room_mv),
        ]
    of = f", {part}" if (part := _part(sheet)) else ""
    recorded = f"As recorded{of}; the network reads the median beat. {CLINICAL_PRINT}"
    return [
        clinical_panel(sheet.strip, sheet.fs, None, recorded, room_mv),
        rhythm_panel(sheet.strip, sheet.fs, None, "Lead II as recorded.", room_mv),
    ]


def _beat(sheet: EcgSheet) -> SheetPanel:
    said = " ".join(filter(None, (seen_of(sheet), sheet.marks.beside())))
    caption = f"Median beat. {said} 0 ms at the R peak."
    if sheet.heatmap is not None:
        caption += " Colour: sum of the heatmap over 30 ms of a lead."
    return beat_panel(
        sheet.x, sheet.heatmap, r_peak(sheet.segments), caption, sheet.marks.brackets()
    )


def _part(sheet: EcgSheet) -> str:
    """The part of a record longer than a print that is drawn; "" for all of it."""
    length = sheet.strip.shape[1] / sheet.fs
    return f"the first {STRIP_S:g} of {length:g} s" if length > STRIP_S else ""


def _strip_seen(sheet: EcgSheet) -> str:
    """What the network reads of a strip, and what is drawn of its record."""
    part = _part(sheet)
    return seen_of(sheet) + f" Drawn: {part}." * bool(part)


def measured_line(sheet: EcgSheet) -> str:
    """What was measured, and of how much of a record that is drawn in part."""
    length = sheet.strip.shape[1] / sheet.fs
    part = f" · from {length:g} s, of which {STRIP_S:g} are drawn" * bool(_part(sheet))
    return f"{sheet.marks.words()}{part}"


def first_page(sheet: EcgSheet) -> Figure:
    """The ECG on paper, what was measured, and what is said of it.

    Where the network reads a median beat, its intervals stand below if there is room, and its map
    on a page of its own.
    """
    said = blocks(sheet)
    if not sheet.several_beats:
        said = [each for each in said if not each.of_map]
    tries = [*product(ROOMS, dict.fromkeys((_small_beat(sheet), None)))]
    prints = cache(lambda room_mv: _prints(sheet, room_mv))
    while True:
        room_mv, small = tries.pop(0)
        found = prints(room_mv)
        start = TOP + sum(panel.sheet.height + CAPTION for panel in found) + 1.0
        first = EDGE if small is None else EDGE + small.sheet.width + BESIDE
        width = (WIDTH - EDGE - first - BESIDE) / 2
        columns = _columns(said, width, 2)
        height = start + max(map(_depth, columns)) + FOOT
        if small is not None:  # the foot stands beside it
            height = max(height, start + small.sheet.height + CAPTION + 1.0)
        if height <= HEIGHT or not tries:
            break
    height = max(HEIGHT, height)
    figure, axes = _bare(height)
    _header(axes, sheet, keyed=sheet.several_beats)
    top = TOP
    for panel, scale in zip(found, (" 25 mm/s, 10 mm/mV.", ""), strict=True):
        _draw_with_caption(figure, axes, panel, top, scale)
        top += panel.sheet.height + CAPTION
    if small is not None:
        _draw_with_caption(figure, axes, small, start)
    for at, lines in zip([first, first + width + BESIDE], columns, strict=True):
        _draw_lines(axes, at, start, lines)
    _foot(axes, sheet, height, first)
    return figure


def second_page(sheet: EcgSheet) -> Figure:
    """What the network reads: the median beat under its map, or all ten seconds of a strip."""
    return strip_page(sheet) if sheet.several_beats else beat_page(sheet)


def beat_page(sheet: EcgSheet) -> Figure:
    """The median beat in twelve leads under its map, and what is said of the map."""
    beat = _beat(sheet)
    room = (WIDTH - 2 * EDGE - BESIDE - WORDS, HEIGHT - TOP - 2 * CAPTION - FOOT)
    scale = min(LARGEST, room[0] / beat.sheet.width, room[1] / beat.sheet.height)
    width = WIDTH - 2 * EDGE - beat.sheet.width * scale - BESIDE
    (lines,) = _columns([each for each in blocks(sheet) if each.of_map], width, 1)
    height = max(HEIGHT, TOP + _depth(lines) + FOOT)
    figure, axes = _bare(height)
    _header(axes, sheet, keyed=True)
    draw_panel(figure, beat, EDGE, TOP, scale)
    below = TOP + beat.sheet.height * scale + 2.0
    for number, line in enumerate((beat.caption, _drawn_at(scale))):
        _text(axes, EDGE, below + 3.0 * number, line, 6.5)
    _draw_lines(axes, WIDTH - EDGE - width, TOP, lines)
    _foot(axes, sheet, height)
    return figure


def _small_beat(sheet: EcgSheet) -> SheetPanel | None:
    """Two leads of the median beat with its intervals; None for a strip and without any."""
    brackets = sheet.marks.brackets()
    if sheet.several_beats or not brackets:
        return None
    return beat_panel(sheet.x, None, r_peak(sheet.segments), "Median beat.", brackets, SMALL)


def _draw_with_caption(
    figure: Figure, axes: Axes, panel: SheetPanel, top: float, scale: str = ""
) -> None:
    draw_panel(figure, panel, EDGE, top)
    _text(axes, EDGE, top + panel.sheet.height + 2.0, panel.caption + scale, 6.5)


def _foot(axes: Axes, sheet: EcgSheet, height: float, left: float = EDGE) -> None:
    for number, line in enumerate(settings_of(sheet)):
        _text(axes, left, height - FOOT + 2.0 + 3.0 * number, line, 6.5)


def strip_page(sheet: EcgSheet) -> Figure:
    """All ten seconds of all leads of a strip on one page."""
    panel = strip_panel(sheet.x, sheet.heatmap, _strip_seen(sheet))
    room = (WIDTH - 2 * EDGE, HEIGHT - TOP - CAPTION - EDGE)
    scale = min(1.0, room[0] / panel.sheet.width, room[1] / panel.sheet.height)
    figure, axes = _bare(HEIGHT)
    _header(axes, sheet, keyed=True)
    draw_panel(figure, panel, EDGE, TOP, scale)
    below = TOP + panel.sheet.height * scale + 2.0
    _text(axes, EDGE, below, f"{panel.caption} {_drawn_at(scale)}", 6.5)
    return figure


def _drawn_at(scale: float) -> str:
    drawn = f"drawn at {scale:.0%} of 25 mm/s and 10 mm/mV".replace("%", " %")
    return f"{SQUARES}; {drawn}."


def panel_figure(panel: SheetPanel, *, signed: bool = True) -> Figure:
    """A piece of paper alone, for a page that says the rest in text."""
    size = (panel.sheet.width / 25.4, panel.sheet.height / 25.4)
    figure = Figure(figsize=size, dpi=150)
    draw_panel(figure, panel, 0.0, 0.0, signed=signed)
    return figure


def _bare(height: float) -> tuple[Figure, Axes]:
    """An empty page, and axes over it in mm from its upper left corner."""
    figure = Figure(figsize=(WIDTH / 25.4, height / 25.4), dpi=150, facecolor="white")
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set(xlim=(0.0, WIDTH), ylim=(height, 0.0))
    axes.axis("off")
    return figure, axes


def _header(axes: Axes, sheet: EcgSheet, *, keyed: bool) -> None:
    limits = axes.get_xlim(), axes.get_ylim()
    said = side_by_side(sheet)
    _text(axes, EDGE, 4.0, " · ".join(filter(None, (f"ECG {sheet.name}", sheet.person))), 8)
    axes.text(WIDTH - EDGE, 4.0, f"ECGLens. {NOT_CLINICAL}", fontsize=7, ha="right", va="center",
              **TYPE)  # fmt: skip
    doubt = f" ({sheet.doubt})" if sheet.doubt else ""
    own = GREY if sheet.doubt else INK
    both = own if sheet.doubt else WARNING if said["verdict"] == DISAGREE[0] else INK
    columns = (
        (EDGE, f"Network{doubt}", said["reading"], said["limits"], own),
        (SECOND, "Measurement", said["measured"], said["by"], INK),
        (THIRD, "Agreement", said["verdict"], said["why"], both),
    )
    if sheet.finding.about.target.kind == "binary":
        columns = columns[:1]
    rights = (*(each[0] for each in columns[1:]), WIDTH - EDGE)
    for (left, over, value, below, colour), right in zip(columns, rights, strict=True):
        _text(axes, left, 8.0, over, 6.5, right - 1.0)
        size = min(LARGE, (right - left) / (LETTER_MM * len(value)))
        axes.text(left, 12.6, value, fontsize=size, fontweight="bold", va="center", color=colour,
                  parse_math=False)  # fmt: skip
        _text(axes, left, 17.1, below, 6.5, right - 1.0)
    _text(axes, EDGE, 20.8, measured_line(sheet), 7.5)
    axes.text(EDGE, 24.3, warning_of(sheet), fontsize=7.5, fontweight="bold", color=WARNING,
              va="center", parse_math=False)  # fmt: skip
    if sheet.heatmap is not None and keyed:
        draw_key(axes, WIDTH - EDGE + 2.0, signed=True, middle=10.0)
        axes.text(WIDTH - EDGE, 17.1, caution_of(sheet), fontsize=7.5, fontweight="bold",
                  color=WARNING, ha="right", va="center")  # fmt: skip
    axes.set(xlim=limits[0], ylim=limits[1])


def _text(
    axes: Axes, left: float, middle: float, words: str, size: float, right: float = WIDTH - EDGE
) -> None:
    """One line, smaller where it would pass `right`."""
    size = min(size, (right - left) / (LETTER / 7.0 * max(1, len(words))))
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


def _depth(lines: Sequence[Line]) -> float:
    return sum(LINE if text else BETWEEN for text, _, _ in lines)


def _draw_lines(axes: Axes, left: float, top: float, lines: Sequence[Line]) -> None:
    down = top + LINE / 2
    for text, bold, colour in lines:
        weight = "bold" if bold else "normal"
        axes.text(left, down, text, fontsize=7, fontweight=weight, va="center",
                  color=colour, parse_math=False)  # fmt: skip
        down += LINE if text else BETWEEN
