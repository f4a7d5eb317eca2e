"""How far every two methods agree, in the order of their clusters."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ..style import INK, TYPE, style
from ..text.numerals import fixed
from .curves import quiet

CELL = 0.5  # inches: two digits of 7 points fit
# Cividis runs from dark to light in print and for any colour vision (Nuñez 2018).
COLOURS = "cividis"
LIGHT = 0.6  # of the range: text on brighter cells is dark


def matrix_figure(pairs: pd.DataFrame, order: pd.DataFrame, title: str) -> Figure:
    """Above the diagonal ρ of two methods on one ECG, below it the baseline: on two different ECGs.

    `pairs` are those of one view, `order` the methods as clustered.
    """
    names = [*order["method"]]
    count = len(names)
    values = np.full((count, count), np.nan)
    for row in pairs.to_dict("records"):
        one, other = sorted((names.index(row["method"]), names.index(row["other"])))
        values[one, other], values[other, one] = row["value"], row["other_ecg"]
    size = 2.4 + CELL * count
    figure = Figure(figsize=(size, 0.88 * size), dpi=150, layout="constrained")
    axes = figure.subplots()
    low = min(0.0, float(np.nanmin(values))) if np.isfinite(values).any() else 0.0
    image = axes.imshow(values, cmap=COLOURS, vmin=low, vmax=1)
    for (down, right), value in np.ndenumerate(values):
        if np.isfinite(value):
            bright = (value - low) / (1 - low) > LIGHT
            axes.text(
                right, down, fixed(value, 2), ha="center", va="center",
                fontsize=7, color="black" if bright else "white",
            )  # fmt: skip
    labels = [style(name).label for name in names]
    axes.set_xticks(range(count), labels, rotation=45, ha="right", rotation_mode="anchor", **TYPE)
    axes.set_yticks(range(count), labels, **TYPE)
    quiet(axes, title)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    bar = figure.colorbar(image, ax=axes, shrink=0.7)
    bar.set_label("ρ of absolute maps", fontsize=8, **TYPE)
    bar.ax.tick_params(labelsize=7, colors=INK)
    return figure
