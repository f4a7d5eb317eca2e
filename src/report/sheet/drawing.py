"""The ECG on paper in true size: 25 mm/s and 10 mm/mV when the page is printed as A4."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ...ecg import LEADS, R_PEAK
from ..figures.display import shown
from ..figures.drawn_paper import draw_marks, draw_name, draw_paper, draw_trace, places
from ..figures.ecg import highlight
from ..figures.paper import CLINICAL, Sheet, lay_out, time_axis

FS = 500.0  # Hz of what a network reads
RHYTHM = "II"
COLUMNS = 4  # of a clinical print, 2.5 s each
STRIP_S = 10.0
WIDER = 4  # samples: one that stands alone is 0.45 mm wide in true size, not a twentieth of that
# Higher waves reach into the next row, as on an electrocardiograph's print; else one artefact would
# make a page of a metre.
ROOM_MV = 2.5


@dataclass(frozen=True, eq=False)
class Trace:
    """Part of one lead: µV, shown levels of its heatmap (−1…1, 0 for none)."""

    x: Float[np.ndarray, " time"]
    levels: Float[np.ndarray, " time"]


@dataclass(frozen=True, eq=False)
class Panel:
    """A piece of paper with its traces, and what it is, said below; time begins at `origin`."""

    sheet: Sheet
    traces: tuple[Trace, ...]
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
) -> Panel:
    """A beat (µV) in three rows of four leads; time is counted from sample `origin`."""
    levels = _levels(x, heatmap)
    rows = [LEADS.index(name) for name in CLINICAL]
    return Panel(
        lay_out(CLINICAL, _room(x[None, rows]), FS, COLUMNS),
        tuple(Trace(x[row], levels[row]) for row in rows),
        FS,
        f"Median beat. {caption} 25 mm/s, 10 mm/mV; 0 ms at the R peak.",
        origin,
    )


def clinical_panel(
    x: Float[np.ndarray, "12 time"],
    fs: float,
    heatmap: Float[np.ndarray, "12 time"] | None,
    caption: str,
) -> Panel:
    """At most 10 s (µV) as an electrocardiograph prints them: a quarter of it of each lead."""
    x, levels = centred(x[:, : round(STRIP_S * fs)]), _levels(x, heatmap)
    length = x.shape[1] // COLUMNS
    traces = []
    for place, name in enumerate(CLINICAL):
        start = place % COLUMNS * length
        part = slice(start, start + length)
        row = LEADS.index(name)
        traces.append(Trace(x[row, part], levels[row, part]))
    stacked = np.stack([trace.x for trace in traces])[None]
    return Panel(lay_out(CLINICAL, _room(stacked), fs, COLUMNS), tuple(traces), fs, caption)


def rhythm_panel(
    x: Float[np.ndarray, "12 time"],
    fs: float,
    heatmap: Float[np.ndarray, "12 time"] | None,
    caption: str,
) -> Panel:
    """Lead II (µV) over at most 10 s."""
    row = LEADS.index(RHYTHM)
    part = slice(0, round(STRIP_S * fs))
    one = centred(x[:, part])[row]
    levels = _levels(x, heatmap)[row, part]
    sheet = lay_out([RHYTHM], _room(one[None, None]), fs, 1)
    return Panel(sheet, (Trace(one, levels),), fs, caption)


def strip_panel(
    x: Float[np.ndarray, "12 time"], heatmap: Float[np.ndarray, "12 time"] | None, caption: str
) -> Panel:
    """All of a strip (µV), a row for each lead."""
    x, levels = centred(x), _levels(x, heatmap)
    sheet = lay_out(LEADS, _room(x[None]), FS, 1)
    traces = tuple(Trace(*each) for each in zip(x, levels, strict=True))
    return Panel(sheet, traces, FS, f"All twelve leads. {caption}")


def draw_panel(figure: Figure, panel: Panel, left: float, top: float, scale: float = 1.0) -> Axes:
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
    """What a sample is coloured by: the strongest value within WIDER samples, with its sign."""
    if heatmap is None:
        return np.zeros(x.shape)
    padded = np.pad(shown(heatmap), ((0, 0), (WIDER, WIDER)))
    near = np.lib.stride_tricks.sliding_window_view(padded, 2 * WIDER + 1, axis=1)
    at = np.abs(near).argmax(-1)[..., None]
    return np.take_along_axis(near, at, -1)[..., 0]
