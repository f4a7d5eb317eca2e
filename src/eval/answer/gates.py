"""Gates that a method has to pass on some networks, and the tests that are missing."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal

from ..evaluations.sanity import Weights
from ..evaluations.sanity.gates import Verdict, both
from ..finding import Finding
from ..protocol import MOST_KEPT
from ..ranking.ladder import Ladder
from .reading import Reading

Gate = Verdict | Literal["cannot be had"]
# Columns of a finding that are gates, and what each tests. `consistency` is none: networks may
# solve a task in different ways.
GATES = {
    "redrawn_verdict": "scores higher than with all weights redrawn",
    "moved_verdict": "scores higher than behind a moved input",
    "labels_verdict": "scores higher than with permuted labels",
}
# A network has one of the first two: the second where its weights cannot be redrawn.
REDRAWN, MOVED, LABELS = GATES
LINTER_GATE, LADDER_GATE = "is right on this network", "is above every control and any target prior"
NEEDED = 2  # level of the null ladder, where the target has a region
# Tests that a run may lack and a command makes, the cheapest first.
RUNS = ("ladder", "weights", "labels", "all weights", "training", "ecgs", "networks")
NOT_JUDGED: Verdict = "not judged"
# Steps of the optimiser below which a network may learn nothing: on 1376 ECGs of patients 344 read
# PR with R² 0.78.
FEW_STEPS = 300


def least_epochs(ecgs: int, batch_size: int) -> int:
    """Epochs of FEW_STEPS steps on this many training ECGs."""
    return math.ceil(FEW_STEPS / math.ceil(ecgs / batch_size))


@dataclass(frozen=True)
class Run:
    """Parts of the command of a next run: its words and some settings.

    `configured` is False where no command made the run. `own` says that the network was fitted
    elsewhere; `more_ecgs` that the test part has more than the `ecgs` used. A longer fit has
    `longer` epochs.
    """

    command: tuple[str, ...] = ()
    configured: bool = False
    own: bool = True
    seed: int = 0
    ecgs: int = 0
    epochs: int = 0
    longer: int = 0
    more_ecgs: bool = False


@dataclass(frozen=True)
class Judged:
    """The deciding rankings of some networks with the other findings on them."""

    rankings: Sequence[Finding]
    others: Sequence[Finding]
    by_protocol: Sequence[Sequence[Ladder]]  # of each network
    reads: Reading
    run: Run

    @property
    def ladders(self) -> list[Ladder]:
        """Those of each deciding protocol and network."""
        return [ladder for each in self.by_protocol for ladder in each]

    @property
    def first(self) -> Finding:
        return self.rankings[0]

    def gates(self, method: str) -> dict[str, Gate]:
        """Verdict of each gate on a method."""
        wrong = any(method in curves.wrong for curves in self.first.curves)
        ladder: list[Verdict] = (
            [] if wrong else [above_its_nulls(each, method) for each in self.ladders]
        )
        found: dict[str, Gate] = {
            LINTER_GATE: "fails" if wrong else "passes",
            LADDER_GATE: reduce(both, ladder, "not judged"),
        }
        for column, gate in self.twins.items():
            rows = [row[column] for _, row in self._rows(method, column)]
            verdict = reduce(both, rows, NOT_JUDGED)
            none = column == MOVED or (column == LABELS and (self.run.own or self.no_weights))
            found[gate] = "cannot be had" if verdict == NOT_JUDGED and none else verdict
        return found

    @property
    def twins(self) -> dict[str, str]:
        """Those of GATES that this network has, by their columns."""
        left_out = REDRAWN if self.no_weights else MOVED
        return {column: gate for column, gate in GATES.items() if column != left_out}

    @property
    def tried_on(self) -> set[str]:
        """The networks whose maps were compared with those of twins."""
        own = {*self.first.about.networks}
        found = (each for each in self.others if {*GATES} & {*each.table})
        return {key for each in found for key in own & {*each.about.networks}}

    @property
    def no_weights(self) -> bool:
        """True if the weights of the network cannot be redrawn: a program or a function."""
        return any(
            each.about.evaluation == Weights.name and (each.reason or MOVED in each.table)
            for each in self.others
        )

    def missing(self, method: str, gates: Mapping[str, Gate], *, region: bool) -> tuple[str, ...]:
        """Names of the tests that a method which fails none lacks."""
        own = "own " if self.run.own else ""
        if self.reads.verdict == "does not read":
            more = self.run.more_ecgs and self.reads.undecided and not self.reads.test_part
            return ("ecgs",) if more else (f"{own}training",)
        tests = []
        for gate, name in zip(self.twins.values(), ("weights", "labels"), strict=True):
            if gates[gate] == "cannot be had":
                tests.append(f"no {name}" if self.no_weights else f"own {name}")
            elif gates[gate] == "not judged":
                tests.append(name)
        if not all(NEEDED in ladder.tested for ladder in self.ladders):
            tests.append("ladder" if region else "region")
        undecided = [gate for gate, verdict in gates.items() if verdict == "cannot be said"]
        tests += self.with_more_ecgs(method, undecided)
        if len(self.first.curves) == 1:
            tests.append(f"{own}networks")
        return tuple(tests)

    def with_more_ecgs(self, method: str, gates: Collection[str]) -> list[str]:
        """Names of the tests that try these gates, which a method did not pass, on more ECGs."""
        used = {LADDER_GATE: [self.run.ecgs]} | {
            gate: [
                ecgs
                for ecgs, row in self._rows(method, column)
                if row[column] != "passes" and not _refused(row, column)
            ]
            for column, gate in self.twins.items()
        }
        few = {ecgs < self.run.ecgs for gate in gates for ecgs in used[gate]}
        more = {"all weights": True in few, "ecgs": False in few and self.run.more_ecgs}
        return [test for test, lacking in more.items() if lacking]

    def by_chance(self, method: str, gate: str) -> bool:
        """True if a gate that failed by a mean has its limit within the 95 % interval."""
        holds = [
            # Findings of 0.2 have the interval of the share alone.
            row.get(column.replace("verdict", "by_chance"), False)
            or row.get(column.replace("verdict", "kept_low"), math.nan) <= MOST_KEPT
            for column in GATES
            if GATES[column] == gate
            for _, row in self._rows(method, column)
            if row[column] == "fails"
        ]
        if gate == LADDER_GATE:
            rungs = (each.not_above(method) for each in self.ladders)
            holds = [high >= 0 for each in rungs for high in each["difference_high"]]
        return bool(holds) and all(holds)

    def no_better_than_random(self, method: str) -> dict[str, str]:
        """Protocol by which the own map scores no more than random numbers, by the failed gate."""
        return {
            gate: str(row[column.replace("verdict", "why")])
            for column, gate in self.twins.items()
            for _, row in self._rows(method, column)
            if row[column] == "fails" and math.isnan(row.get(column.replace("verdict", "kept"), 0))
        }

    def lacks_a_share(self, method: str) -> bool:
        """True if a twin was judged without what its maps keep of the score."""
        return any(
            math.isnan(row.get(column.replace("verdict", "kept"), math.nan))
            for column in self.twins
            for _, row in self._rows(method, column)
        )

    def _rows(self, method: str, column: str) -> list[tuple[int, dict[str, Any]]]:
        """Judged rows of a method with this column, of the most ECGs, each with their number.

        A row counts unless there is one on more ECGs for each of its networks.
        """
        found = [
            (len(each.about.records), each.about.networks, row)
            for each in self.others
            if column in each.table
            for row in each.table.to_dict("records")
            if row["method"] == method and row[column] != NOT_JUDGED
        ]
        most: dict[str, int] = {}
        for ecgs, networks, _ in found:
            most |= {key: max(ecgs, most.get(key, 0)) for key in networks}
        return [(ecgs, row) for ecgs, keys, row in found if any(ecgs == most[key] for key in keys)]


def _refused(row: Mapping[str, Any], column: str) -> bool:
    """True where a method refuses a twin, which more ECGs do not change: no share is known."""
    kept = row.get(column.replace("verdict", "kept"), 0.0)
    return row[column] == "cannot be said" and math.isnan(kept)


def unblocked(gate: str, verdict: Gate) -> bool:
    """True for a gate that is passed, and for permuted labels that a network cannot have."""
    return verdict == "passes" or (verdict == "cannot be had" and gate == GATES[LABELS])


def above_its_nulls(ladder: Ladder, method: str) -> Verdict:
    """Passes at the level that is needed; fails where the mean is not above that of some rung.

    The rungs are those up to that level of the null ladder: the controls and, where the target has
    a region, random numbers there. Our own rule (docs/sanity.md): proof lies with the method.
    """
    if method not in ladder.reached:
        return "not judged"
    if ladder.reached[method] >= ladder.needed:
        return "passes"
    return "fails" if len(ladder.not_above(method)) else "cannot be said"


def run_of(first: Finding) -> Run:
    """Parts of the command of a next run, after this finding."""
    facts, ecgs = first.facts, len(first.about.records)
    settings = facts.get("settings", {})
    fit, train = settings.get("fit", {}), facts.get("train")
    epochs = fit.get("epochs", 0)
    least = least_epochs(train, fit["batch_size"]) if train and "batch_size" in fit else 0
    return Run(
        command=tuple(facts.get("command", ())),
        configured=bool(settings),
        own=not settings or settings.get("network", {}).get("_target_") is not None,
        seed=settings.get("seed", 0),
        ecgs=ecgs,
        epochs=epochs,
        longer=max(2 * epochs, least) if epochs else 0,
        more_ecgs=ecgs < facts.get("test", math.inf),
    )
