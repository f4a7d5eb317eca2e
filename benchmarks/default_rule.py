"""The rule for the default protocol, as in docs/meta_evaluation.md; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ecglens.eval import validations
from ecglens_benchmark.meta_evaluation import ELSEWHERE, THRESHOLDS

STABLE, CLOSE = 0.9, 0.1  # Kendall's τ between noise seeds; a loss of τ that asks for two protocols


@dataclass(frozen=True)
class Found:
    """What one protocol did; each field names networks but `tau`, which is by target."""

    unfit: Sequence[str]
    region_missed: Sequence[str]
    template_missed: Sequence[str]
    halves_told_apart: Sequence[str]
    tau: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        name: str,
        maps: Mapping[str, Mapping[str, float]],
        elsewhere: Mapping[str, Sequence[str]],
        tau: Mapping[str, float],
    ) -> "Found":
        """From the tables of `benchmarks.default_protocol` and the results of meta-evaluation."""
        limit = THRESHOLDS.caught
        return cls(
            unfit=(
                *validations()[f"perturbation AUC, {name}"].unfit,
                *(network for network, reasons in elsewhere.items() if reasons),
            ),
            region_missed=[n for n, one in maps.items() if one["region"] < limit],
            template_missed=[n for n in ELSEWHERE if maps[n]["template"] < limit],
            halves_told_apart=[
                n for n, one in maps.items() if one["halves"] > THRESHOLDS.false_alarms
            ],
            tau=tau,
        )

    @property
    def missed(self) -> set[tuple[str, str]]:
        """The map and network of each fault that it does not see."""
        return {("region", n) for n in self.region_missed} | {
            ("template", n) for n in self.template_missed
        }

    @property
    def eligible(self) -> bool:
        """Whether it passes every condition on the networks of the meta-evaluation."""
        return not (self.unfit or self.missed or self.halves_told_apart)

    @property
    def worst_tau(self) -> float:
        """Mean τ between noise seeds on the worse target; −1 where it was not measured."""
        return min(self.tau.values(), default=-1.0)


def decide(found: Mapping[str, Found], so_far: str) -> tuple[str, ...]:
    """The default: one protocol, or two that must agree, the first of them leading."""
    eligible = [name for name, one in found.items() if one.eligible]
    if eligible:
        first = max(eligible, key=lambda name: found[name].worst_tau)
        lost = found[so_far].worst_tau - found[first].worst_tau
        shaky = first != so_far and found[first].worst_tau < STABLE and lost > CLOSE
        return (first, so_far) if shaky else (first,)

    def faults(name: str) -> tuple[int, int, int]:
        one = found[name]
        return len(one.unfit), len(one.missed), len(one.halves_told_apart)

    first = min(found, key=faults)
    # The second one sees most of what the first does not; of equal ones the least unfit.
    gain = {name: len(found[first].missed - one.missed) for name, one in found.items()}
    second = min(found, key=lambda name: (-gain[name], *faults(name)))
    return (first, second) if gain[second] else (first,)
