"""Simulated readers with and without the map, and how many of them and of ECGs a study needs."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int
from scipy import stats
from scipy.integrate import quad

from .crossover import COLUMNS, GROUPS, RIGHT, WITH, WITHOUT, WRONG
from .planning import MEDIAN_SECONDS, SPREAD

MOST_ECGS = 400  # 800 judgements: more than a reader makes
LEVEL = 0.05
NUMBERS = (4, 6, 8, 10, 12, 16)  # of readers; fewer tell little about other readers
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)  # of a simulated study


@dataclass(frozen=True)
class Shares:
    """Shares of what decides whether a judgement is right; the rest is chance of a single one.

    `reader`, `ecg`, and `pair` (a reader on an ECG) act in both arms, `reader_map` and `ecg_map` in
    one. [ours]: no study with maps over ECGs has published them, so take them from a pilot.
    Raises ValueError for a negative share and for a sum of 1 or more.
    """

    reader: float = 0.05
    ecg: float = 0.3
    pair: float = 0.2
    reader_map: float = 0.01
    ecg_map: float = 0.05

    def __post_init__(self) -> None:
        shares = [*vars(self).values()]
        if min(shares) < 0 or not sum(shares) < 1:
            raise ValueError(f"expected shares of 0 or more with a sum below 1, got {shares}")


@dataclass(frozen=True)
class Readers:
    """Number of readers, share of readings they judge rightly, and what the map adds to it.

    `period` shifts the second period on the probit scale, `carry` all judgements of an ECG that
    was seen with the map before. Raises ValueError unless both shares lie between 0 and 1.
    """

    number: int
    without: float = 0.7
    difference: float = 0.1
    shares: Shares = Shares()
    period: float = 0.0
    carry: float = 0.0

    def __post_init__(self) -> None:
        if not (0 < self.without < 1 and 0 < self.without + self.difference < 1):
            raise ValueError(
                "expected shares of rightly judged readings between 0 and 1, got "
                f"{self.without:g} without and {self.without + self.difference:g} with the map"
            )
        if self.number < 2:
            raise ValueError(f"expected at least 2 readers, got {self.number}")

    @property
    def levels(self) -> tuple[float, float]:
        """Without and with the map, on the probit scale."""
        first, second = stats.norm.ppf([self.without, self.without + self.difference])
        return float(first), float(second)

    @property
    def true_difference(self) -> float:
        """Expected difference of a whole study, with what period and carry-over do to it."""
        without, shown = self.levels
        later = stats.norm.cdf([shown, shown + self.period])
        before = stats.norm.cdf([without, without + self.period + self.carry])
        return float(np.mean(later) - np.mean(before))


def draw_right(
    readers: Readers, ecgs: int, draw: np.random.Generator
) -> tuple[Bool[np.ndarray, "reader ecg 2"], Int[np.ndarray, "reader ecg"]]:
    """Whether each judgement is right, without and with the map, and the period of the map.

    A judgement is right if the sum of its level and of normal effects with the variances of
    `shares` is above 0 (probit model): the expected shares are then exactly those of `readers`.
    """
    shares, number = readers.shares, readers.number
    rest = 1 - sum(vars(shares).values())
    # A set of the ECGs has the map in period 1 for every second reader.
    period = 1 + (np.arange(number)[:, None] + np.arange(ecgs) // (ecgs // 2)) % 2
    sum_of = np.array(readers.levels) + np.zeros((number, ecgs, 2))
    for shape, share in (
        ((number, 1, 1), shares.reader),
        ((1, ecgs, 1), shares.ecg),
        ((number, ecgs, 1), shares.pair),
        ((number, 1, 2), shares.reader_map),
        ((1, ecgs, 2), shares.ecg_map),
        ((number, ecgs, 2), rest),
    ):
        sum_of += math.sqrt(share) * draw.standard_normal(shape)
    sum_of += readers.period * np.stack([period == 1, period == 2], axis=-1)
    sum_of[..., 0] += readers.carry * (period == 1)
    return sum_of > 0, period


def simulated_pairs(readers: Readers, ecgs: int, draw: np.random.Generator) -> pd.DataFrame:
    """Pairs as `judgements.pairs_of` makes them, of whether the judgements are right."""
    right, period = draw_right(readers, ecgs, draw)
    expert, ecg = np.indices(period.shape)
    return pd.DataFrame({
        "expert": expert.ravel(), "ecg": ecg.ravel(), WITHOUT: right[..., 0].ravel().astype(float),
        WITH: right[..., 1].ravel().astype(float), "period": period.ravel(),
    })  # fmt: skip


def simulate_judgements(readers: Readers, ecgs: int, seed: int) -> pd.DataFrame:
    """Judgements (crossover.COLUMNS) of simulated readers, who wait 15 days between the periods.

    Confidence is on average 80 % for a right and 70 % for a wrong judgement, and time is lognormal;
    both are the same with and without the map.
    """
    draw = np.random.default_rng(seed)
    right, with_in = draw_right(readers, ecgs, draw)
    rows = []
    for expert, ecg, arm in np.ndindex(*right.shape):
        truth = (RIGHT, WRONG)[ecg % 2]
        period = int(with_in[expert, ecg] if arm else 3 - with_in[expert, ecg])
        is_right = bool(right[expert, ecg, arm])
        sure = 10 * round(float(np.clip(draw.normal(7 + is_right, 1.2), 5, 10)))
        answer = truth if is_right else {RIGHT: WRONG, WRONG: RIGHT}[truth]
        at = BEGUN + timedelta(days=15 * (period - 1), minutes=int(ecg))
        rows.append((
            "simulated", "pr", f"ecg{ecg + 1:03d}", truth, f"reader {expert + 1}",
            WITH if arm else WITHOUT, period, (period - 1) * ecgs + ecg + 1, answer, sure,
            round(float(draw.lognormal(np.log(MEDIAN_SECONDS), SPREAD)), 2), at.isoformat(),
            "", "",
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def variances(readers: Readers) -> tuple[float, float, float]:
    """Variances of the difference between the arms: of readers, of ECGs, and the rest.

    Closed form of the probit model, from bivariate normal probabilities, without period effects.
    """
    shares = readers.shares
    of_readers = _covariance(readers, shares.reader + shares.reader_map, shares.reader)
    of_ecgs = _covariance(readers, shares.ecg + shares.ecg_map, shares.ecg)
    both = shares.reader + shares.ecg + shares.pair
    own = [_both(level, level, 1.0) for level in readers.levels]
    whole = sum(own) - 2 * _both(*readers.levels, both) - readers.difference**2
    return of_readers, of_ecgs, whole - of_readers - of_ecgs


def _covariance(readers: Readers, same: float, other: float) -> float:
    """Covariance of two differences whose sums correlate by `same` in one arm, `other` between."""
    without, shown = readers.levels
    product = _both(shown, shown, same) + _both(without, without, same)
    return product - 2 * _both(without, shown, other) - readers.difference**2


def _both(one: float, other: float, correlation: float) -> float:
    """Probability that two normal sums with these levels are both above 0 (Plackett 1954)."""
    if correlation >= 1:
        return float(stats.norm.cdf(min(one, other)))

    def density(r: float) -> float:
        rest = 1 - r * r
        far = (one * one - 2 * r * one * other + other * other) / (2 * rest)
        return math.exp(-far) / (2 * math.pi * math.sqrt(rest))

    return float(stats.norm.cdf(one) * stats.norm.cdf(other)) + quad(density, 0, correlation)[0]


class Needed(NamedTuple):
    """Readers, ECGs (NaN if MOST_ECGS are too few), and the power that they have."""

    readers: int
    ecgs: float
    power: float


def power_of(readers: Readers, parts: tuple[float, float, float], ecgs: int) -> float:
    """Probability that the 95 % interval of a study with these `variances` excludes 0."""
    of_readers, of_ecgs, rest = parts
    number = readers.number
    mean_squares = (rest + ecgs * of_readers, rest + number * of_ecgs, rest)
    total = mean_squares[0] + mean_squares[1] - rest
    freedoms = (number - 1, ecgs - 1, (number - 1) * (ecgs - 1))
    doubt = sum(each**2 / free for each, free in zip(mean_squares, freedoms, strict=True))
    freedom, error = total**2 / doubt, math.sqrt(total / (number * ecgs))
    bound = stats.t.ppf(1 - LEVEL / 2, freedom)
    far = abs(readers.difference) / error
    return float(stats.nct.sf(bound, freedom, far) + stats.nct.cdf(-bound, freedom, far))


def readers_needed(
    readers: Readers, power: float, numbers: Sequence[int] = NUMBERS
) -> Iterator[Needed]:
    """ECGs, a multiple of four, with which each number of readers has this power.

    Raises ValueError unless 0 < power < 1 and for no difference.
    """
    if not 0 < power < 1 or not readers.difference:
        raise ValueError(
            f"expected a power between 0 and 1 and a difference, got {power:g} and "
            f"{readers.difference:g}"
        )
    parts = variances(readers)
    for number in numbers:
        own = replace(readers, number=number)
        for ecgs in range(GROUPS, MOST_ECGS + 1, GROUPS):
            if (found := power_of(own, parts, ecgs)) >= power:
                yield Needed(number, ecgs, found)
                break
        else:
            yield Needed(number, math.nan, power_of(own, parts, MOST_ECGS))
