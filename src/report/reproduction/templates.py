"""How much of a heatmap is a template: areas of other patients' maps beside the map's own."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from ...eval import ANOTHER_PATIENT, MEAN_OF_OTHERS, TARGET_PRIOR
from ..views.perturbation import PerturbationView
from .part import Part, Table
from .universes import RANDOM

SHARES = (TARGET_PRIOR, MEAN_OF_OTHERS, ANOTHER_PATIENT)
COLUMNS = ("target", "input", "method", "level", "above_random", *SHARES)
POOR = 3  # the tier of methods whose area is near random's: a share of it would be noise


def template_parts(views: Sequence[PerturbationView]) -> list[Part]:
    """The table of these rankings; nothing where none has a rung above random."""
    table = template_table(views)
    if not len(table):
        return []
    caption = (
        "Level of the null ladder that each method reaches (3: about this ECG), and the area above "
        "random of three other maps, as a share of that of the method's own map: random numbers "
        "where the target lives, the mean of other patients' maps, and another patient's map. A "
        "share near 1: the method's own map does no more. Empty for a method that was not shown to "
        "be above random, or is of class 3, whose area is near random's; and for a map that was "
        "not run. The CSV has the shares of methods that were not shown to be above random too, "
        "where another method of the target was."
    )
    made = Table("templates", caption, table, shown(table))
    return [Part("How much of a heatmap is a template?", (made,))]


def shown(table: pd.DataFrame) -> pd.DataFrame:
    """The table without the shares of methods that were not shown to be above random."""
    shares = table[[*SHARES]].where(table["above_random"])
    return table.assign(**{name: shares[name] for name in SHARES})


def template_table(views: Sequence[PerturbationView]) -> pd.DataFrame:
    """A row per target, input and method: level, and SHARES of the own area above random."""
    rows = [row for view in views for row in _rows(view)]
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def _rows(view: PerturbationView) -> Iterator[tuple[object, ...]]:
    ranking, about = view.ranking, view.finding.about
    rungs = ranking.ladder.rungs
    if not {*SHARES} & {*rungs["rung"]}:
        return
    table = ranking.table.set_index("method").loc[[*ranking.ladder.reached]]
    for name, of_method in rungs.groupby("method", sort=False):
        each = of_method.set_index("rung")[["auc", "own"]]
        above_random = each.reindex([*SHARES]) - each.loc[RANDOM, "auc"]
        shares = above_random["auc"] / above_random["own"]
        if table.loc[name, "tier"] == POOR or not table["beats_random"].any():
            shares = shares * np.nan
        level, above = ranking.ladder.reached[str(name)], bool(table.loc[name, "beats_random"])
        yield about.target.name, about.input, name, level, above, *shares
