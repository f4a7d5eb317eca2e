"""Which waves move the output, above which waves each map points to."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ...ecg import WAVES
from ...eval import Finding
from ...explain import controls
from ..figures.contrast import on
from ..figures.curves import quiet
from ..style import BLUE, GREY, INK, TYPE, style
from ..text.numerals import percent
from .measures import MeasuresView
from .view import any_number

CAPTIONS = {
    "waves": "First line: how far the output moves when a wave is swapped, in all leads, with "
    "another patient's, as a share of all five. Below: the share of relevance on that wave. The "
    "darker, the more; controls are grey.",
}
WIDTH, ROW, HEAD = 3.5, 0.18, 0.4  # inches: a journal's column, a line, the wave names
SIZE = 7.0  # points


def own_figures(finding: Finding) -> Mapping[str, Figure]:
    """A cell for each wave and method, what was measured on top; nothing without a share."""
    sizes, shares = finding.details["waves"]["mean_size"], finding.details["relevance"]
    if not any_number(shares[[*WAVES]]):
        return {}
    methods = list(shares["method"])
    figure = Figure(figsize=(WIDTH, HEAD + ROW * (len(methods) + 2)), dpi=150, layout="constrained")
    axes = figure.subplots()
    _line(axes, -1.3, (sizes / sizes.sum()).tolist(), INK)
    for line, row in enumerate(shares.to_dict("records")):
        colour = GREY if row["method"] in controls() else BLUE
        _line(axes, float(line), [float(row[wave]) for wave in WAVES], colour)
    axes.set_xlim(-0.5, len(WAVES) - 0.5)
    axes.set_ylim(len(methods) - 0.5, -1.8)
    axes.set_xticks(range(len(WAVES)), WAVES, **TYPE)
    axes.xaxis.tick_top()
    named = ["Measured effect", *(style(method).label for method in methods)]
    axes.set_yticks([-1.3, *range(len(methods))], named, **TYPE)
    quiet(axes, "")
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0, labelsize=SIZE)
    return {"waves": figure}


def _line(axes: Axes, line: float, shares: Sequence[float], colour: str) -> None:
    for column, share in enumerate(shares):
        depth = share if share > 0 else 0.0  # NaN is not
        corner = (column - 0.48, line - 0.46)
        axes.add_patch(
            Rectangle(corner, 0.96, 0.92, facecolor=colour, alpha=depth, edgecolor="none")
        )
        named = {**TYPE, "color": on(colour, depth)}
        axes.text(column, line, percent(share) or "–", ha="center", va="center", size=SIZE, **named)


class EffectsView(MeasuresView):
    """The forest with figures of its own."""

    captions: ClassVar[Mapping[str, str]] = {**MeasuresView.captions, **CAPTIONS}

    def own_figures(self) -> Mapping[str, Figure]:
        """Every figure by the name of its file, which begins with a key of CAPTIONS."""
        return own_figures(self.finding)
