"""Sample size: how many ECGs an agreement study needs for an interval of κ of a given width."""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy import stats

from ..analysis.agreement import cohen_kappas
from .simulate import Experts, draw_answers

# 1000 studies give the standard deviation of κ to within 2 %, and the number of ECGs to within 5 %.
STUDIES = 1000
# ECGs per simulated study: large enough that the standard deviation falls with their square root.
SIMULATED_ECGS = 100


class SampleSize(NamedTuple):
    """Number of ECGs, each shown twice, and `width` of the 95 % interval of κ between experts."""

    experts: int
    between: float
    within: float
    ecgs: int
    width: float


def sample_size(experts: Experts, width: float, seed: int = 0) -> SampleSize:
    """ECGs per target and view that give κ between experts an interval of this width.

    Simulates STUDIES studies; the width falls with the square root of the number of ECGs.
    Raises ValueError unless 0 < width < 1, for fewer than 2 experts, and for κ = 1, whose
    interval has no width.
    """
    if not 0 < width < 1:
        raise ValueError(f"expected a width above 0 and below 1, got {width}")
    if experts.number < 2 or experts.between == 1:
        raise ValueError(
            "expected at least 2 experts and a κ between them below 1, "
            f"got {experts.number} and {experts.between}"
        )
    simulated = width_of(experts, SIMULATED_ECGS, seed)
    ecgs = max(3, math.ceil(SIMULATED_ECGS * (simulated / width) ** 2))
    expected = simulated * math.sqrt(SIMULATED_ECGS / ecgs)
    return SampleSize(experts.number, experts.between, experts.within, ecgs, expected)


def sample_sizes(
    experts: Experts, width: float, numbers: tuple[int, ...], seed: int = 0
) -> list[SampleSize]:
    """Sample size for each number of experts."""
    return [sample_size(replace(experts, number=number), width, seed) for number in numbers]


def width_of(experts: Experts, ecgs: int, seed: int) -> float:
    """Width of the 95 % interval of κ between experts, for this many ECGs shown twice."""
    answers = draw_answers(experts, STUDIES * ecgs, np.random.default_rng(seed))
    studies = answers.reshape(experts.number, 2, STUDIES, ecgs).transpose(2, 0, 1, 3)
    found = cohen_kappas(studies.reshape(STUDIES, experts.number, 2 * ecgs))
    return float(2 * stats.norm.ppf(0.975) * np.std(found, ddof=1))
