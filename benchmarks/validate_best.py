"""How often equal methods are told from the best, simulated: python -m benchmarks.validate_best.

The AUC of a method on an ECG is the sum of what the ECG, the method on this ECG, the method in this
network and both together add. All methods are equal; in a second table one lies above the others. A
study is false where any equal method is told from the best.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from ecglens.eval.statistics.comparison import LEVEL, Sampling, p_of_the_best, sampling
from ecglens.eval.statistics.resampling import holm
from jaxtyping import Bool, Float

TRIALS = 1000  # the SD of a rate of 5 % is 0.7 %


@dataclass(frozen=True)
class Methods:
    """How many there are of each, and the SD of what each adds to the AUC of an ECG."""

    methods: int
    networks: int = 1
    patients: int = 64
    in_network: float = 0.3
    both: float = 0.5
    skewed: bool = False
    ahead: float = 0.0  # of the first method, in SD of a method on an ECG

    def aucs(self, random: np.random.Generator) -> Float[np.ndarray, "method network ecg"]:
        """One study."""
        shape = (self.methods, 1, self.patients)
        own = random.lognormal(size=shape) / 2.16 if self.skewed else random.normal(size=shape)
        own = own + random.normal(size=(1, 1, self.patients))
        own = own + self.ahead * (np.arange(self.methods) == 0)[:, None, None]
        if self.networks == 1:
            return own
        both = random.normal(size=(self.methods, self.networks, self.patients)) * self.both
        return own + both + random.normal(size=(self.methods, self.networks, 1)) * self.in_network


Rule = Callable[[np.ndarray, Sampling], Bool[np.ndarray, " method"]]


def ours(aucs: Float[np.ndarray, "method network ecg"], drawn: Sampling) -> np.ndarray:
    """Methods that the confidence set removes."""
    return p_of_the_best(aucs, np.ones(len(aucs), bool), drawn) < LEVEL


def selected(aucs: Float[np.ndarray, "method network ecg"], drawn: Sampling) -> np.ndarray:
    """Methods told from the highest by Holm's correction, as if it had been named before."""
    best = aucs.mean((1, 2)).argmax()
    others = np.delete(np.arange(len(aucs)), best)
    apart = np.zeros(len(aucs), bool)
    apart[others] = holm(drawn.p(aucs[best] - aucs[others])) < LEVEL
    return apart


RULES: dict[str, Rule] = {"of the ranking": ours, "against the highest, Holm": selected}


def told_apart(world: Methods, trials: int) -> dict[str, Bool[np.ndarray, "trial method"]]:
    """Which methods each rule tells from the best, study by study."""
    random = np.random.default_rng(world.methods)
    names = [f"{patient:03d}" for patient in range(world.patients)]
    drawn = sampling(world.networks, world.methods, names, 0)
    found: dict[str, list[np.ndarray]] = {name: [] for name in RULES}
    for _ in range(trials):
        aucs = world.aucs(random)
        for name, rule in RULES.items():
            found[name].append(rule(aucs, drawn))
    return {name: np.array(each) for name, each in found.items()}


def main() -> None:
    """False separations of equal methods, then the share told from one that is ahead."""
    every, few = (5, 8, 14, 21), (8, 21)
    print(f"| Equal methods | networks | scores | ECGs | {' | '.join(RULES)} |")
    print(f"|---|---|---|---|{'---|' * len(RULES)}")
    for networks, skewed, patients, counts in (
        (1, False, 64, every), (5, False, 64, every), (1, True, 64, few),
        (5, True, 64, few), (1, False, 16, few), (5, False, 16, few),
    ):  # fmt: skip
        for count in counts:
            world = Methods(count, networks, patients, skewed=skewed)
            rates = [each.any(1).mean() for each in told_apart(world, TRIALS).values()]
            shape = "lognormal" if skewed else "normal"
            told = " | ".join(f"{rate:.1%}" for rate in rates)
            print(f"| {count} | {networks} | {shape} | {patients} | {told} |", flush=True)
    print(f"\n| Methods, one ahead | networks | ahead by | {' | '.join(RULES)} |")
    print(f"|---|---|---|{'---|' * len(RULES)}")
    for networks in (1, 5):
        for count in (5, 14):
            for ahead in (0.5, 1.0):
                world = replace(Methods(count, networks), ahead=ahead)
                rates = [each[:, 1:].mean() for each in told_apart(world, TRIALS // 5).values()]
                told = " | ".join(f"{rate:.0%}" for rate in rates)
                print(f"| {count} | {networks} | {ahead:g} SD | {told} |", flush=True)


if __name__ == "__main__":
    main()
