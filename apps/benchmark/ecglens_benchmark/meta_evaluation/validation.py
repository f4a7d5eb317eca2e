"""Validation of a metric on a network whose true map is known."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from ecglens.engine import sample_ids
from ecglens.eval.statistics import beats, sampling
from ecglens.explain import Inputs, attribute, controls
from jaxtyping import Float, Int
from scipy import stats
from torch import Tensor

from .maps import BROKEN, exact_ecgs, mixed
from .metrics import Metric, OnChangedEcgs
from .networks import Edge, HandSet, truth_of

Truth = Callable[[HandSet | Edge, Tensor], Tensor]


@dataclass(frozen=True)
class Thresholds:
    """Size of a validation, and the limits of fit; ValueError for a sample beyond the ECGs."""

    ecgs: int = 192  # a power of .95 is known to ± .016 from them, and a validation lasts minutes
    sample: int = 64  # what an evaluation of the application asks (configs/train.yaml, ecgs)
    repeats: int = 1000  # a rate of 5 % is known to ± 1.4 %
    randoms: int = 4  # random maps; any two of them are a null comparison
    doses: tuple[float, ...] = (0.0, 0.25, 0.5, 0.75, 1.0)  # shares of the truth that are noise
    trend: float = 0.05  # level of Page's test; the direction is given, so it is one-sided
    power: float = 0.95  # one ECG set in twenty may miss that the truth beats every control
    false_alarms: float = 0.05  # twice what the one-sided rule of the ranking promises, .025
    caught: float = 0.95  # a broken map is seen when it is shown to be worse as often as this

    def __post_init__(self) -> None:
        if not 2 <= self.sample <= self.ecgs:
            raise ValueError(
                f"expected a sample of 2 to {self.ecgs} ECGs, all there are, got {self.sample}"
            )


THRESHOLDS = Thresholds()


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
        # One for all samples: its weights depend only on the number of ECGs and the seed.
        bootstrap = sampling(1, 1, [str(one) for one in range(self.thresholds.sample)], self.seed)
        decided = [
            beats(one[None, None], controls[:, None], bootstrap)[0] for one, controls in comparisons
        ]
        return float(np.mean(decided))

    def _sample(self, random: np.random.Generator, ecgs: int) -> Int[np.ndarray, " sample"]:
        return random.permutation(ecgs)[: self.thresholds.sample]


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
        bootstrap = sampling(1, 1, [str(number) for number in range(scores.shape[1])], seed)
        low, high = bootstrap.interval(losses[:, None])
        # Page 1963 expects the columns from the lowest to the highest.
        p = stats.page_trend_test(scores[::-1].T, method="asymptotic").pvalue
        return cls(scores.mean(1), losses.mean(1), low, high, float(p))

    def falls(self, level: float) -> bool:
        """True if the mean is lower at every next dose, and the trend is shown."""
        return bool((self.losses > 0).all() and self.p < level)


NOISES = ("white", "rolled")


@dataclass(frozen=True)
class NetworkValidation:
    """Result of a validation; `reasons` is empty when the metric is fit on this network.

    `dropped` ECGs had no score for some map. `power` is against every control at once; `caught` is
    how often each broken map is shown to be worse than the truth, and no part of the verdict.
    """

    doses: Mapping[str, DoseResponse]
    power: float
    false_alarms: float
    caught: Mapping[str, float]
    dropped: int
    reasons: tuple[str, ...]

    @property
    def fit(self) -> bool:
        """True if the metric may be used on networks of this kind."""
        return not self.reasons


def validate(
    metric: Metric, network: HandSet | Edge, thresholds: Thresholds = THRESHOLDS, seed: int = 0
) -> NetworkValidation:
    """Try a metric on one hand-set network; docs/meta_evaluation.md says how.

    An ECG without a score for one map is left out for all. Raises ValueError when fewer ECGs than
    a sample are left.
    """
    scores, dropped = _scores(metric, network, thresholds, seed)
    samples, truth = Samples(thresholds, seed), scores["truth"]
    doses = {
        noise: DoseResponse.of(
            np.stack([truth, *(scores[f"{noise} {dose}"] for dose in thresholds.doses[1:])]), seed
        )
        for noise in NOISES
    }
    power = samples.beats(truth, np.stack([scores[name] for name in controls()]))
    randoms = np.stack([scores[f"random {number}"] for number in range(thresholds.randoms)])
    false_alarms = samples.false_alarms(randoms)
    caught = {name: samples.beats(truth, scores[name][None]) for name in BROKEN if name in scores}
    reasons = [
        f"{noise} noise does not lower it step by step"
        for noise, response in doses.items()
        if not response.falls(thresholds.trend)
    ]
    if power < thresholds.power:
        reasons.append(f"power {power:.2f} below {thresholds.power:g}")
    if false_alarms > thresholds.false_alarms:
        reasons.append(
            f"false alarms {100 * false_alarms:.1f}\u00a0% above "
            f"{100 * thresholds.false_alarms:.0f}\u00a0%"
        )
    return NetworkValidation(doses, power, false_alarms, caught, dropped, tuple(reasons))


Maps = Mapping[str, Float[Tensor, "batch lead time"]]


# All metrics score the same maps; those of one network fill 100 MB, or 1 GB where ECGs are changed.
@lru_cache(maxsize=1)
def _maps(
    network: HandSet | Edge,
    x: Callable[[int], Tensor],
    truth_by: Truth,
    thresholds: Thresholds,
    seed: int,
) -> Maps:
    """Maps that are scored by name, without broken maps that equal the truth."""
    ecgs = x(thresholds.ecgs)
    truth = truth_by(network, ecgs)
    # A changed ECG keeps its name: what errs in the one errs in the same way in the other.
    own = sample_ids(ecgs[: thresholds.ecgs])
    names = own * (len(ecgs) // len(own))
    maps = {"truth": truth}
    maps |= {
        f"{noise} {dose}": mixed(truth, dose, noise, seed, names)
        for noise in NOISES
        for dose in thresholds.doses[1:]
    }
    drawn = {name: (name, seed) for name in controls()} | {
        # Seeds of their own: the control's random map is another.
        f"random {number}": ("random", seed + 1 + number)
        for number in range(thresholds.randoms)
    }
    maps |= {
        name: attribute(kind, network, ecgs, seed=own_seed, inputs=Inputs(records=names))
        for name, (kind, own_seed) in drawn.items()
    }
    broken = {name: spoil(truth, seed, names) for name, spoil in BROKEN.items()}
    return maps | {name: one for name, one in broken.items() if not torch.equal(one, truth)}


def _scores(
    metric: Metric, network: HandSet | Edge, thresholds: Thresholds, seed: int
) -> tuple[Mapping[str, Scored], int]:
    """Scores, higher is better, of the ECGs that have one for every map; and how many have none."""
    sign = 1 if metric.higher_is_better else -1
    ecgs = metric.changed_ecgs if isinstance(metric, OnChangedEcgs) else exact_ecgs
    x = ecgs(thresholds.ecgs)
    maps = _maps(network, ecgs, getattr(metric, "truth", truth_of), thresholds, seed)
    scores = {
        name: sign * metric(network, x, one, seed).double().numpy() for name, one in maps.items()
    }
    usable = np.all(np.isfinite(np.stack([*scores.values()])), axis=0)
    if usable.sum() < thresholds.sample:
        raise ValueError(
            f"expected scores of at least {thresholds.sample} ECGs, got {int(usable.sum())}"
        )
    return {name: each[usable] for name, each in scores.items()}, int((~usable).sum())
