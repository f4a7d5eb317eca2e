"""What prepared ECGs look like: how their labels spread, some of their beats, their spectrum."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ...datamodules import Label
from ...ecg import LEADS
from ..figures.drawn_paper import draw_marks, draw_name, draw_trace, paper_figure
from ..figures.paper import lay_out, time_axis
from ..style import GREY, INK, PALETTE, RULE, TYPE
from ..text.numerals import counted, number

UNITS = {"pr": "ms", "qrs": "ms", "qt": "ms", "qt_tangent": "ms", "rate": "1/min", "age": "years"}
UNITS |= {"r": "µV", "j": "µV", "t": "µV"}
COLUMNS, PANEL = 4, (2.1, 1.65)  # inches of a histogram
MOST_BINS = 40
# Beyond these shares a single wrong value would press all others into one bar.
SHOWN = (0.001, 0.999)
FS, R_INDEX = 500.0, 250  # of a median beat
# A limb lead of each side, and the right and left ventricle: one beat to a line of paper.
GALLERY_LEADS = ("I", "II", "V1", "V5")
LONGEST_ID = 12  # characters, beside the name of a lead
LEAD_STYLES = ("-", "--")


def labels_figure(labels: Sequence[Label]) -> Figure:
    """A histogram per label that is a number; expects at least one."""
    rows = -(-len(labels) // COLUMNS)
    size = (PANEL[0] * min(COLUMNS, len(labels)), PANEL[1] * rows)
    figure = Figure(figsize=size, dpi=150, layout="constrained")
    grid = figure.subplots(rows, min(COLUMNS, len(labels)), squeeze=False)
    for axes, label in zip(grid.flat, labels, strict=False):
        _histogram(axes, label)
    for axes in grid.flat[len(labels) :]:
        axes.remove()
    return figure


def shares_figure(findings: Sequence[Label]) -> Figure:
    """The share of ECGs with each finding that is a yes or no, in this order."""
    figure = Figure(figsize=(7.0, 0.8 + 0.22 * len(findings)), dpi=150, layout="constrained")
    axes = figure.subplots()
    for place, label in enumerate(findings):
        share = 100.0 * label.values.mean()
        axes.barh(place, share, height=0.7, color=PALETTE[0])
        text = f" {label.values.sum():.0f} of {len(label.values)}"
        axes.text(share, place, text, fontsize=7, va="center", **TYPE)
    axes.set_yticks(range(len(findings)), [label.name for label in findings], **TYPE)
    axes.set_xlabel("% of the ECGs for which it is known")
    axes.margins(x=0.12)
    axes.set_ylim(len(findings) - 0.4, -0.6)
    _quiet(axes)
    return figure


def beats_figure(ids: Sequence[str], beats: Float[np.ndarray, "ecg 12 600"], title: str) -> Figure:
    """Median beats (µV) on ECG paper, an ECG a row, four leads each."""
    leads = [LEADS.index(lead) for lead in GALLERY_LEADS]
    names = [
        lead if column else f"{lead} · {_short(record)}"
        for record in ids
        for column, lead in enumerate(GALLERY_LEADS)
    ]
    cells = beats[:, leads].reshape(1, -1, beats.shape[-1]) / 1000.0
    sheet = lay_out(names, cells, FS, len(leads))
    figure, axes = paper_figure(sheet, title)
    for cell, trace in zip(sheet.cells, cells[0], strict=True):
        draw_trace(axes, cell.left, cell.zero, 1000.0 * trace, FS)
        draw_name(axes, cell.left, cell.label, cell.name)
    draw_marks(axes, sheet, time_axis(beats.shape[-1], FS, R_INDEX))
    return figure


def spectrum_figure(
    frequency: Float[np.ndarray, " frequency"], amplitude: Float[np.ndarray, "12 frequency"]
) -> Figure:
    """The amplitude of each frequency, a line per lead; both axes logarithmic."""
    figure = Figure(figsize=(7.0, 4.0), dpi=150, layout="constrained")
    axes = figure.subplots()
    for place, (lead, line) in enumerate(zip(LEADS, amplitude, strict=True)):
        colour, dash = PALETTE[place % 6], LEAD_STYLES[place // 6]
        axes.loglog(frequency[1:], line[1:], dash, color=colour, linewidth=1.0, label=lead)
    for mains in (50.0, 60.0):
        axes.axvline(mains, color=GREY, linewidth=0.6, linestyle=":", zorder=1)
    axes.set_xlabel("frequency, Hz; dotted: mains of 50 and 60 Hz")
    axes.set_ylabel("median amplitude, µV")
    axes.set_xlim(frequency[1], frequency[-1])
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    legend = axes.legend(ncols=2, fontsize=7.5, frameon=False, loc="lower left")
    for text in legend.get_texts():
        text.set(**TYPE)
    axes.grid(color=RULE, linewidth=0.4)
    _quiet(axes)
    return figure


def _histogram(axes: Axes, label: Label) -> None:
    values = label.values
    low = np.quantile(values, SHOWN[0], method="lower")
    high = np.quantile(values, SHOWN[1], method="higher")
    inside = values[(values >= low) & (values <= high)]
    axes.hist(inside, bins=min(MOST_BINS, int(np.sqrt(len(inside))) + 3), color=PALETTE[0])
    unit, beyond = UNITS.get(label.name, ""), len(values) - len(inside)
    words = [unit, f"{counted(beyond, 'ECG')} beyond" if beyond else ""]
    axes.set_xlabel(", ".join(filter(None, words)))
    row = label.row
    spread = f"{number(row['mean'])} ± {number(row['sd'])}"
    axes.set_title(f"{label.name}: {spread}, n {len(values)}", loc="left", fontsize=8, **TYPE)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    _quiet(axes)


def _short(record: str) -> str:
    """The end of an id that would reach into the next lead."""
    return record if len(record) <= LONGEST_ID else f"…{record[1 - LONGEST_ID :]}"


def _quiet(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    for spine in axes.spines.values():
        spine.set(color=INK, linewidth=0.6)
    axes.tick_params(which="both", labelsize=7.5, colors=INK, width=0.6)
    axes.xaxis.label.set(fontsize=8, **TYPE)
    axes.yaxis.label.set(fontsize=8, **TYPE)
