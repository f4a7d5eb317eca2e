"""Validation of a metric on a network whose true map is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ...engine import sample_ids
from ...explain import Inputs, attribute, controls
from .decisions import DoseResponse, Samples
from .ecgs import exact_ecgs
from .maps import BROKEN, mixed
from .metric import Metric, OnChangedEcgs
from .networks import Edge, HandSet
from .thresholds import THRESHOLDS, Thresholds
from .truth import truth_of

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
        """Whether the metric may be used on networks of this kind."""
        return not self.reasons


def validate(
    metric: Metric,
    network: HandSet | Edge,
    thresholds: Thresholds = THRESHOLDS,
    seed: int = 0,
) -> NetworkValidation:
    """Try a metric on one hand-set network; docs/meta_evaluation.md says how.

    An ECG without a score for one map is left out for all. Raises ValueError when fewer ECGs than
    a sample are left.
    """
    scored = _Scores(metric, network, thresholds, seed)
    scores, samples = scored.scores, Samples(thresholds, seed)
    truth = scores["truth"]
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
    return NetworkValidation(doses, power, false_alarms, caught, scored.dropped, tuple(reasons))


Maps = Mapping[str, Float[Tensor, "batch lead time"]]


# All metrics score the same maps; those of one network fill 100 MB, or 1 GB where ECGs are changed.
@lru_cache(maxsize=1)
def _maps(
    network: HandSet | Edge, x: Callable[[int], Tensor], thresholds: Thresholds, seed: int
) -> Maps:
    """Maps that are scored by name, without broken maps that equal the truth."""
    ecgs = x(thresholds.ecgs)
    truth = truth_of(network, ecgs)
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


@dataclass(frozen=True)
class _Scores:
    metric: Metric
    network: HandSet | Edge
    thresholds: Thresholds
    seed: int

    @cached_property
    def _all_scores(self) -> Mapping[str, Float[np.ndarray, " ecg"]]:
        sign = 1 if self.metric.higher_is_better else -1
        ecgs = self.metric.changed_ecgs if isinstance(self.metric, OnChangedEcgs) else exact_ecgs
        x = ecgs(self.thresholds.ecgs)
        maps = _maps(self.network, ecgs, self.thresholds, self.seed)
        return {
            name: sign * self.metric(self.network, x, one, self.seed).double().numpy()
            for name, one in maps.items()
        }

    @cached_property
    def _usable(self) -> Bool[np.ndarray, " ecg"]:
        return np.all(np.isfinite(np.stack(list(self._all_scores.values()))), axis=0)

    @property
    def dropped(self) -> int:
        return int((~self._usable).sum())

    @property
    def scores(self) -> Mapping[str, Float[np.ndarray, " ecg"]]:
        """Higher is better, on the ECGs that every map has a score of."""
        if self._usable.sum() < self.thresholds.sample:
            raise ValueError(
                f"expected scores of at least {self.thresholds.sample} ECGs, "
                f"got {int(self._usable.sum())}"
            )
        return {name: each[self._usable] for name, each in self._all_scores.items()}
