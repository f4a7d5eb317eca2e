"""The figure of an answer for an article, a card and a film: maps, reading and score by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from math import isfinite
from typing import Any

import numpy as np
from ecglens.ecg import LEADS
from ecglens.report import GREY, INK, RULE, AnswerFigure, Lanes, Row, headline
from ecglens.report.text import sampled
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.markers import CARETLEFT, CARETRIGHT
from matplotlib.patches import Rectangle
from PIL import Image

from .column import MM, TALLEST_MM, check, family, fault, in_family

USE, UNSURE, REJECTED, REGION, GRID = "#0b4f9e", "#7f9dc0", "#b9aa98", "#fbe9c8", "#f4e3df"
INKS = {"use": USE, "not shown": UNSURE, "do not use": REJECTED, "": "#a3a6ac"}
FADING = 0.45  # of the first block's opacity that the last one lacks
NARROW = 120.0  # mm: below it there is no room for the needles
HEAD, FOOT = 9.0, 2.0  # mm above and below the rows


@dataclass(frozen=True)
class Look:
    """Size of a drawing in mm, of its type in points, of a row, and of the column of names.

    `height` 0: as tall as its rows need.
    """

    width: float
    row: float
    size: float
    names: float
    head: float
    height: float = 0.0
    dpi: int = 300


LANE, NEEDLE, SCORE = "lane", "needle", "score"
COLUMNS = (LANE, NEEDLE, SCORE)


@dataclass(frozen=True)
class Part:
    """What of the figure is drawn; by default all of it, after the last step of the score.

    `rows` are names, none for all; columns that are left out leave their place empty. Without
    `nulls` no mark of a map to beat is beside a score, and without `stamps` no use is told.
    """

    step: int | None = None
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = COLUMNS
    nulls: bool = True
    stamps: bool = True

    def of(self, every: Sequence[Row]) -> list[Row]:
        """Rows that are drawn."""
        return [row for row in every if not self.rows or row.name in self.rows]

    def ink(self, row: Row) -> str:
        """Colour of a row."""
        return INKS[row.use] if self.stamps or not row.use else USE


WHOLE = Part()


def journal(own: AnswerFigure, width_mm: float) -> Figure:
    """The figure for a column of a journal, with type of 6.5 points.

    Raises TooNarrow where words would overlap, or where its rows are taller than a page.
    """
    narrow = width_mm < NARROW
    row = 6.2 if narrow else 7.0
    row = min(row, (TALLEST_MM - HEAD - FOOT) / len(own.rows))
    figure = maps_figure(own, Look(width_mm, row, 6.5, 28.0 if narrow else 40.0, HEAD))
    check(fault(figure), width_mm)
    return figure


def maps_figure(own: AnswerFigure, look: Look, part: Part = WHOLE) -> Figure:
    """The figure, or a part of it."""
    lanes = own.first if own.order else None
    rows = part.of(own.rows)
    count = len(rows)
    height = look.height or look.head + look.row * count + FOOT
    figure = Figure(figsize=(look.width * MM, height * MM), dpi=look.dpi)
    columns = _columns(look, with_lane=lanes is not None)
    bottom, tall = 1 - (look.head + look.row * count) / height, look.row * count / height
    for name, (left, wide) in columns.items():
        axes = figure.add_axes((left / look.width, bottom, wide / look.width, tall))
        axes.set_ylim(count, 0)
        for side in axes.spines.values():
            side.set_visible(False)
        axes.tick_params(left=False, labelleft=False, length=0, labelsize=look.size, pad=1)
        axes.xaxis.tick_top()
        if name == "names":
            _names(axes, rows, look, part)
        elif name not in part.columns:
            axes.set_axis_off()
        elif name == LANE and lanes is not None:
            _lane(axes, own, lanes, look, part)
        elif name == NEEDLE and lanes is not None:
            _needle(axes, own, lanes, look, part)
        else:
            _score(axes, own, look, part)
        for place in _borders(rows) if part.stamps else ():
            axes.axhline(place, color=RULE, linewidth=0.6, clip_on=False)
    in_family(figure)
    return figure


def caption(own: AnswerFigure) -> str:
    """What the figure shows, for an article."""
    lane = needle = ""
    if own.order:
        ecg = own.first.words
        lead = LEADS[own.lead]
        lane = f"Blocks: the {own.steps_label}, stacked over the leads, on {lead} of {ecg}. "
        needle = f"{own.reading_label}: an arrow from before to after they are replaced. "
    return (
        f"{headline(own.answer)} {lane}{needle}Dot: {own.score_label.lower()}, mean with 95 % "
        "interval. Dotted: controls; bar: the target region itself, as coarse as the map; "
        f"diamond: maps of other {sampled(own.finding.facts)}. Filled sign: use, half: not shown, "
        f"cross: do not use. {own.note}"
    )


def _columns(look: Look, *, with_lane: bool) -> dict[str, tuple[float, float]]:
    """Left end and width (mm) of each column."""
    apart, rest = 4.0, look.width - look.names - 1.0
    found = {"names": (1.0, look.names)}
    shares = {LANE: 0.43, NEEDLE: 0.24, SCORE: 0.33}
    if look.width < NARROW:
        shares = {LANE: 0.5, SCORE: 0.5}
    if not with_lane:
        shares = {SCORE: 1.0}
    left = look.names + 1.0
    for name, share in shares.items():
        wide = rest * share
        found[name] = (left + apart / 2, wide - apart)
        left += wide
    return found


def _borders(rows: Sequence[Row]) -> list[int]:
    """Places between rows of different uses."""
    return [n for n in range(1, len(rows)) if rows[n].use != rows[n - 1].use]


def _names(axes: Axes, rows: Sequence[Row], look: Look, part: Part) -> None:
    axes.set_xlim(0, look.names)
    axes.set_xticks([])
    for place, row in enumerate(rows):
        colour = INK if row.use else GREY
        words = {"color": colour, "parse_math": False, "va": "center"}
        if part.stamps:
            axes.text(0, place + 0.5, row.sign, fontsize=look.size, **words)
        axes.text(
            0.45 * look.size * part.stamps, place + 0.5, row.label, fontsize=look.size, **words
        )


def _lane(axes: Axes, own: AnswerFigure, lanes: Lanes, look: Look, part: Part) -> None:
    axes.set_xlim(0, lanes.length)
    trace = lanes.trace(own.lead)
    across = np.linspace(0, lanes.length, len(trace.points))
    for start, stop in lanes.in_region:
        axes.axvspan(start, stop, color=REGION, linewidth=0, zorder=0)
    for at in lanes.squares:
        axes.axvline(at, color=GRID, linewidth=0.4, zorder=0.5)
    for place, row in enumerate(part.of(own.rows)):
        blocks = lanes.cells.get(row.name, ())[: part.step]
        tall = 0.92 / lanes.tallest
        patches, shades = [], []
        for number, cell in enumerate(blocks):
            down = place + 0.96 - tall * (cell.height + 1)
            for start, stop in cell.spans:
                patches.append(Rectangle((start, down), stop - start, tall))
                shades.append(1 - FADING * number / lanes.steps)
        if row.name not in lanes.cells:  # the region itself
            patches = [Rectangle((a, place + 0.04), b - a, 0.92) for a, b in lanes.in_region]
            shades = [1.0] * len(patches)
        drawn = PatchCollection(
            patches, facecolor=part.ink(row), edgecolor="white", linewidth=0.2, alpha=shades or None
        )
        axes.add_collection(drawn)
        axes.plot(across, place + 0.04 + 0.92 * trace.points, color=INK, linewidth=0.5, zorder=3)
    _waves(axes, lanes, look)
    said = own.steps_label
    if look.width < NARROW:
        said = said.removesuffix(" replaced")  # the caption says it
    axes.set_title(f"{said[:1].upper()}{said[1:]}", **_head(look))


def _waves(axes: Axes, lanes: Lanes, look: Look) -> None:
    """Names of the waves above them; one that would touch the next makes room for it."""
    places = [at for _, at in lanes.waves]
    axes.set_xticks(places, [name for name, _ in lanes.waves])
    mm = axes.get_position().width * look.width / lanes.length  # of a sample
    room = 1.8 * look.size / 72 / MM
    names = axes.get_xticklabels()
    for name, at, after in zip(names, places, places[1:], strict=False):
        name.set_horizontalalignment("right" if (after - at) * mm < room else "center")


def _needle(axes: Axes, own: AnswerFigure, lanes: Lanes, look: Look, part: Part) -> None:
    low, *_, high = lanes.scale
    axes.set_xlim(low, high)
    axes.axvline(lanes.start, color=GREY, linewidth=0.6, zorder=0)
    for place, row in enumerate(part.of(own.rows)):
        if row.name not in lanes.readings:
            continue
        now = float(lanes.readings[row.name][-1 if part.step is None else part.step])
        colour = part.ink(row)
        axes.plot([lanes.start, now], [place + 0.5] * 2, color=colour, linewidth=1.2)
        tip = CARETLEFT if now < lanes.start else CARETRIGHT
        axes.plot(now, place + 0.5, marker=tip, color=colour, markersize=0.7 * look.size)
    axes.set_xticks([low, high])
    _inwards(axes)
    axes.set_title(own.reading_label, **_head(look))


def _score(axes: Axes, own: AnswerFigure, look: Look, part: Part) -> None:
    rows = part.of(own.rows)
    low, *_, high = own.ticks
    axes.set_xlim(low, high)
    for row in rows:
        if not row.use and not row.name.startswith("target_prior"):
            axes.axvline(row.score.value, color=GREY, linewidth=0.5, linestyle=":", zorder=0)
    for place, row in enumerate(rows):
        if not isfinite(row.score.value):
            continue
        middle, colour = place + 0.5, part.ink(row)
        axes.plot([row.score.low, row.score.high], [middle] * 2, color=colour, linewidth=1.2)
        if isfinite(row.region) and part.nulls:
            ends = [middle - 0.3, middle + 0.3]
            axes.plot([row.region] * 2, ends, color=INK, linewidth=1.2, solid_capstyle="butt")
        if isfinite(row.others) and part.nulls:
            size = 0.5 * look.size
            axes.plot(row.others, middle, "D", color=INK, markerfacecolor="white",
                      markersize=size, markeredgewidth=0.6)  # fmt: skip
        axes.plot(row.score.value, middle, "o", color=colour, markersize=0.5 * look.size, zorder=4)
    axes.set_xticks([low, high] if look.width < NARROW else own.ticks)
    _inwards(axes)
    axes.set_title(own.score_label, **_head(look))


def _inwards(axes: Axes) -> None:
    """Numbers at both ends stay within the column, apart from those of the next one."""
    first, *_, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")


def _head(look: Look) -> dict[str, Any]:
    return {"fontsize": look.size, "loc": "left", "pad": look.size, "color": INK}


CARD = (1200, 675)  # pixels, as pages that share a link show it
CARD_DPI, CARD_HEAD = 100, 30.0  # mm above the rows: the headline and the heads
FRAME_MS, REST_MS = 320, 4000
MOST_BYTES = 2_000_000


def card(own: AnswerFigure) -> bytes:
    """The answer with its figure as a PNG of 1200 × 675 pixels."""
    drawn = BytesIO()
    _picture(own, None).save(drawn, "png", optimize=True)
    return drawn.getvalue()


def film(own: AnswerFigure) -> bytes:
    """The figure while the steps change the ECG, as a GIF that plays once, of at most 2 MB.

    Raises ValueError where no steps were kept.
    """
    if not own.order:
        raise ValueError(
            "expected a run that kept what the steps change, got one without; run it again with "
            "gallery=1 or more"
        )
    steps = [*range(own.first.steps + 1)]
    # Pillow leaves out what is the same as in the frame before.
    frames = [_picture(own, step).quantize(64, dither=Image.Dither.NONE) for step in steps]
    drawn = BytesIO()
    shown = [FRAME_MS] * (len(steps) - 1) + [REST_MS]
    frames[0].save(
        drawn, "gif", save_all=True, append_images=frames[1:], duration=shown, optimize=True
    )
    return drawn.getvalue()


def _picture(own: AnswerFigure, step: int | None) -> Image.Image:
    """A frame of CARD's size: the headline above as many rows as it has room for."""
    wide, tall = (pixels / CARD_DPI / MM for pixels in CARD)
    row = min((tall - CARD_HEAD - FOOT) / max(len(own.rows), 1), 12.0)
    look = Look(wide, row, 11.0, 62.0, CARD_HEAD, tall, CARD_DPI)
    figure = maps_figure(own, look, Part(step))
    words = {"color": INK, "parse_math": False, "fontfamily": family(), "va": "center"}
    figure.text(0.01, 0.95, headline(own.answer), fontsize=17, fontweight="bold", **words)
    figure.text(0.99, 0.95, "ECGLens", fontsize=10, ha="right", **{**words, "color": GREY})
    drawn = BytesIO()
    figure.savefig(drawn, format="png", facecolor="white")
    return Image.open(drawn).convert("RGB")
