"""How often intervals hold the truth, simulated: python -m benchmarks.validate_intervals.

A score of an ECG is the sum of what its patient, the network, both together, the noise draw and
nothing but chance add; patients have one to three ECGs. The truth is 0. Three ways to an interval
of the mean: that of the ranking (`ecglens.eval.statistics.crossed`); patients, networks and draws
resampled one after the other; patients alone, as if the networks were all there are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from ecglens.eval.statistics.crossed import Crossed
from ecglens.eval.statistics.resampling import bootstrap_means, interval, numbered, resampled
from jaxtyping import Float

TRIALS = 2000  # the SD of a coverage of 95 % is 0.5 %
REPLICATES = 400  # enough for coverage over many trials, too few for one interval
Ends = tuple[np.ndarray, np.ndarray]


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
    skewed: bool = False

    @property
    def names(self) -> list[str]:
        """The patient of each ECG: one, two, three, one, … ECGs each."""
        return [f"{p:03d}" for p in range(self.patients) for _ in range(1 + p % 3)]

    def scores(self, trials: int, seed: int) -> Float[np.ndarray, "trial network draw ecg"]:
        """Each trial another study; draws are the same noise in all networks."""
        of = numbered(self.names)
        random = np.random.default_rng(seed)
        level = self._normal(random, trials, 1, 1, self.patients) * self.patient
        both = random.normal(size=(trials, self.networks, 1, self.patients)) * self.both
        network = random.normal(size=(trials, self.networks, 1, 1)) * self.network
        draw = random.normal(size=(trials, 1, self.draws, len(of))) * self.draw
        rest = random.normal(size=(trials, self.networks, self.draws, len(of))) * self.rest
        return (level + both)[..., of] + network + draw + rest

    def _normal(self, random: np.random.Generator, *shape: int) -> np.ndarray:
        """Of mean 0 and SD 1; skewed ones have skewness 1.4, as AUCs of a few ECGs have."""
        if self.skewed:
            return (random.gamma(2, size=shape) - 2) / np.sqrt(2)
        return random.normal(size=shape)


def ours(scores: Float[np.ndarray, "trial network draw ecg"], names: Sequence[str]) -> Ends:
    """Mean squares of patients and networks, Student's quantile."""
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


WAYS: dict[str, Callable[[np.ndarray, Sequence[str]], Ends]] = {
    "of the ranking": ours,
    "all resampled": all_resampled,
    "patients alone": patients_alone,
}
USUAL = World("usual")
WORLDS = [
    *(replace(USUAL, name=f"{k} networks", networks=k) for k in (2, 3, 5, 10)),
    *(replace(USUAL, name=f"{n} patients", patients=n) for n in (8, 20, 256)),
    replace(USUAL, name="networks alike", network=0.0),
    replace(USUAL, name="networks and patients alike", network=0.0, patient=0.0),
    replace(USUAL, name="networks differ most", network=2.0),
    replace(USUAL, name="one draw", draws=1),
    replace(USUAL, name="20 skewed patients", patients=20, skewed=True),
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


def main() -> None:
    """A row per world."""
    print(f"| Simulated | {' | '.join(WAYS)} |")
    print(f"|---|{'---|' * len(WAYS)}")
    for world in (*WORLDS, SHORT):
        found = (coverage(world, way, TRIALS) for way in WAYS.values())
        print(f"| {world.name} | {' | '.join(f'{each:.1%}' for each in found)} |", flush=True)


if __name__ == "__main__":
    main()
