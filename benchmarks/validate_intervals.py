"""How often intervals hold the truth, simulated: python -m benchmarks.validate_intervals.

A score of an ECG is the sum of what its patient, the network, both together, the noise draw and
nothing but chance add; patients have one to three ECGs. The truth is 0. Ways to an interval of the
mean over several networks: that of the ranking (`ecglens.eval.statistics.crossed`); patients,
networks and draws resampled one after the other; patients alone, as if the networks were all there
are. For one network: that of the ranking (bootstrap-t), expanded and plain percentiles, Student's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from ecglens.eval.statistics.bootstrap import Bootstrap
from ecglens.eval.statistics.crossed import Crossed
from ecglens.eval.statistics.resampling import bootstrap_means, interval, numbered, resampled
from jaxtyping import Float
from scipy import stats

TRIALS = 2000  # the SD of a coverage of 95 % is 0.5 %
REPLICATES = 400  # enough for coverage over many trials, too few for one interval
Ends = tuple[np.ndarray, np.ndarray]
Shape = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


@dataclass(frozen=True)
class World:
    """How many there are of each, and the SD of what each adds."""

    name: str
    networks: int = 5
    patients: int = 64
    draws: int = 5
    patient: float = 1.0
    network: float = 0.3
    both: float = 0.5
    draw: float = 1.0
    rest: float = 0.5
    shape: str = "normal"  # of what patients add
    ecgs: int = 3  # the largest number of ECGs of a patient

    @property
    def names(self) -> list[str]:
        """The patient of each ECG: one, two, three, one, … ECGs each."""
        return [f"{p:03d}" for p in range(self.patients) for _ in range(1 + p % self.ecgs)]

    def scores(self, trials: int, seed: int) -> Float[np.ndarray, "trial network draw ecg"]:
        """Each trial another study; draws are the same noise in all networks."""
        of = numbered(self.names)
        random = np.random.default_rng(seed)
        level = SHAPES[self.shape](random, (trials, 1, 1, self.patients)) * self.patient
        both = random.normal(size=(trials, self.networks, 1, self.patients)) * self.both
        network = random.normal(size=(trials, self.networks, 1, 1)) * self.network
        draw = random.normal(size=(trials, 1, self.draws, len(of))) * self.draw
        rest = random.normal(size=(trials, self.networks, self.draws, len(of))) * self.rest
        return (level + both)[..., of] + network + draw + rest


def gamma(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Mean 0, SD 1, skewness 1.4, as AUCs of a few ECGs have."""
    return (random.gamma(2, size=shape) - 2) / np.sqrt(2)


def lognormal(sd: float) -> Shape:
    """Mean 0, SD 1: exp of a normal number with this SD; skewness 1.8, 3.3, 6.2 of 0.5, 0.75, 1."""
    mean, square = np.exp(sd**2 / 2), np.exp(sd**2)

    def scores(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        return (random.lognormal(0, sd, shape) - mean) / (mean * np.sqrt(square - 1))

    return scores


SHAPES: dict[str, Shape] = {
    "normal": lambda random, shape: random.normal(size=shape),
    "gamma": gamma,
    "lognormal (log SD 0.5)": lognormal(0.5),
    # Between the two: plain percentiles cover 83 % with 10 ECGs and 92 % with 64.
    "lognormal (log SD 0.75)": lognormal(0.75),
    "lognormal (log SD 1)": lognormal(1.0),
}


def ours(scores: Float[np.ndarray, "trial network draw ecg"], names: Sequence[str]) -> Ends:
    """That of the ranking: bootstrap-t of one network, mean squares of several."""
    if scores.shape[1] == 1:
        return Bootstrap.of(1, names, 1).interval(scores.mean(2))
    return Crossed.of(names).interval(scores.mean(2))


def all_resampled(
    scores: Float[np.ndarray, "trial network draw ecg"], names: Sequence[str]
) -> Ends:
    """Percentiles over patients, networks and draws, each drawn anew."""
    trials, networks, draws, ecgs = scores.shape
    random = np.random.default_rng(1)
    patients = resampled(names, 1, REPLICATES)
    nets = random.multinomial(networks, np.full(networks, 1 / networks), REPLICATES) / networks
    replicates = np.empty((trials, REPLICATES))
    for number in range(REPLICATES):
        drawn = random.multinomial(draws, np.full(draws, 1 / draws), ecgs).T / draws
        weights = (drawn * patients[number])[None] * nets[number][:, None, None]
        replicates[:, number] = scores.reshape(trials, -1) @ weights.ravel()
    low, high = np.quantile(replicates, [0.025, 0.975], axis=-1)
    return low, high


def patients_alone(
    scores: Float[np.ndarray, "trial network draw ecg"], names: Sequence[str]
) -> Ends:
    """The interval of one network's ranking, of the networks' mean."""
    means = bootstrap_means(scores.mean((1, 2)), resampled(names, 1))
    return interval(means, len({*names}))


def percentiles(scores: Float[np.ndarray, "trial network draw ecg"], names: Sequence[str]) -> Ends:
    """The plain percentile interval of one network's mean over patients."""
    means = bootstrap_means(scores.mean((1, 2)), resampled(names, 1))
    low, high = np.quantile(means, [0.025, 0.975], axis=-1)
    return low, high


def student(scores: Float[np.ndarray, "trial network draw ecg"], names: Sequence[str]) -> Ends:
    """Student's interval of the ECGs' means, one of each patient."""
    each = scores.mean((1, 2))
    reach = stats.sem(each, axis=1) * stats.t.isf(0.025, each.shape[1] - 1)
    return each.mean(1) - reach, each.mean(1) + reach


WAYS: dict[str, Callable[[np.ndarray, Sequence[str]], Ends]] = {
    "of the ranking": ours,
    "all resampled": all_resampled,
    "patients alone": patients_alone,
}
ONE_NETWORK: dict[str, Callable[[np.ndarray, Sequence[str]], Ends]] = {
    "of the ranking": ours,
    "expanded percentiles": patients_alone,
    "plain percentiles": percentiles,
    "Student": student,
}
USUAL = World("usual")
WORLDS = [
    *(replace(USUAL, name=f"{k} networks", networks=k) for k in (2, 3, 5, 10)),
    *(replace(USUAL, name=f"{n} patients", patients=n) for n in (8, 20, 256)),
    replace(USUAL, name="networks alike", network=0.0),
    replace(USUAL, name="networks and patients alike", network=0.0, patient=0.0),
    replace(USUAL, name="networks differ most", network=2.0),
    replace(USUAL, name="one draw", draws=1),
    replace(USUAL, name="20 skewed patients", patients=20, shape="gamma"),
    *(
        replace(USUAL, name=f"{n} {shape} patients", patients=n, shape=shape)
        for n in (16, 64)
        for shape in ("normal", "lognormal (log SD 1)")
    ),
]
ALONE = World("one network", networks=1, draws=1, network=0, both=0, draw=0, rest=0, ecgs=1)
SKEWED = [
    replace(ALONE, name=f"{n} {shape} patients", patients=n, shape=shape)
    for shape in SHAPES
    for n in (8, 10, 16, 64, 256)
]
# The networks are alike: nothing but the patients makes an interval wide.
SKEWED_NETWORKS = [
    replace(world, name=f"{world.name}, 5 like networks", networks=5, both=0.2)
    for world in SKEWED
    if world.patients in (16, 64)
]
# Two networks that differ more than chance: no interval of ours holds 95 % there.
SHORT = replace(USUAL, name="2 networks, 256 patients", networks=2, patients=256)


def coverage(world: World, way: Callable[[np.ndarray, Sequence[str]], Ends], trials: int) -> float:
    """The share of trials whose interval holds 0."""
    pieces = []
    for seed in range(0, trials, 250):  # 250 trials of 256 patients take 300 MB
        low, high = way(world.scores(min(250, trials - seed), seed), world.names)
        pieces.append((low <= 0) & (high >= 0))
    return float(np.concatenate(pieces).mean())


def print_table(worlds: Sequence[World], ways: dict[str, Callable[..., Ends]]) -> None:
    """A row per world."""
    print(f"\n| Simulated | {' | '.join(ways)} |")
    print(f"|---|{'---|' * len(ways)}")
    for world in worlds:
        found = (coverage(world, way, TRIALS) for way in ways.values())
        print(f"| {world.name} | {' | '.join(f'{each:.1%}' for each in found)} |", flush=True)


def main() -> None:
    """Several networks, one network, and skewed patients in networks that are alike."""
    print_table(SKEWED, ONE_NETWORK)
    print_table(SKEWED_NETWORKS, {"of the ranking": ours, "Student": student})
    print_table([*WORLDS, SHORT], WAYS)


if __name__ == "__main__":
    main()
