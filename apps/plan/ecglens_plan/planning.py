"""Power of a run of another size, and the number of ECGs for the power that is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from ecglens.eval import GATES, Finding
from ecglens.eval.statistics import LEVEL, Crossed
from jaxtyping import Float
from scipy import stats

from . import NETWORK
from .comparisons import Comparisons, comparisons_of

RESAMPLES = 400  # of the run's patients: an SD of power of at most 0.5 % from them
SAMPLES = 50  # of means for each resample: 20 000 in all
MOST_ECGS = 100_000  # more than any data set here has
FEWEST = 6  # patients that the bootstrap-t takes
MULTIPLES = (1, 2, 4)  # of the run's draws


@dataclass(frozen=True, eq=False)
class Pilot:
    """Power of the tests of a method from the variance of a finished run (docs/plan.md)."""

    comparisons: Comparisons
    gain: float
    seed: int = 0
    samples: int = field(default=SAMPLES)

    def power(self, ecgs: int, networks: int | None = None, draws: int = 1) -> float:
        """Probability that every test is significant, by 0 for an own score of 0 or below.

        `draws` is a multiple of the run's; `networks` are those of the run unless given.
        """
        count = self.networks if networks is None else networks
        between = self._between if count > 1 else np.zeros(len(self.comparisons.names))
        patient = self._patient * self.narrower(draws)
        square = patient**2 / ecgs + between**2 / count
        error = np.sqrt(square)
        share = np.divide(between**2 / count, square, out=np.zeros_like(square), where=square > 0)
        tail = LEVEL / self.comparisons.methods / 2
        quantile = (1 - share) * stats.t.isf(tail, ecgs - 1)
        if count > 1:
            quantile = quantile + share * stats.t.isf(tail, count - 1)
        chance = self._chance * (self.narrower(draws) / np.sqrt(ecgs))
        if count > 1:
            chance = chance + self._of_networks * (between / np.sqrt(count))
        mean = self.gain * self._own
        passed = (mean > 0) & (mean + chance > quantile * error)
        return float(passed.all(-1).mean())

    def ecgs(self, power: float, networks: int | None = None, draws: int = 1) -> int | None:
        """Smallest number of ECGs with this power; None above MOST_ECGS."""
        if self.power(MOST_ECGS, networks, draws) < power:
            return None
        low, high = FEWEST - 1, MOST_ECGS
        while high - low > 1:
            middle = (low + high) // 2
            if self.power(middle, networks, draws) < power:
                low = middle
            else:
                high = middle
        return high

    @property
    def networks(self) -> int:
        """Networks of the run."""
        return self.comparisons.own.shape[1]

    @property
    def patients(self) -> int:
        """Patients of the run."""
        return self.comparisons.own.shape[2]

    def narrower(self, draws: int) -> Float[np.ndarray, " test"]:
        """SD between ECGs with this multiple of the draws, as a share of the run's."""
        values = self.comparisons.difference.mean(1).var(-1, ddof=1)
        less = self.comparisons.within / np.array(self.comparisons.draws) * (1 - 1 / draws)
        left = np.divide(less, values, out=np.zeros_like(values), where=values > 0)
        return np.sqrt(np.clip(1 - left, 0, 1))

    @cached_property
    def _drawn(self) -> np.ndarray:
        random = np.random.default_rng(self.seed)
        return random.integers(0, self.patients, (RESAMPLES, self.patients))

    @cached_property
    def _own(self) -> Float[np.ndarray, "resample 1 test"]:
        own = self.comparisons.own.mean(1)[:, self._drawn].mean(-1)
        return own.T[:, None]

    @cached_property
    def _apart(self) -> Float[np.ndarray, "resample patient test"]:
        """Deviations of each resample, their mean square that of the run on average."""
        values = np.moveaxis(self.comparisons.difference.mean(1)[:, self._drawn], 0, -1)
        wider = np.sqrt(self.patients / (self.patients - 1))
        return (values - values.mean(1, keepdims=True)) * wider

    @cached_property
    def _patient(self) -> Float[np.ndarray, "resample 1 test"]:
        return np.sqrt((self._apart**2).sum(1, keepdims=True) / (self.patients - 1))

    @cached_property
    def _chance(self) -> Float[np.ndarray, "resample sample test"]:
        """Sums of deviations by normal numbers: they have the covariance of the resample."""
        random = np.random.default_rng([self.seed, 1])
        by = random.normal(size=(RESAMPLES, self.samples, self.patients))
        return by @ self._apart / np.sqrt(self.patients - 1)

    @cached_property
    def _between(self) -> Float[np.ndarray, " test"]:
        """SD that networks add to the mean of one."""
        if self.networks == 1:
            return np.zeros(len(self.comparisons.names))
        names = [str(place) for place in range(self.patients)]
        found = Crossed.of(names).estimate(self.comparisons.difference)
        return np.sqrt(found.share * found.error**2 * self.networks)

    @cached_property
    def _of_networks(self) -> Float[np.ndarray, "resample sample test"]:
        """Standard normal numbers, as alike between tests as the networks' means are."""
        means = self.comparisons.difference.mean(-1)
        apart = means - means.mean(-1, keepdims=True)
        length = np.linalg.norm(apart, axis=-1, keepdims=True)
        apart = np.divide(apart, length, out=np.zeros_like(apart), where=length > 0)
        random = np.random.default_rng([self.seed, 2])
        return random.normal(size=(RESAMPLES, self.samples, self.networks)) @ apart.T


def plan(
    findings: Sequence[Finding], detect: str, gain: float = 0.2, power: float = 0.9
) -> pd.DataFrame:
    """A row per method and test of a run: its power now, and what would have the power asked for.

    Columns: method, by (ladder, return test, or the gate), gain, power_now, ecgs_now, draws (a
    multiple of the run's), networks, redraws (of a gate, a multiple too), ecgs (NaN above
    MOST_ECGS). Raises ValueError for a gain or power outside 0–1, and for a run that lacks the
    tests.
    """
    for name, value in (("gain", gain), ("power", power)):
        if not 0 < value < 1:
            raise ValueError(f"expected a {name} between 0 and 1, got {value}")
    if detect == NETWORK:
        return _gates(findings, gain, power)
    rows = []
    for each in comparisons_of(findings, detect):
        pilot = Pilot(each, gain)
        if pilot.patients < FEWEST:
            raise ValueError(f"expected a run of {FEWEST} patients or more, got {pilot.patients}")
        by = "return test" if each.names[0].endswith("return test") else "ladder"
        now = {"method": each.method, "by": by, "gain": gain,
               "power_now": pilot.power(pilot.patients), "ecgs_now": pilot.patients}  # fmt: skip
        networks = (1,) if pilot.networks == 1 else (pilot.networks, 2 * pilot.networks)
        for count in networks:
            for draws in MULTIPLES if each.within.any() else (1,):
                found = pilot.ecgs(power, count, draws)
                rows.append(
                    now
                    | {"draws": draws, "networks": count, "redraws": np.nan,
                       "ecgs": np.nan if found is None else found}
                )  # fmt: skip
    return pd.DataFrame(rows)


def _gates(findings: Sequence[Finding], gain: float, power: float) -> pd.DataFrame:
    """Plan of the gates: ECGs and networks without the weights multiplied by one factor."""
    rows = []
    for finding in findings:
        ecgs, table = len({*finding.about.patients}), finding.table
        for column, name in GATES.items():
            kept = column.replace("verdict", "kept")
            if f"{kept}_low" not in table:
                continue
            judged = table[(table["kind"] == "method") & table[kept].notna()]
            ends = (judged["method"], judged[f"{kept}_low"], judged[f"{kept}_high"])
            for method, low, high in zip(*ends, strict=True):
                error = (high - low) / 2 / stats.t.isf(LEVEL / 2, ecgs - 1)
                factor, now = _factor(error / gain, LEVEL / len(judged) / 2, ecgs, power)
                rows.append(
                    {"method": method, "by": f"gate: {name}", "gain": gain, "power_now": now,
                     "ecgs_now": ecgs, "draws": 1, "networks": 1, "redraws": factor,
                     "ecgs": np.ceil(factor * ecgs)}
                )  # fmt: skip
    if not rows:
        raise ValueError(
            "expected a run with redrawn weights to plan 'network' from, found none; "
            "run evaluation=weights first"
        )
    return pd.DataFrame(rows)


def _factor(error: float, level: float, ecgs: int, power: float) -> tuple[float, float]:
    """Factor of ECGs and redraws for the power, and the power now; `error` in units of the gain."""
    if not error > 0:
        return (1.0, 1.0) if error == 0 else (np.nan, np.nan)
    factors = np.geomspace(FEWEST / ecgs, MOST_ECGS / ecgs, 4000)
    least = stats.t.isf(level, np.append(factors, 1.0) * ecgs - 1)
    *reached, now = stats.norm.cdf(np.sqrt(np.append(factors, 1.0)) / error - least)
    enough = np.array(reached) >= power
    return (float(factors[enough.argmax()]) if enough.any() else np.nan), float(now)
