"""AUROC while points are deleted, and the AUROC of the mask alone beside it: words and a figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ecglens.eval import Finding
from ecglens.report import GREY, RULE, Fold, PerturbationView, environment, listed, style
from ecglens.report.figures import quiet
from ecglens.report.text import class_name, counted, number
from jaxtyping import Float
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from .class_auroc import Deletions, deletions, tells_classes

CHANCE = 0.5


@dataclass(frozen=True, eq=False)
class DeletionsFold(Fold):
    """AUROC over deletions, for classes that curves can tell."""

    view: PerturbationView
    found: Deletions

    title = "Can the class still be told?"
    caption = (
        "AUROC of the network while points are deleted, and of the deleted places alone. Shaded: "
        "what an AUROC may be by chance."
    )

    @classmethod
    def of(cls, view: PerturbationView) -> "DeletionsFold | None":
        """The fold of this ranking; None for targets that are no class."""
        found = deletions_of(view.finding)
        return None if found is None else cls(view, found)

    @property
    def table(self) -> pd.DataFrame:
        """Columns of `Deletions`."""
        return self.found.table

    def drawn(self) -> Figure:
        """Both AUROCs along the curves."""
        return deletions_figure(self.found, self.view.first, self.view.curves.axis)

    def html(self, figure: Markup) -> Markup:
        """Sentences, figure, and the methods in the order of the ranking."""
        curves = self.view.first.curves[0]
        rows = self.table.set_index("method").loc[[*self.view.ranking.names]].reset_index()
        template = environment("ecglens_metrics").get_template("deletions.html")
        return Markup(
            template.render(
                sentences=deletion_sentences(self.found, self.view.first),
                figure=figure,
                rows=rows.to_dict("records"),
                controls=curves.controls,
                protocol=curves.protocol,
                networks=self.view.ranking.networks,
            )
        )


def deletions_of(finding: Finding) -> Deletions | None:
    """AUROC along the curves over all networks; None for targets that are no class."""
    if finding.about.target.kind != "binary":
        return None
    curves = finding.curves
    return deletions(curves) if all(tells_classes(one) for one in curves) else None


def deletion_sentences(found: Deletions, finding: Finding) -> list[str]:
    """Sentences on the AUROC of the network and of the masks alone."""
    protocol, table = finding.curves[0].protocol, found.table
    of = class_name(finding.about.target.explained)
    ecgs = f"{counted(found.positive, 'ECG')} with it and {found.negative} without"
    methods = table.loc[table["method"].isin(finding.curves[0].methods)]
    sentences = [f"The network tells {of} with an AUROC of {number(table['start'][0])} ({ecgs})."]
    if len(methods):
        low, high = (number(value) for value in (methods["auroc"].min(), methods["auroc"].max()))
        after = f"After {protocol.until} {protocol.unit}s it is"
        sentences.append(
            f"{after} {low} to {high}, by method." if low != high else f"{after} {low}."
        )
    telling = list(table.loc[table["mask_tells"], "method"])
    if telling:
        sentences.append(
            f"The place of what was disturbed tells the class by itself for {listed(telling)}: "
            "an AUROC there may be the network’s answer to the mask, and says little about the map."
        )
    else:
        sentences.append("No mask was shown to tell the class by itself.")
    return sentences


def deletions_figure(found: Deletions, finding: Finding, axis: str) -> Figure:
    """The network’s AUROC along the curves, and that of the masks alone, on one scale."""
    figure = Figure(figsize=(7.0, 4.1), dpi=150, layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    controls = finding.curves[0].controls
    _lines(left, found.curves, controls, "What the network still tells")
    _lines(right, found.masks, controls, "What the mask alone tells")
    left.set_ylabel("AUROC")
    for axes in (left, right):
        axes.set_xlabel(axis)
        axes.axhline(CHANCE, color=GREY, linewidth=0.8, zorder=1)
    lowest = min(float(each.min()) for each in (*found.curves.values(), *found.masks.values()))
    left.set_ylim(min(0.4, lowest - 0.03), 1.02)
    chance = float(found.table["chance"].mean())
    right.axhspan(left.get_ylim()[0], chance, color=RULE, alpha=0.35, linewidth=0)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=7.5, frameon=False)
    return figure


def _lines(
    axes: Axes,
    curves: Mapping[str, Float[np.ndarray, " point"]],
    controls: Sequence[str],
    title: str,
) -> None:
    for order, (name, curve) in enumerate(curves.items()):
        look, control = style(name), name in controls
        axes.plot(
            np.arange(len(curve)),
            curve,
            label=look.label,
            color=look.colour,
            linestyle=look.dash,
            linewidth=1.1 if control else 1.5,
            marker=look.marker,
            markersize=4,
            # Markers of different methods at different points, as in the curves' figure.
            markevery=(order % 3, 3),
            zorder=2 if control else 3,
        )
    axes.set_xlim(0, len(next(iter(curves.values()))) - 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    quiet(axes, title)
