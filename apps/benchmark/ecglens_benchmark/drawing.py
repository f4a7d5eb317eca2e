"""Figure of scores beside other methods, and the card on one sheet of A4."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from ecglens.explain import controls
from ecglens.report import GREY, INK, RULE, style
from ecglens.report.figures import quiet
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .content import HEADLINE, KEPT, LEVELS, UNDECIDED
from .suite import PARTS, SUITE

ROW = 0.34  # inches of a score
Scores = Mapping[str, Mapping[str, Any]]  # as standings.side_by_side gives them
WAYS = {"higher": "more is better", "lower": "less is better", "": "no value is better"}


def headline_scores(scores: Scores) -> list[str]:
    """Names of the scores that are drawn, one for each part."""
    found = []
    for part in PARTS:
        names = [name for name, each in scores.items() if each["part"] == part.name]
        found += [HEADLINE[part.name]] if HEADLINE.get(part.name) in names else names[:1]
    return found


def scores_figure(method: str, scores: Scores, names: Sequence[str]) -> Figure:
    """A line for each score: this method filled, others as ticks, controls hollow.

    Each line runs from the smallest to the largest value of all.
    """
    figure = Figure(figsize=(7.0, 0.7 + ROW * len(names)), dpi=150, layout="constrained")
    draw_scores(figure.subplots(), method, scores, names)
    return figure


def draw_scores(axes: Axes, method: str, scores: Scores, names: Sequence[str]) -> None:
    """The lines of `scores_figure`, with a key below."""
    for place, name in enumerate(names):
        _line(axes, place, method, scores[name])
    labels = [f"{scores[name]['label']}\n{WAYS[scores[name]['better']]}" for name in names]
    quiet(axes, "")
    axes.set_yticks(range(len(names)), labels, fontsize=6.5, color=INK, parse_math=False)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(-0.16, 1.16)
    axes.set_xticks([])
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.plot([], [], "o", color=style(method).colour, label=style(method).label)
    axes.plot([], [], "|", color=INK, markersize=8, label="built-in methods")
    axes.plot([], [], "o", color=GREY, markerfacecolor="none", label="controls")
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, frameon=False, fontsize=7,
        labelcolor=INK,
    )  # fmt: skip


def _line(axes: Axes, place: int, method: str, score: Mapping[str, Any]) -> None:
    values = {name: each for name, each in score["values"].items() if each is not None}
    if not values:
        return
    low, high = min(values.values()), max(values.values())
    width = high - low or 1.0
    axes.plot([0, 1], [place, place], color=RULE, linewidth=0.8, zorder=0)
    for value, x, side in ((low, -0.015, "right"), (high, 1.015, "left")):
        text = f"{value:.3g}".replace("-", "−")
        axes.text(x, place, text, ha=side, va="center", fontsize=6.5, color=GREY)
    for name, value in values.items():
        x = (value - low) / width
        if name == method:
            axes.plot(x, place, "o", markersize=6, color=style(name).colour, zorder=3)
        elif name in controls():
            axes.plot(x, place, "o", markersize=4.5, color=GREY, markerfacecolor="none", zorder=2)
        else:
            axes.plot(x, place, "|", markersize=8, color=INK, alpha=0.6, zorder=1)


A4 = (8.27, 11.69)  # inches
LEFT, RIGHT = 0.07, 0.94
LINE = 0.0165  # of the height, a line of 8 points
FOOT, LINES = 0.055, 0.036  # of the height: below the scores, and a score
END = 0.04  # of the height: the margin at the foot
HOLDS = (
    "It holds for exact ECGs and the networks of the suite; it does not say that a network is "
    "right, or that the method is right on yours."
)
ORDER = "Places by the number of limits met; methods with equal numbers share their places:"
NOTES = (HOLDS, UNDECIDED, KEPT, LEVELS)
COLOURS = {"met": "#00684c", "not met": "#a03c00", "open": INK, "not tried": GREY, "–": GREY}


def paper(
    result: Mapping[str, Any], about: Mapping[str, Any], scores: Scores, names: Sequence[str]
) -> Figure:
    """The card as a figure: answer, findings, parts with their limits, scores, cost."""
    figure = Figure(figsize=A4)
    height = _Pen(figure, 0.96)
    height.write(about["label"], size=17, lines=1.2)
    tier = f"ECGLens method card · suite {SUITE}, {result['tier']} tier"
    height.write(
        f"{tier} · hash of its numbers {result['numbers'][:12]}…", size=7.5, colour=GREY, lines=1.5
    )
    height.write(about["answer"], size=11, width=88, lines=1.35)
    for each in about["warnings"]:
        height.write(f"! {each}", size=9, colour=COLOURS["not met"], width=108)
    height.skip(0.6)
    for part in about["parts"]:
        height.part(part)
    height.write(f"Cost: {about['cost']}.", size=8, width=120)
    for each in about["sources"]:
        height.write(each, size=6.5, width=140, colour=GREY, lines=0.85)
    # From the cost down to the foot of the sheet, but no further apart than can be read.
    order = sum(len(wrap(each, 128)) for each in about["order"])
    notes = sum(len(wrap(each, 150)) for each in NOTES)
    below = LINE * (2 + 0.85 * (order + notes))  # an empty line and ORDER, then narrower ones
    room = min(height.y - FOOT - below - END, LINES * len(names))
    axes = figure.add_axes((0.36, height.y - 0.01 - room, RIGHT - 0.36, room))
    draw_scores(axes, result["method"]["name"], scores, names)
    height.skip((room + FOOT) / LINE + 1)
    height.write(ORDER, size=7.5, width=128)
    for line in about["order"]:
        height.write(line, size=7.5, width=128, lines=0.85)
    for each in NOTES:
        height.write(each, size=6.5, width=150, colour=GREY, lines=0.85)
    return figure


class _Pen:
    """Writes lines from the top of a sheet downwards."""

    def __init__(self, figure: Figure, y: float) -> None:
        self.figure, self.y = figure, y

    def write(
        self, text: str, size: float, colour: str = INK, width: int = 100, lines: float = 1.0
    ) -> None:
        """A paragraph."""
        for line in wrap(text, width):
            self._at(LEFT, line, size, colour)
            self.y -= LINE * lines

    def part(self, row: Mapping[str, Any]) -> None:
        """A part: label, mark, what came out, and its limit below."""
        self._at(LEFT, row["label"], 8.5, INK)
        self._at(0.27, row["mark"], 8.5, COLOURS[row["mark"]])
        for line in wrap(row["said"], 84):
            self._at(0.36, line, 8, INK)
            self.y -= LINE * 0.85
        for line in wrap(f"{row['question']} {row['limit']}", 95):
            self._at(0.36, line, 6.5, GREY)
            self.y -= LINE * 0.72
        self.y -= LINE * 0.25
        y = self.y + LINE * 0.62
        self.figure.add_artist(Line2D([LEFT, RIGHT], [y, y], color=RULE, linewidth=0.6))

    def skip(self, lines: float) -> None:
        """Empty lines."""
        self.y -= LINE * lines

    def _at(self, x: float, text: str, size: float, colour: str) -> None:
        self.figure.text(
            x, self.y, text, fontsize=size, color=colour, va="baseline", parse_math=False
        )
