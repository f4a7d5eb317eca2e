"""Rungs of the null ladder that a method fails at, and whether chance explains it."""

from collections.abc import Sequence

import pandas as pd

from ...eval import TARGET_PRIOR
from ..text.words import heading
from ..views.perturbation import PerturbationView
from .deciding import deciding

# The rungs of the gate, as in a sentence.
MAPS = {
    "random": "random numbers",
    "abs_x": "|x|",
    "abs_dx": "|dx/dt|",
    TARGET_PRIOR: "random numbers placed where {target} is measured",
}


def why_not_above(sections: Sequence[PerturbationView], method: str) -> str:
    """What the method is not above, within a sentence; "" where it is above every rung."""
    rungs = _failed(sections, method)
    if rungs.empty:
        return ""
    sure = rungs[rungs["difference_high"] < 0]
    named = {*(rungs if sure.empty else sure)["rung"]}
    target = heading(sections[0].first)[0]
    maps = " or ".join(words.format(target=target) for rung, words in MAPS.items() if rung in named)
    if sure.empty:
        return f"its map was not above {maps}"
    return f"its points move the prediction no more than {maps}"


def may_be_chance(sections: Sequence[PerturbationView], method: str) -> bool:
    """Whether the method fails at rungs, none of their intervals wholly below 0."""
    rungs = _failed(sections, method)
    return not rungs.empty and not (rungs["difference_high"] < 0).any()


def _failed(sections: Sequence[PerturbationView], method: str) -> pd.DataFrame:
    """Rows of the ladders of all deciding protocols."""
    return pd.concat([each.ranking.ladder.not_above(method) for each in deciding(sections)])
