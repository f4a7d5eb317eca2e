"""The flow of ECGs through a study: boxes with counts, drawn in millimetres."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import pandas as pd
from ecglens.datamodules import Excluded, grouped
from ecglens.report import INK, TYPE
from ecglens.report.text import counted, generated, target_words
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .manuscript import Manuscript

MM = 1 / 25.4  # inches
WIDTH = 85.0  # mm, a single column; drawn wider by scaling
SIZE, LINE, LETTER = 6.5, 2.9, 1.28  # points of the type, mm of a line and of a letter's width
EDGE, GAP = 1.5, 4.0  # mm around the words of a box, and between boxes
MAIN, ASIDE = 0.4, 0.5  # of the width: a box of the way, and one beside it
MOST = 6  # reasons in a box; the table has all


@dataclass(frozen=True)
class Box:
    """A group of ECGs; `patients` is None where nobody stands behind them, or it is not known.

    `spare` ECGs beside them are not used.
    """

    words: str
    ecgs: int
    patients: int | None = None
    spare: int = 0

    @property
    def row(self) -> tuple[str, int, int | None]:
        """Row of a table."""
        return self.words, self.ecgs, self.patients

    @property
    def lines(self) -> list[str]:
        """Text of the box."""
        people = [] if self.patients is None else [counted(self.patients, "patient")]
        spare = [f"{self.spare} more not used"] if self.spare else []
        return [self.words, counted(self.ecgs, "ECG"), *people, *spare]


@dataclass(frozen=True)
class FlowChart:
    """ECGs read, left out with reasons and their counts, usable, divided, and explained.

    A step that is not known is empty.
    """

    read: Sequence[Box]
    unused: Sequence[tuple[str, int]]
    usable: Sequence[Box]
    without: str
    unlabelled: Sequence[tuple[str, int]]
    parts: Sequence[Box]
    explained: Box


def flow_figure(chart: FlowChart) -> Figure:
    """From top to bottom, with those left out at the right; explained ones are of the test part."""
    figure = Figure(figsize=(WIDTH * MM, 1.0), dpi=150)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.axis("off")
    left, wide = 1.0, MAIN * WIDTH
    middle, down = left + wide / 2, 1.0
    steps = [
        (chart.read, chart.unused, "Could not be used"),
        (chart.usable, chart.unlabelled, f"{chart.without[:1].upper()}{chart.without[1:]}"),
    ]
    above = None
    for boxes, left_out, words in steps:
        for each in boxes:
            if above is not None:
                _arrow(axes, (middle, above), (middle, down))
            above = down + _box(axes, (left, down, wide), each.lines)
            down = above + GAP
        if boxes and left_out:
            at = WIDTH * (1 - ASIDE) - 1.0
            tall = _box(axes, (at, down, WIDTH * ASIDE), _reasons(words, left_out), centred=False)
            _arrow(axes, (middle, down + tall / 2), (at, down + tall / 2))
            down += tall + GAP
    down = _divided(axes, chart, (middle, above), down)
    axes.set(xlim=(0.0, WIDTH), ylim=(down + 1.0, 0.0))
    figure.set_size_inches(WIDTH * MM, (down + 1.0) * MM)
    return figure


def _divided(axes: Axes, chart: FlowChart, start: tuple[float, float | None], down: float) -> float:
    """The parts side by side and the explained ECGs below the last; where it ends."""
    count = max(1, len(chart.parts))
    wide = (WIDTH - 2.0 - GAP * (count - 1)) / count
    lowest, across = down, WIDTH / 2
    middle, above = start
    for place, part in enumerate(chart.parts):
        left = 1.0 + place * (wide + GAP)
        across = left + wide / 2
        if above is not None:
            axes.plot([middle, middle, across], [above, down, down], color=INK, linewidth=0.6)
            _arrow(axes, (across, down), (across, down + GAP))
        lowest = down + GAP + _box(axes, (left, down + GAP, wide), part.lines)
    if chart.parts:
        _arrow(axes, (across, lowest), (across, lowest + GAP))
    left = min(max(1.0, across - wide / 2), WIDTH - 1.0 - wide)
    return lowest + GAP + _box(axes, (left, lowest + GAP, wide), chart.explained.lines)


def _reasons(words: str, left_out: Sequence[tuple[str, int]]) -> list[str]:
    """Lines of a box beside the way: how many, and why."""
    total = sum(count for _, count in left_out)
    named = [f"{why} (n\u00a0=\u00a0{count})" for why, count in left_out[:MOST]]
    if rest := [count for _, count in left_out[MOST:]]:
        named.append(f"{counted(len(rest), 'further reason')} (n\u00a0=\u00a0{sum(rest)})")
    room = int((WIDTH * ASIDE - 2 * EDGE) / LETTER)
    lines = [f"{words}: {counted(total, 'ECG')}"]
    return [line for text in (*lines, *named) for line in wrap(text, room, subsequent_indent="  ")]


def _box(
    axes: Axes, place: tuple[float, float, float], lines: Sequence[str], *, centred: bool = True
) -> float:
    """A box of this left end, top and width around its lines; its height."""
    left, top, wide = place
    tall = 2 * EDGE + LINE * len(lines)
    axes.add_patch(Rectangle((left, top), wide, tall, fill=False, edgecolor=INK, linewidth=0.8))
    across, align = (left + wide / 2, "center") if centred else (left + EDGE, "left")
    for number, line in enumerate(lines):
        down = top + EDGE + LINE * (number + 0.5)
        axes.text(across, down, line, fontsize=SIZE, ha=align, va="center", **TYPE)
    return tall


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    look = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops={**look, "mutation_scale": 5})


PARTS = {"train": "Training part", "val": "Validation part", "test": "Test part"}
UNUSED, EXPLAINED = "could not be used", "of the test part explained"
SPARE = "of the training part not used: data.split.first"


def reasons(facts: Mapping[str, Any], kind: str) -> list[tuple[str, int]]:
    """Why ECGs were left out, the most frequent reason first; `kind` is a fact with names.

    Reasons that differ in their values are one, with "…" for these.
    """
    left_out = [Excluded(str(name), str(reason)) for name, reason in facts.get(kind, [])]
    return [(group.reason, len(group.names)) for group in grouped(left_out)]


def spare(manuscript: Manuscript) -> int:
    """Number of ECGs of the training part that `data.split.first` leaves out."""
    facts, split = manuscript.facts, manuscript.settings.get("data", {}).get("split") or {}
    if split.get("first") is None or not {"usable", *PARTS} <= facts.keys():
        return 0
    parts = sum(facts[part] for part in PARTS)
    return max(0, facts["usable"] - len(facts.get("without_label", ())) - parts)


def flow_chart(manuscript: Manuscript) -> FlowChart:
    """Boxes from the ECGs that were read to those that were explained; what is unknown is out."""
    facts, people = manuscript.facts, manuscript.facts.get("patients_of_part", {})
    nobody = generated(facts)

    def box(words: str, ecgs: Any, patients: Any = None, more: int = 0) -> list[Box]:
        return [Box(words, ecgs, None if nobody else patients, more)] if ecgs is not None else []

    explained = [
        (len(each.curves[0].records), len({*each.curves[0].patients})) for each in manuscript.ranked
    ]
    unranked = (each for each in manuscript.findings if not each.ranked)
    explained += [(len(each.about.records), each.patients) for each in unranked]
    return FlowChart(
        read=box("ECGs read", facts.get("ecgs")),
        unused=reasons(facts, "excluded"),
        usable=box("Readable", facts.get("usable"), facts.get("patients")),
        without=f"without {target_words(manuscript.target)}",
        unlabelled=reasons(facts, "without_label"),
        parts=[
            each
            for part, words in PARTS.items()
            for each in box(
                words, facts.get(part), people.get(part), spare(manuscript) * (part == "train")
            )
        ],
        explained=box("Explained", *max(explained))[0],
    )


def flow(manuscript: Manuscript) -> pd.DataFrame:
    """A row per step: what, the ECGs, and the patients if there are any; rows add up."""
    chart = flow_chart(manuscript)
    rows: list[tuple[str, int, int | None]] = [each.row for each in chart.read]
    rows += [(f"– {UNUSED}: {why}", n, None) for why, n in chart.unused]
    rows += [each.row for each in chart.usable]
    rows += [(f"– {chart.without}: {why}", n, None) for why, n in chart.unlabelled]
    for each in chart.parts:
        rows += [each.row, *[(f"– {SPARE}", each.spare, None)] * bool(each.spare)]
    rows += [(f"– {EXPLAINED}", *chart.explained.row[1:])]
    return pd.DataFrame(rows, columns=pd.Index(["step", "ecgs", "patients"])).astype(
        {"ecgs": "Int64", "patients": "Int64"}
    )
