"""Simulated experts, and the number of ECGs that a study needs."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from ecglens.eval.statistics import too_few
from jaxtyping import Float, Int
from scipy import stats
from scipy.special import stdtrit

from .ballots import Ballot
from .coefficients import cohen_kappas

# For a decision between nine maps; 1224 decisions then take about four hours.
MEDIAN_SECONDS, SPREAD = 12.0, 0.5
# 1000 studies give the standard deviation of κ to within 2 %, and the number of ECGs to within 5 %.
STUDIES = 1000
# ECGs per simulated study: large enough that the standard deviation falls with their square root.
SIMULATED_ECGS = 100


@dataclass(frozen=True)
class Experts:
    """Number, preference and agreement of simulated experts.

    `preference` is the probability that each method is chosen. `between` is κ between two experts
    at one showing, `within` κ between the two showings of one expert. Raises ValueError for
    probabilities that do not sum to 1 and unless 0 ≤ between ≤ within ≤ 1: experts cannot agree
    with each other more than with themselves.
    """

    number: int
    preference: Mapping[str, float]
    between: float
    within: float

    def __post_init__(self) -> None:
        shares = [*self.preference.values()]
        if min(shares, default=-1) < 0 or abs(sum(shares) - 1) > 1e-9:
            raise ValueError(f"expected probabilities that sum to 1, got {dict(self.preference)}")
        if not 0 <= self.between <= self.within <= 1:
            raise ValueError(
                "expected 0 ≤ κ between experts ≤ κ within an expert ≤ 1, "
                f"got {self.between} and {self.within}"
            )
        if self.number < 1:
            raise ValueError(f"expected at least 1 expert, got {self.number}")


def draw_answers(
    experts: Experts, ecgs: int, draw: np.random.Generator
) -> Int[np.ndarray, "expert showing ecg"]:
    """Index in `preference` of the method that each expert chose.

    Each ECG has one consensus map. An expert holds that opinion with probability a, and gives the
    opinion at a showing with probability b; any other answer is drawn from the preference. The
    agreement beyond chance is then a²b² between experts and b² within one. It equals κ because
    the margins are the preference.
    """
    shares = [*experts.preference.values()]

    def fresh(*shape: int) -> Int[np.ndarray, "..."]:
        return draw.choice(len(shares), size=shape, p=shares)

    kept_b = np.sqrt(experts.within)
    kept_a = np.sqrt(experts.between / experts.within) if experts.within else 0.0
    once, twice = (experts.number, 1, ecgs), (experts.number, 2, ecgs)
    opinion = np.where(draw.random(once) < kept_a, fresh(1, 1, ecgs), fresh(*once))
    return np.where(draw.random(twice) < kept_b, opinion, fresh(*twice))


def simulate(
    experts: Experts, ecgs: int, targets: Sequence[str], views: Sequence[str], seed: int
) -> list[Ballot]:
    """Ballots of a simulated study with task pick and two showings."""
    draw = np.random.default_rng(seed)
    methods = np.array([*experts.preference])
    ballots = []
    for target in targets:
        for view in views:
            chosen = methods[draw_answers(experts, ecgs, draw)]
            for (expert, showing, ecg), choice in np.ndenumerate(chosen):
                ballots.append((expert, showing, target, view, ecg, str(choice)))
    ballots.sort(key=lambda ballot: ballot[:2])  # first showings precede all second ones
    return _in_order(ballots, len(methods), draw)


def _in_order(
    decided: Sequence[tuple[int, int, str, str, int, str]], shown: int, draw: np.random.Generator
) -> list[Ballot]:
    """Ballots in order, each choice at a random position on the screen."""
    taken: dict[int, int] = {}
    ballots = []
    for expert, showing, target, view, ecg, choice in decided:
        taken[expert] = taken.get(expert, 0) + 1
        ballots.append(
            Ballot(
                study="simulated",
                task="pick",
                target=target,
                view=view,
                ecg=f"ecg{ecg + 1:03d}",
                showing=showing + 1,
                expert=f"expert {expert + 1}",
                order=taken[expert],
                choice=choice,
                other="",
                rating=0,
                position=int(draw.integers(1, shown + 1)),
                shown=shown,
                seconds=round(float(draw.lognormal(np.log(MEDIAN_SECONDS), SPREAD)), 2),
            )
        )
    return ballots


def simulate_pairs(
    strengths: Mapping[str, float], ecgs: int, experts: int, target: str, seed: int
) -> list[Ballot]:
    """Ballots of all pairs of maps of all ECGs, shown once to each expert (Bradley–Terry model).

    Raises ValueError for fewer than one expert.
    """
    if experts < 1:
        raise ValueError(f"expected at least 1 expert, got {experts}")
    draw = np.random.default_rng(seed)
    methods = sorted(strengths)
    pairs = [(a, b) for place, a in enumerate(methods) for b in methods[place + 1 :]]
    ballots = []
    for expert in range(experts):
        shown = [(ecg, pair) for ecg in range(ecgs) for pair in pairs]
        for order, (ecg, (a, b)) in enumerate(shown, 1):
            first = draw.random() < strengths[a] / (strengths[a] + strengths[b])
            choice, other = (a, b) if first else (b, a)
            ballots.append(
                Ballot(
                    "simulated", "pair", target, "full", f"ecg{ecg + 1:03d}", 1,
                    f"expert {expert + 1}", order, choice, other, 0, int(draw.integers(1, 3)), 2,
                    round(float(draw.lognormal(np.log(MEDIAN_SECONDS / 3), SPREAD)), 2),
                )
            )  # fmt: skip
    return ballots


def uneven(methods: Sequence[str]) -> dict[str, float]:
    """Preference in which each method is chosen 0.7 times as often as the previous one.

    With nine methods the first is chosen in 31 % and the last in 2 % of decisions, similar to the
    votes on the PR interval in Storås 2025.
    """
    shares: Float[np.ndarray, " method"] = 0.7 ** np.arange(len(methods))
    return dict(zip(methods, (shares / shares.sum()).tolist(), strict=True))


class SampleSize(NamedTuple):
    """Number of ECGs, each shown twice, and `width` of the 95 % interval of κ between experts."""

    experts: int
    between: float
    within: float
    ecgs: int
    width: float


def sample_size(experts: Experts, width: float, seed: int = 0) -> SampleSize:
    """ECGs per target and view that give κ between experts an interval of this width.

    Simulates STUDIES studies; the SD of κ falls with the square root of the number of ECGs, and
    intervals are Student's, of 6 ECGs or more, as in the analysis (agreement.estimate).
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
    of_one = width_of(experts, SIMULATED_ECGS, seed) / _half(SIMULATED_ECGS)
    normal = (of_one * stats.norm.ppf(0.975) / width) ** 2  # Student's t asks for some more
    wide_enough = itertools.dropwhile(too_few, itertools.count(math.ceil(max(1, normal))))
    ecgs = next(each for each in wide_enough if of_one * _half(each) <= width)
    expected = of_one * _half(ecgs)
    return SampleSize(experts.number, experts.between, experts.within, ecgs, expected)


def _half(ecgs: int) -> float:
    """Half the width of an interval over this many ECGs, in SDs of one."""
    return float(stdtrit(ecgs - 1, 0.975)) / math.sqrt(ecgs)


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
    return float(2 * stdtrit(ecgs - 1, 0.975) * np.std(found, ddof=1))
