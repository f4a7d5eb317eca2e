"""The finding of perturbation curves."""

import numpy as np

from ..curves import Curves
from ..finding import About, Finding
from ..measures.measure import Measure
from .aucs import areas
from .networks import side_by_side
from .outcome import draw_outcomes, usable, usable_patients
from .ranking import rank

AUC = Measure(
    name="auc",
    label="Area under the curve",
    unit="",
    higher_is_better=True,
    about="faithfulness",
    source="Storås et al. 2025",
    explained="How far the output moves while the points or segments that a map ranks highest are "
    "changed.",
)


def finding_of(curves: tuple[Curves, ...], about: About) -> Finding:
    """The curves of every network with the scores and the ranking of the methods all have.

    ECGs without an outcome have NaN. For fewer than 2 patients there is no ranking: the table has
    the means alone.
    """
    each = side_by_side(curves)
    areas_of = [{name: _areas(one, name) for name in one.predictions} for one in each]
    names = [*each[0].predictions]
    scores = {"auc": {name: np.stack([one[name] for one in areas_of]) for name in names}}
    notes = tuple(dict.fromkeys(note for one in each for note in one.notes))
    parts = {"measures": (AUC,), "scores": scores, "curves": curves, "notes": notes}
    if len({*usable_patients(each[0])}) < 2:
        return Finding(about, sentence="Fewer than 2 patients: no ranking.", **parts)
    ranking = rank(curves)
    return Finding(about, table=ranking.table, sentence=ranking.sentence, **parts)


def _areas(curves: Curves, name: str) -> np.ndarray:
    """The area of every draw and ECG, NaN where the protocol has no outcome."""
    found = areas(draw_outcomes(curves)[name], curves.protocol.until)
    found[:, ~usable(curves)] = np.nan
    return found
