"""Figures 1 and 3 to 6 of Storås 2025: measurements, and heatmaps of chosen ECGs."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from ecglens.ecg import BIT, V5
from ecglens.eval import Curves, Finding
from ecglens.report import TYPE, origin, style, twelve_lead_figure, unique_key
from ecglens.report.figures import (
    MM_PER_MS,
    MM_PER_MV,
    Cell,
    draw_marks,
    draw_name,
    draw_trace,
    lay_out,
    paper_figure,
    time_axis,
)
from ecglens.report.text import INPUTS, reading, record_words, target_words
from ecglens_paper.figures import Choice, averaged_rows_figure, check_choice
from jaxtyping import Bool, Float, Int8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .experiments import Drawing, Section
from .printed import RANDOM, printed_auc

INTERVALS, AMPLITUDES = ("pr", "qrs", "qt"), ("r", "j", "t")
BLUE, VERMILION = "#0072b2", "#d55e00"  # Okabe & Ito 2008
# Figures 5 and 6: the target, and the methods of panels A and B.
PANELS = {"5": ("t", ("deeplift", "guided_gradcam")), "6": ("pr", ("smoothgrad", "guided_gradcam"))}
LETTERS = "ABCDEFGHIJKL"
# Intervals as the waves that they span, and millimetres of their brackets below the deepest trace.
BRACKETS = {"PR": (("P", "PQ"), 3.0), "QRS": (("QRS",), 3.0), "QT": (("QRS", "ST", "T"), 7.0)}
ENLARGED = 3.0  # of true size: names beside a trace need room
ROOM_MV = 1.1  # below the trace, for two rows of brackets
LEVEL_MS = 16.0  # before QRS onset: the level of the amplitudes


def heatmap_parts(given: str, ranked: Sequence[Finding], choice: Choice) -> list[Section]:
    """Figures 1 and 3 to 6, where the maps of an ECG were kept."""
    if not all(each.curves[0].gallery.records for each in ranked):
        return []
    drawings = tuple(_drawings(given, ranked, choice))
    words = (
        "ECGs: the first of the kept ones, and of the others the one that the networks read "
        "worst, unless --records names others. Networks: the first seed. Blue raises and orange "
        "lowers the prediction (the article has red).",
    )
    return [Section(f"Figures 1 and 3 to 6, {INPUTS.get(given, given)}", (), drawings, words)]


def _drawings(given: str, ranked: Sequence[Finding], choice: Choice) -> Iterator[Drawing]:
    targets, records = by_target(ranked), chosen(ranked, choice)
    if given == "median":
        yield from _measured(ranked, records[:1])
        for number, names in (("3", INTERVALS), ("4", AMPLITUDES)):
            of_kind = [targets[name] for name in names if name in targets]
            yield from _averaged(number, of_kind, choice, records)
    for number, (target, pair) in PANELS.items():
        for record in records if target in targets else ():
            yield from _panels(f"{number}-{given}", targets[target], record, choice, pair)


def _measured(ranked: Sequence[Finding], records: Sequence[str]) -> Iterator[Drawing]:
    """Figure 1, of the first of these ECGs."""
    for record in records:
        finding = next(each for each in ranked if record in each.curves[0].gallery.records)
        caption = "Figure 1: the intervals and amplitudes, on the first ECG drawn below."
        yield Drawing("figure-1", caption, measured_figure(finding, record), on_paper=True)


def _averaged(
    number: str, of_kind: Sequence[Finding], choice: Choice, records: Sequence[str]
) -> Iterator[Drawing]:
    """Figure 3 or 4: a figure per ECG."""
    nine = sorted(name for name in printed_auc()["pr"] if name != RANDOM)
    for record in records:
        figure = averaged_by_target(of_kind, record, choice, nine)
        if figure is not None:
            shown = record_words(record, of_kind[0].facts)
            caption = f"Figure {number}: V5 of {shown}, under each method's mean over the leads."
            yield Drawing(f"figure-{number}-{_file(record)}", caption, figure, on_paper=True)


def _panels(
    name: str, finding: Finding, record: str, choice: Choice, pair: Sequence[str]
) -> Iterator[Drawing]:
    gallery = finding.curves[0].gallery
    for letter, method in zip(LETTERS, choice.methods or pair, strict=False):
        heatmap = map_of(finding.curves[0], method, record)
        if heatmap is None:
            continue
        place = gallery.records.index(record)
        title = f"{letter}  {style(method).label} · {target_words(finding.about.target)}"
        title += f" · {record_words(record, finding.facts)} ({reading(finding, record)})"
        start = origin(gallery.segments[place : place + 1])
        figure: Figure = twelve_lead_figure(gallery.x[place], heatmap, title, gallery.fs, start)
        caption = f"Figure {name[0]}{letter}: twelve leads under the map of {style(method).label}."
        if not (heatmap < 0).any():
            caption += " This map has no sign: it shows size alone."
        yield Drawing(f"figure-{name}-{_file(record)}-{letter}", caption, figure, on_paper=True)


def _file(record: str) -> str:
    """Name of an ECG as a part of a file's name."""
    return unique_key(record, ())


def chosen(findings: Sequence[Finding], choice: Choice) -> tuple[str, ...]:
    """ECGs to draw: the first that every gallery has, and the one of the others read worst.

    Read worst is the largest |f(x) − y| of the first networks, as a share of their mean |f(x) − y|,
    mean over the findings. Errors as in `check_choice`.
    """
    check_choice(findings, choice)
    galleries = [each.curves[0].gallery.records for each in findings]
    common = [name for name in galleries[0] if all(name in other for other in galleries)]
    if choice.records or not common:
        return choice.records
    badly = sorted(common[1:], key=lambda name: -_misread(findings, name))
    return (common[0], *badly[:1])


def averaged_by_target(
    findings: Sequence[Finding], record: str, choice: Choice, methods: Sequence[str]
) -> Figure | None:
    """V5 of an ECG (µV) under mean |attribution| over leads: a row a method, a column a target.

    Targets whose gallery lacks the ECG are left out; None where all do.
    """
    have = [each for each in findings if record in each.curves[0].gallery.records]
    if not have:
        return None
    gallery = have[0].curves[0].gallery
    place = gallery.records.index(record)
    rows = {
        style(name).label: [map_of(each.curves[0], name, record) for each in have]
        for name in choice.methods or methods
        if any(name in each.curves[0].gallery.heatmaps for each in have)
    }
    headings = tuple(target_words(each.about.target) for each in have)
    start = origin(gallery.segments[place : place + 1])
    return averaged_rows_figure(gallery.x[place, V5], rows, headings, gallery.fs, start)


def map_of(curves: Curves, method: str, record: str) -> Float[np.ndarray, "12 time"] | None:
    """Kept map of an ECG; None where there is none."""
    gallery = curves.gallery
    if method not in gallery.heatmaps or record not in gallery.records:
        return None
    place = gallery.records.index(record)
    maps = gallery.heatmaps[method]
    return maps[place] if place < len(maps) else None


def by_target(findings: Sequence[Finding]) -> Mapping[str, Finding]:
    """First finding of each target."""
    found: dict[str, Finding] = {}
    for each in findings:
        found.setdefault(each.about.target.name, each)
    return found


def _misread(findings: Sequence[Finding], record: str) -> float:
    shares = []
    for finding in findings:
        curves = finding.curves[0]
        read = next(iter(curves.predictions.values()))[0, :, 0]
        off = np.abs(read - curves.y)
        shares.append(off[curves.records.index(record)] / np.nanmean(off))
    return float(np.nanmean(shares))


def measured_figure(finding: Finding, record: str) -> Figure:
    """PR, QRS and QT as brackets, R, J and T as arrows from the level before QRS (µV to mV).

    What was not delineated in this ECG is left out.
    """
    gallery = finding.curves[0].gallery
    place = gallery.records.index(record)
    x, mask, fs = gallery.x[place, V5], gallery.segments[place], gallery.fs
    title, start = f"{record_words(record, finding.facts)}, lead V5", origin(mask[None])
    figure, axes, cell = lead_figure(x, fs, start, "V5", title, ROOM_MV)

    def across(sample: float) -> float:
        return cell.left + sample / fs * 1000.0 * MM_PER_MS

    def down(microvolts: float) -> float:
        return cell.zero - microvolts / 1000.0 * MM_PER_MV

    lowest = down(float(x.min()))
    for name, (waves, below) in BRACKETS.items():
        inside = _inside(mask, waves)
        if inside.any():
            first, last = np.flatnonzero(inside)[[0, -1]]
            _bracket(axes, name, (across(first), across(last)), lowest + below)
    if (inside := _inside(mask, ("QRS",))).any():
        onset, end = np.flatnonzero(inside)[[0, -1]]
        level = float(x[max(0, onset - round(LEVEL_MS * fs / 1e3)) : onset + 1].mean())
        peaks = {"R": int(onset + x[onset : end + 1].argmax()), "J": int(end)}
        if (late := _inside(mask, ("T",))).any():
            samples = np.flatnonzero(late)
            peaks["T"] = int(samples[np.abs(x[samples] - level).argmax()])
        for name, sample in peaks.items():
            at, ends = across(sample), (down(level), down(float(x[sample])))
            axes.plot([at, at], ends, color=VERMILION, linewidth=1.4, zorder=4)
            axes.plot(at, ends[1], "o", color=VERMILION, markersize=4, zorder=4)
            look = {**TYPE, "color": VERMILION}
            axes.text(at + 0.5, min(ends) - 1.2, name, fontsize=9, va="center", **look)
    return figure


def lead_figure(
    x: Float[np.ndarray, " time"], fs: float, origin: int, name: str, title: str, room_mv: float
) -> tuple[Figure, Axes, Cell]:
    """One lead (µV) enlarged, to be annotated: the figure, its axes in mm, and where the lead is.

    Time is counted from sample `origin`; `room_mv` is left free below the trace.
    """
    deep = x.copy()
    deep[0] = x.min() - room_mv * 1000.0
    sheet = lay_out([name], deep[None, None] / 1000.0, fs, columns=1)
    figure, axes = paper_figure(sheet, title, zoom=ENLARGED)
    cell = sheet.cells[0]
    draw_trace(axes, cell.left, cell.zero, x, fs)
    draw_name(axes, cell.left, cell.label, cell.name)
    draw_marks(axes, sheet, time_axis(len(x), fs, origin))
    return figure, axes, cell


def _inside(mask: Int8[np.ndarray, " time"], waves: tuple[str, ...]) -> Bool[np.ndarray, " time"]:
    return (mask & sum(BIT[wave] for wave in waves)) != 0


def _bracket(axes: Axes, name: str, ends: tuple[float, float], at: float) -> None:
    left, right = ends
    axes.plot([left, left, right, right], [at - 0.8, at, at, at - 0.8], color=BLUE, linewidth=1.4)
    middle, look = (left + right) / 2, {**TYPE, "color": BLUE}
    axes.text(middle, at + 1.3, name, fontsize=9, ha="center", va="center", **look)
