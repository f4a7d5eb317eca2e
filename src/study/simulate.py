"""Experts with a known preference and a known agreement: for tests and for planning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from .ballot import Ballot

# Of a decision between nine maps: 1224 of them are then about four hours.
MEDIAN_SECONDS, SPREAD = 12.0, 0.5


@dataclass(frozen=True)
class Experts:
    """What simulated experts prefer and how far they agree.

    `preference` is the probability with which each method is chosen. `between` and `within` are the
    κ between two experts at one showing and of an expert's two showings. Raises ValueError for
    probabilities that do not sum to 1 and unless 0 ≤ between ≤ within ≤ 1: an expert who hardly
    agrees with herself cannot agree more with another.
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
                "expected κ between experts of 0 to κ within an expert, and that to be at most 1, "
                f"got {self.between} and {self.within}"
            )
        if self.number < 1:
            raise ValueError(f"expected at least 1 expert, got {self.number}")


def draw_answers(
    experts: Experts, ecgs: int, draw: np.random.Generator
) -> Int[np.ndarray, "expert showing ecg"]:
    """The place of the method that each chose in `preference`.

    Each ECG has a map that all would choose; an expert's opinion is that one with probability a,
    at a showing it is said with probability b, and otherwise the answer is drawn anew from the
    preference. Two answers are then equal beyond chance with a²b² between experts and b² within
    one, which is κ, since the margins are the preference.
    """
    shares = [*experts.preference.values()]

    def fresh(*shape: int) -> Int[np.ndarray, "..."]:
        return draw.choice(len(shares), size=shape, p=shares)

    kept_b = np.sqrt(experts.within)
    kept_a = np.sqrt(experts.between / experts.within) if experts.within else 0.0
    own = (experts.number, 1, ecgs)
    said = (experts.number, 2, ecgs)
    opinion = np.where(draw.random(own) < kept_a, fresh(1, 1, ecgs), fresh(*own))
    return np.where(draw.random(said) < kept_b, opinion, fresh(*said))


def simulate(
    experts: Experts, ecgs: int, targets: Sequence[str], views: Sequence[str], seed: int
) -> list[Ballot]:
    """The ballots of a whole study that picks the best map, blinded, shuffled and shown twice."""
    draw = np.random.default_rng(seed)
    methods = np.array([*experts.preference])
    ballots = []
    for target in targets:
        for view in views:
            chosen = methods[draw_answers(experts, ecgs, draw)]
            for (expert, showing, ecg), choice in np.ndenumerate(chosen):
                ballots.append((expert, showing, target, view, ecg, str(choice)))
    ballots.sort(key=lambda ballot: ballot[:2])  # all first showings come before the second
    return _in_order(ballots, len(methods), draw)


def _in_order(
    decided: Sequence[tuple[int, int, str, str, int, str]], shown: int, draw: np.random.Generator
) -> list[Ballot]:
    """Each at a place on the screen that has nothing to do with the choice."""
    taken: dict[int, int] = {}
    ballots = []
    for expert, showing, target, view, ecg, choice in decided:
        taken[expert] = taken.get(expert, 0) + 1
        ballots.append(
            Ballot(
                study="simulated",
                protocol="pick",
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
    """Every pair of maps of every ECG, shown once to each expert, won by Bradley & Terry's rule."""
    draw = np.random.default_rng(seed)
    methods = sorted(strengths)
    pairs = [(a, b) for place, a in enumerate(methods) for b in methods[place + 1 :]]
    ballots = []
    for expert in range(experts):
        asked = [(ecg, pair) for ecg in range(ecgs) for pair in pairs]
        for order, (ecg, (a, b)) in enumerate(asked, 1):
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
    """A preference in which each method is chosen 0.7 times as often as the one before it.

    Of nine methods the first gets 31 %, the last 2 %, much as experts spread their votes on the PR
    interval in Storås 2025.
    """
    shares: Float[np.ndarray, " method"] = 0.7 ** np.arange(len(methods))
    return dict(zip(methods, (shares / shares.sum()).tolist(), strict=True))
