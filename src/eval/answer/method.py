"""Result of a method: its use, its level and its gates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from .gates import Gate
from .this_ecg import UNTESTED, ThisEcg
from .witness import NOT_MEASURED, Witness

Use = Literal["use", "not shown", "do not use"]
USES: tuple[Use, ...] = get_args(Use)


@dataclass(frozen=True)
class Null:
    """Rung of the null ladder with the paired difference of the method's area, own − rung."""

    rung: str
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class MethodAnswer:
    """Result of a method: the level it was shown to reach, its gates, and its use.

    `level` is the highest of the null ladder that it reached (0 for none), `above` the levels whose
    rungs it is above, reached or not; `unbeaten` is the strongest null of the next level, None
    where every level was reached. `gates` has the verdict of each gate by its name.
    `failed_rungs` are those that the mean area is surely not above, else those that it is not
    above by the mean; `failed_by` names the protocols that say so. `by_chance` are gates that
    failed by a mean whose interval holds the limit; `no_better_than_random` has the protocol by
    which its own map failed a gate beside random numbers. `this_ecg` says whether its maps are
    specific to their ECG, `contradicted` which rungs of other patients' maps it is significantly
    above by one protocol and below by another, `witness` whether its maps agree with measured
    effects. `missing` names tests (RUNS, "own labels", "no weights", "no labels", "own training",
    "own networks", "region"), `next` the cheapest of them that a command makes, "" for none.
    """

    name: str
    use: Use
    level: int
    above: tuple[int, ...]
    unbeaten: Null | None
    gates: Mapping[str, Gate]
    failed_rungs: tuple[str, ...] = ()
    by_chance: tuple[str, ...] = ()
    failed_by: tuple[str, ...] = ()
    no_better_than_random: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    next: str = ""
    this_ecg: ThisEcg = UNTESTED
    contradicted: tuple[str, ...] = ()
    witness: Witness = NOT_MEASURED

    @property
    def failed(self) -> tuple[str, ...]:
        """Gates that it failed."""
        return tuple(gate for gate, verdict in self.gates.items() if verdict == "fails")

    @property
    def perhaps(self) -> bool:
        """True if it failed, and more ECGs may show that each failure was chance."""
        return bool(self.failed) and self.by_chance == self.failed
