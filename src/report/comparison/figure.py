"""A measure of every method in two runs, side by side."""

import pandas as pd
from matplotlib.figure import Figure

from ..figures.curves import quiet
from ..style import INK, RULE, TYPE, style

ROW = 0.34  # inches for a method: two marks of 6 points stay apart
BESIDE = 0.16  # of a row: the two runs above and below its middle
MARKS = (("first", "o", -BESIDE), ("second", "D", BESIDE))


def comparison_figure(rows: pd.DataFrame, label: str, names: tuple[str, str]) -> Figure:
    """A filled dot for the first run and an open diamond for the second, each with its interval."""
    ordered = rows.sort_values("first", ascending=False, kind="stable").to_dict("records")
    figure = Figure(figsize=(7.0, 1.4 + ROW * len(ordered)), dpi=150, layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(ordered):
        look = style(row["method"])
        for run, marker, off in MARKS:
            at, face = place + off, look.colour if run == "first" else "white"
            ends = [row[f"{run}_low"], row[f"{run}_high"]]
            axes.plot(ends, [at, at], color=look.colour, linewidth=1.6)
            axes.plot(row[run], at, marker, color=look.colour, markerfacecolor=face, markersize=6)
    axes.set_yticks(range(len(ordered)), [style(row["method"]).label for row in ordered], **TYPE)
    axes.set_ylim(len(ordered) - 0.4, -0.6)
    axes.set_xlabel(label)
    quiet(axes, "")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=RULE, linewidth=0.5)
    for (_, marker, _), name, face in zip(MARKS, names, (INK, "white"), strict=True):
        axes.plot([], [], marker, color=INK, markerfacecolor=face, label=name)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8, labelcolor=INK)
    return figure
