"""The view of the evaluation: the usual forest, and a figure and a table of the single ECGs."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import pandas as pd
from ecglens.report import MeasuresView, style
from matplotlib.figure import Figure

from .evaluation import HALF


class SparsityView(MeasuresView):
    """The forest with the distribution over ECGs of each method."""

    captions: ClassVar[Mapping[str, str]] = {
        **MeasuresView.captions,
        "distribution": "Share of points that hold half of the map, one value per ECG; the "
        "methods are named at the bottom.",
    }

    def own_figures(self) -> Mapping[str, Figure]:
        """A box for each method and control."""
        scores = self.finding.scores[HALF.name]
        figure = Figure(figsize=(7.0, 3.0), dpi=150, layout="constrained")
        axes = figure.subplots()
        axes.boxplot([np.asarray(each).ravel() for each in scores.values()])
        labels = [style(name).label for name in scores]  # as the page writes them
        axes.set_xticks(range(1, len(scores) + 1), labels, rotation=20, ha="right")
        axes.set_ylabel("share of points")
        return {"distribution": figure}

    def own_tables(self) -> Mapping[str, pd.DataFrame]:
        """The middle and the range over ECGs."""
        scores = self.finding.scores[HALF.name]
        rows = [
            {"method": name, "least": each.min(), "median": np.median(each), "most": each.max()}
            for name, each in scores.items()
        ]
        return {"Share of points over the ECGs": pd.DataFrame(rows)}
