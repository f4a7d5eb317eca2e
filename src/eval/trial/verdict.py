"""A metric before a network whose truth is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ...ecg import draw_exact, exact_beat
from ...engine import sample_ids
from ...explain import attribute, controls
from .decisions import DoseResponse, Samples
from .maps import BROKEN, mixed
from .metric import Metric
from .networks import Edge, HandSet
from .thresholds import THRESHOLDS, Thresholds

NOISES = ("white", "rolled")
ECGS_SEED = 1963  # no other ECGs of this project have it


@dataclass(frozen=True)
class Verdict:
    """What a metric did; `reasons` is empty when it is fit on this network.

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


def exact_ecgs(count: int) -> Float[Tensor, "{count} 12 600"]:
    """The exact beats that every trial is held on, in µV."""
    beats = [exact_beat(draw_exact(ECGS_SEED, index)).signal for index in range(count)]
    return torch.from_numpy(np.stack(beats))


def trial(
    metric: Metric,
    network: HandSet | Edge,
    thresholds: Thresholds = THRESHOLDS,
    seed: int = 0,
) -> Verdict:
    """Try a metric on one hand-set network; docs/trial.md says how.

    An ECG without a score for one map is left out for all. Raises ValueError when fewer ECGs than
    a sample are left.
    """
    trialled = _Trial(metric, network, thresholds, seed)
    scores, samples = trialled.scores, Samples(thresholds, seed)
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
        for noise, found in doses.items()
        if not found.falls(thresholds.trend)
    ]
    if power < thresholds.power:
        reasons.append(f"power {power:.2f} below {thresholds.power:g}")
    if false_alarms > thresholds.false_alarms:
        reasons.append(f"false alarms {false_alarms:.1%} above {thresholds.false_alarms:.0%}")
    return Verdict(doses, power, false_alarms, caught, trialled.dropped, tuple(reasons))


@dataclass(frozen=True)
class _Trial:
    metric: Metric
    network: HandSet | Edge
    thresholds: Thresholds
    seed: int

    @cached_property
    def maps(self) -> Mapping[str, Float[Tensor, "batch lead time"]]:
        """Every map that is scored; a broken one that equals the truth is none."""
        x = exact_ecgs(self.thresholds.ecgs)
        names, truth = sample_ids(x), self.network.truth(x)
        maps = {"truth": truth}
        maps |= {
            f"{noise} {dose}": mixed(truth, dose, noise, self.seed, names)
            for noise in NOISES
            for dose in self.thresholds.doses[1:]
        }
        maps |= {name: attribute(name, self.network, x, seed=self.seed) for name in controls()}
        maps |= {
            # Seeds of their own: the control's random map is another.
            f"random {number}": attribute("random", self.network, x, seed=self.seed + 1 + number)
            for number in range(self.thresholds.randoms)
        }
        broken = {name: spoil(truth, self.seed, names) for name, spoil in BROKEN.items()}
        return maps | {name: one for name, one in broken.items() if not torch.equal(one, truth)}

    @cached_property
    def _all_scores(self) -> Mapping[str, Float[np.ndarray, " ecg"]]:
        x, sign = exact_ecgs(self.thresholds.ecgs), 1 if self.metric.higher_is_better else -1
        return {
            name: sign * self.metric(self.network, x, one, self.seed).double().numpy()
            for name, one in self.maps.items()
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
