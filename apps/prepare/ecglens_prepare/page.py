"""The page on prepared ECGs: numbers, figures, and examples to look at."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ecglens.datamodules import UNITS, Excluded, Group, grouped, may_leave
from ecglens.ecg import FS_HZ, LEADS, R_INDEX
from ecglens.report import (
    GREY,
    INK,
    PALETTE,
    RULE,
    TYPE,
    Exclusion,
    Pseudonyms,
    environment,
    excluded_table,
    installed_versions,
    plain_reason,
    plain_source,
    write_file,
    write_table,
)
from ecglens.report.figures import (
    draw_marks,
    draw_name,
    draw_trace,
    inline_svg,
    lay_out,
    paper_figure,
    png,
    small_png,
    time_axis,
)
from ecglens.report.text import INPUTS, counted, generated, number, percent
from ecglens.store import keep_private, write_text
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from .flow import QUANTILES, Flow, Label

COLUMNS, PANEL = 4, (2.1, 1.65)  # inches of a histogram
MOST_BINS = 40
# Beyond these shares a single wrong value would press all others into one bar.
SHOWN = (0.001, 0.999)
# A limb lead of each side, and the right and left ventricle: one beat to a line of paper.
GALLERY_LEADS = ("I", "II", "V1", "V5")
AMOUNT = re.compile(r"\d+(?:\.\d+)?(?= (?:s|mV)\b)")  # in the text of a fault
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
    sheet = lay_out(names, cells, FS_HZ, len(leads))
    figure, axes = paper_figure(sheet, title)
    for cell, trace in zip(sheet.cells, cells[0], strict=True):
        draw_trace(axes, cell.left, cell.zero, 1000.0 * trace, FS_HZ)
        draw_name(axes, cell.left, cell.label, cell.name)
    draw_marks(axes, sheet, time_axis(beats.shape[-1], FS_HZ, R_INDEX))
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


# Characters of base64 for the picture of the beats.
PICTURE = 700_000
# Of hundreds of codes those that most ECGs have; all are in labels.csv.
MOST_FINDINGS = 40
INLINE = ("labels", "shares", "spectrum")
SUMMARY = ("mean", "sd", *QUANTILES)


@dataclass(frozen=True)
class Looks:
    """Some median beats (µV) with the ids of their ECGs, and the median spectrum of the input."""

    ids: tuple[str, ...]
    beats: Float[np.ndarray, "ecg 12 600"]
    frequency: Float[np.ndarray, " frequency"]
    amplitude: Float[np.ndarray, "12 frequency"]

    def under(self, names: Pseudonyms, source: str) -> "Looks":
        """The same under the pseudonyms of these ECGs."""
        return replace(self, ids=names.all_of(source, self.ids))


def write_preparation(
    flow: Flow,
    looks: Looks | None,
    settings: Mapping[str, Any],
    folder: Path,
    names: Pseudonyms | None = None,
) -> Path:
    """Write preparation.html into `folder`, figures as PNG and tables as CSV beside it; its path.

    `looks` is None when there is no usable ECG to look at. Unless `settings`, those of the source,
    say that its ECGs may leave this machine, they have `names` as in `write_report`.
    """
    leaves = may_leave(settings)
    if not leaves:
        keep_private()
        names = names or Pseudonyms()
        source, settings = flow.source, plain_source(settings, names)
        flow, looks = _under(names, flow), looks and looks.under(names, source)
        names.save(folder)
    prominent = [label for label in flow.labels if label.prominent]
    figures = _figures(flow, looks)
    pictures = {name: png(figure) for name, figure in figures.items()}
    for name, picture in pictures.items():
        write_file(folder / f"{name}.png", picture)
    write_table(flow.table, folder / "labels.csv")
    write_table(excluded_table(flow.excluded), folder / "excluded.csv")
    write_table(_missing_table(flow), folder / "missing.csv")
    write_table(_faults_table(flow), folder / "leads.csv")
    text = environment(__package__ or "").get_template("preparation.html")
    page = text.render(
        title=f"{flow.source}: {counted(flow.usable, 'usable ECG')} of {flow.ecgs}",
        people=_people(flow),
        input=INPUTS[flow.input],
        excluded=_shown(grouped(flow.excluded)),
        rows=[label.row for label in prominent],
        others=[label.row for label in flow.labels if not label.prominent],
        summary=SUMMARY,
        missing=_missing(prominent),
        faults=_shown(_without_numbers(flow.faults)),
        drawn={name: inline_svg(figures[name], name) for name in INLINE if name in figures},
        beats=small_png(pictures["beats"], PICTURE) if "beats" in pictures else None,
        details=[
            *((name, str(value)) for name, value in settings.items()),
            *installed_versions().items(),
        ],
        pseudonyms=not leaves,
    )
    return write_text(folder / "preparation.html", page)


def _people(flow: Flow) -> str:
    alone = generated({"source": flow.source})
    return "generated" if alone else f"of {counted(flow.patients, 'patient')}"


def spoken(flow: Flow) -> str:
    """The flow in plain lines, for a terminal."""
    lines = [f"{flow.source}: {counted(flow.ecgs, 'ECG')}"]
    left_out = flow.ecgs - flow.usable
    lines.append(f"  {left_out} left out" if left_out else "  none left out")
    lines += [f"    {_line(group)}" for group in _shown(grouped(flow.excluded))]
    lines.append(f"  {flow.usable} usable, {_people(flow)}")
    prominent = [label for label in flow.labels if label.prominent]
    if prominent:
        table = pd.DataFrame([label.row for label in prominent])
        shown = table.map(lambda value: number(value) if isinstance(value, float) else value)
        lines += ["", shown.to_string(index=False)]
    if findings := _findings(flow):
        lines += ["", *(f"{label.name}: {_share(label)}" for label in findings)]
    if more := len(flow.labels) - len(prominent) - len(findings):
        lines.append(f"{more} other labels, mostly of one value: labels.csv")
    if missing := _missing(prominent):
        lines += ["", "usable, but without"]
        lines += [f"  {labels}: {_line(group)}" for labels, group in missing]
    if flow.faults:
        lines += ["", "usable, with a fault of the recording"]
        lines += [f"  {_line(group)}" for group in _shown(_without_numbers(flow.faults))]
    return "\n".join(lines)


def _under(names: Pseudonyms, flow: Flow) -> Flow:
    """The flow under the pseudonyms of its ECGs."""

    def plain(pairs: Iterable[Sequence[str]]) -> tuple[Excluded, ...]:
        return tuple(
            Excluded(names.of(flow.source, name, reason), plain_reason(reason, name))
            for name, reason in pairs
        )

    labels = []
    for label in flow.labels:
        lacking = plain((name, group.reason) for group in label.missing for name in group.names)
        labels.append(replace(label, missing=grouped(lacking)))
    faults = (replace(one, names=names.all_of(flow.source, one.names)) for one in flow.faults)
    return replace(flow, excluded=plain(flow.excluded), labels=tuple(labels), faults=tuple(faults))


def _missing(labels: Sequence[Label]) -> list[tuple[str, Exclusion]]:
    """Who lacks which of these labels and why; labels that the same ECGs lack stand together."""
    lacking: dict[Group, list[str]] = {}
    for label in labels:
        for group in label.missing:
            lacking.setdefault(group, []).append(label.name)
    return [
        (", ".join(names), Exclusion(group.reason, group.names)) for group, names in lacking.items()
    ]


def _findings(flow: Flow) -> list[Label]:
    """Labels that are a yes or no and once a yes, the most frequent first."""
    found = [label for label in flow.labels if label.binary and label.values.any()]
    return sorted(found, key=lambda label: -label.values.mean())[:MOST_FINDINGS]


def _share(label: Label) -> str:
    share = percent(label.values.mean())
    return f"{share} ({label.values.sum():.0f} of {len(label.values)})"


def _line(group: Exclusion) -> str:
    return f"{len(group.names)} × {group.reason}: {group.shown}"


def _figures(flow: Flow, looks: Looks | None) -> dict[str, Figure]:
    figures = {}
    if drawn := [label for label in flow.labels if label.prominent and len(label.values)]:
        figures["labels"] = labels_figure(drawn)
    if findings := _findings(flow):
        figures["shares"] = shares_figure(findings)
    if looks:
        title = f"Median beats of {counted(len(looks.ids), 'ECG')} of {flow.source}"
        if looks.ids:
            figures["beats"] = beats_figure(looks.ids, looks.beats, title)
        figures["spectrum"] = spectrum_figure(looks.frequency, looks.amplitude)
    return figures


def _shown(groups: Sequence[Group]) -> list[Exclusion]:
    return [Exclusion(group.reason, group.names) for group in groups]


def _without_numbers(faults: Sequence[Group]) -> list[Group]:
    """Faults whose texts differ only in how much and when are one, the most frequent first."""
    names: dict[str, list[str]] = {}
    for group in faults:
        names.setdefault(AMOUNT.sub("…", group.reason), []).extend(group.names)
    groups = [Group(fault, tuple(dict.fromkeys(found))) for fault, found in names.items()]
    return sorted(groups, key=lambda group: -len(group.names))


def _missing_table(flow: Flow) -> pd.DataFrame:
    """One row per ECG and label that it lacks."""
    rows = [
        (name, label.name, group.reason)
        for label in flow.labels
        for group in label.missing
        for name in group.names
    ]
    return pd.DataFrame(rows, columns=pd.Index(["record", "label", "reason"]))


def _faults_table(flow: Flow) -> pd.DataFrame:
    """One row per ECG and fault of its recording."""
    rows = [(name, group.reason) for group in flow.faults for name in group.names]
    return pd.DataFrame(rows, columns=pd.Index(["record", "fault"]))
