"""Decisions of the ranking on repeated samples of ECGs; higher is better."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int
from scipy import stats

from ..statistics.comparison import Bootstrap, beats
from .thresholds import Thresholds

Scored = Float[np.ndarray, " ecg"]


@dataclass(frozen=True)
class Samples:
    """Repeated samples of ECGs, each judged as the ranking judges one method alone.

    A sample is drawn without replacement; there must be as many ECGs at least.
    """

    thresholds: Thresholds
    seed: int

    def beats(self, method: Scored, controls: Float[np.ndarray, "control ecg"]) -> float:
        """The share of samples on which the method is shown to beat every control."""
        random = np.random.default_rng((self.seed, 0))
        samples = (self._sample(random, len(method)) for _ in range(self.thresholds.repeats))
        return self._share((method[ecgs], controls[:, ecgs]) for ecgs in samples)

    def false_alarms(self, randoms: Float[np.ndarray, "random ecg"]) -> float:
        """The share of samples on which one random map is shown to beat another.

        Each ECG draws which of its random maps is the method and which the control, so that the
        null holds exactly: exchanged, they are as probable.
        """
        random = np.random.default_rng((self.seed, 1))

        def pairs() -> Iterator[tuple[Scored, Float[np.ndarray, "1 ecg"]]]:
            for _ in range(self.thresholds.repeats):
                taken = randoms[:, self._sample(random, randoms.shape[1])]
                order = random.random(taken.shape).argsort(0)
                method, control = np.take_along_axis(taken, order, axis=0)[:2]
                yield method, control[None]

        return self._share(pairs())

    def _share(self, comparisons: Iterable[tuple[Scored, np.ndarray]]) -> float:
        decided = [
            beats(one[None, None], controls[:, None], self._bootstrap)[0]
            for one, controls in comparisons
        ]
        return float(np.mean(decided))

    def _sample(self, random: np.random.Generator, ecgs: int) -> Int[np.ndarray, " sample"]:
        return random.permutation(ecgs)[: self.thresholds.sample]

    @cached_property
    def _bootstrap(self) -> Bootstrap:
        # One for all samples: its weights depend only on the number of ECGs and the seed.
        return Bootstrap.of(1, [str(one) for one in range(self.thresholds.sample)], self.seed)


@dataclass(frozen=True)
class DoseResponse:
    """Mean scores by dose, what each step loses with its 95 % interval, and Page's p."""

    means: Float[np.ndarray, " dose"]
    losses: Float[np.ndarray, " step"]
    low: Float[np.ndarray, " step"]
    high: Float[np.ndarray, " step"]
    p: float

    @classmethod
    def of(cls, scores: Float[np.ndarray, "dose ecg"], seed: int) -> "DoseResponse":
        """`scores` by dose, the truth first; steps are paired on the same ECGs."""
        losses = scores[:-1] - scores[1:]
        bootstrap = Bootstrap.of(1, [str(number) for number in range(scores.shape[1])], seed)
        low, high = bootstrap.interval(losses[:, None])
        # Page 1963 expects the columns from the lowest to the highest.
        p = stats.page_trend_test(scores[::-1].T, method="asymptotic").pvalue
        return cls(scores.mean(1), losses.mean(1), low, high, float(p))

    def falls(self, level: float) -> bool:
        """Whether the mean is lower at every next dose, and the trend is shown."""
        return bool((self.losses > 0).all() and self.p < level)
