"""How many ECGs a study needs for an interval of κ of a given width."""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy import stats

from .agreement import cohen_kappas
from .simulate import Experts, draw_answers

# The spread over 1000 studies is known to 2 %, and the ECGs that follow from it to about 5 %.
STUDIES = 1000
# ECGs of a simulated study: from some tens on the spread falls with their root.
SIMULATED = 100


class Plan(NamedTuple):
    """`width` is that of the 95 % interval of κ between experts, on this many ECGs shown twice."""

    experts: int
    between: float
    within: float
    ecgs: int
    width: float


def plan(experts: Experts, width: float, seed: int = 0) -> Plan:
    """The ECGs that give κ between experts an interval of this width, for each target and view.

    By simulation: the spread of κ over STUDIES studies, which falls with the root of the ECGs.
    Raises ValueError for a width that is not above 0 and below 1, for fewer than 2 experts, and
    for κ of 1, whose interval has no width.
    """
    if not 0 < width < 1:
        raise ValueError(f"expected a width above 0 and below 1, got {width}")
    if experts.number < 2 or experts.between == 1:
        raise ValueError(
            "expected at least 2 experts and a κ between them below 1, "
            f"got {experts.number} and {experts.between}"
        )
    found = width_of(experts, SIMULATED, seed)
    ecgs = max(3, math.ceil(SIMULATED * (found / width) ** 2))
    expected = found * math.sqrt(SIMULATED / ecgs)
    return Plan(experts.number, experts.between, experts.within, ecgs, expected)


def plans(experts: Experts, width: float, numbers: tuple[int, ...], seed: int = 0) -> list[Plan]:
    """The same for several numbers of experts."""
    return [plan(replace(experts, number=number), width, seed) for number in numbers]


def width_of(experts: Experts, ecgs: int, seed: int) -> float:
    """The width of the 95 % interval of κ between experts on this many ECGs shown twice."""
    answers = draw_answers(experts, STUDIES * ecgs, np.random.default_rng(seed))
    studies = answers.reshape(experts.number, 2, STUDIES, ecgs).transpose(2, 0, 1, 3)
    found = cohen_kappas(studies.reshape(STUDIES, experts.number, 2 * ecgs))
    return float(2 * stats.norm.ppf(0.975) * np.std(found, ddof=1))
