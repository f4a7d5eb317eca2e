"""Answer to which heatmaps of a network may be used, made once from its findings.

The rule, in this order:

1. A method that fails a gate is "do not use", whatever its level.
2. Where the network does not read its target (`reading`), every other method is "not shown".
3. A method with a gate that was not tried, cannot be said or cannot be had is "not shown".
   Permuted labels that the network cannot have are named and block nothing.
4. A method below NEEDED (level 1 for a target without a region) is "not shown": a map that knows
   only the ECG, or only the region of the target, was not ruled out.
5. Every other method is "use", for what its level says and no more.

Whether a map is specific to its ECG (`this_ecg`) is decided by the return test and changes no use,
nor does what was measured of the network (`witness`).

Each network and each deciding protocol is judged by itself; what fails in one fails. A protocol
decides by its rules (`overridden`), not by its name. Another data set is another answer.
"""

import os
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from ...datamodules import Target
from ..curves import LADDER_LEVELS, EachEcg
from ..finding import Finding
from ..ranking.finding import grouped
from ..ranking.ladder import Ladder, climb
from ..ranking.outcome import side_by_side
from ..ranking.ranking import rank
from .claims import Claim, claims_of, contradicted
from .comparisons import NETWORK, TARGET, deciding
from .gates import NEEDED, RUNS, Judged, Run, run_of, unblocked
from .method import MethodAnswer, Null, Use
from .reading import Reading, reading
from .this_ecg import this_ecg
from .witness import witness

SAME_READING = 1e-3  # of what is read of one ECG twice: float32, and batches of other sizes


@dataclass(frozen=True, eq=False)
class Answer:
    """Answer for the networks, the target and the data set of some findings (the rule is above).

    `methods` are in the order of the first deciding protocol, those without a score last; `tied`
    are those that its area cannot tell from the `best` or the `candidate`. `protocols` are the
    deciding ones, `tested` the levels that all of them tested, `needed` the level that a method has
    to reach. `next` is the test to run next, a name of RUNS or "own training"; "" for
    none. `data` names the data set where the findings have another one for these networks.
    """

    target: Target
    input: str
    networks: tuple[str, ...]
    reads: Reading
    methods: tuple[MethodAnswer, ...]
    protocols: tuple[str, ...]
    ecgs: int
    needed: int
    tested: tuple[int, ...]
    tied: tuple[str, ...]
    next: str
    run: Run
    judged: Judged | None = field(default=None, repr=False)
    data: str = ""

    @property
    def use(self) -> tuple[str, ...]:
        """Methods to use, best first."""
        return self._of("use")

    @property
    def not_shown(self) -> tuple[str, ...]:
        """Methods that lack a test, a level, or a network that reads; best first."""
        return self._of("not shown")

    @property
    def do_not_use(self) -> tuple[str, ...]:
        """Methods that failed a gate, best first."""
        return self._of("do not use")

    @property
    def best(self) -> str | None:
        """Method to use with the largest area; None for none."""
        return next(iter(self.use), None)

    @property
    def candidate(self) -> str | None:
        """Method that may become one to use: of the highest level, then of the largest area."""
        return max(self.not_shown, key=lambda name: self.of[name].level, default=None)

    @cached_property
    def of(self) -> Mapping[str, MethodAnswer]:
        """Answer of each method by its name."""
        return {each.name: each for each in self.methods}

    @cached_property
    def claims(self) -> Mapping[str, tuple[Claim, ...]]:
        """What was shown of the maps of each method, in numbers (docs/ladder.md)."""
        return claims_of(self.judged, self.methods) if self.judged else {}

    def lacks(self, name: str) -> Claim | None:
        """The claim for want of which a method is "not shown"; None where a test is missing."""
        one = self.of[name]
        if one.use != "not shown" or self.reads.verdict == "does not read":
            return None
        about = NETWORK if one.level >= self.needed else TARGET
        found = (each for each in self.claims.get(name, ()) if each.about == about)
        return next((each for each in found if each.verdict == "not shown"), None)

    def above(self, level: int) -> tuple[str, ...]:
        """Methods above all rungs of a level by every deciding protocol, reached or not."""
        return tuple(each.name for each in self.methods if level in each.above)

    def is_about(self, finding: Finding) -> bool:
        """True if a finding is on these networks, this target and this data set."""
        return self.judged is not None and _alike(self.judged.first, finding)

    def _of(self, use: Use) -> tuple[str, ...]:
        return tuple(each.name for each in self.methods if each.use == use)


def answers_of(findings: Sequence[Finding]) -> tuple[Answer, ...]:
    """Answer for each (networks, target, data set) with a ranking, in the order of the findings.

    Findings of several jobs are brought together first: methods are merged, and networks that
    differ only in their seed are judged together. ECGs are of one data set where its settings say
    so, or, where these are not known, where two findings share some.
    """
    rankings: list[list[Finding]] = []
    for finding in grouped([each for each in findings if each.ranked]):
        own = next((each for each in rankings if _alike(each[0], finding)), None)
        if own is None:
            rankings.append(own := [])
        own.append(finding)
    others = [each for each in findings if not each.curves]
    answers = []
    for own in rankings:
        answer, first = _answer(tuple(own), _on(own[0], others)), own[0]
        if sum(_question(each[0]) == _question(first) for each in rankings) > 1:
            answer = replace(answer, data=str(first.facts.get("source", first.about.records[0])))
        answers.append(answer)
    return tuple(answers)


def _question(finding: Finding) -> Hashable:
    return frozenset(finding.about.networks), finding.about.target


def _alike(one: Finding, other: Finding) -> bool:
    return _question(one) == _question(other) and same_data(one, other)


def same_data(one: Finding, other: Finding, *, unknown: bool = False) -> bool:
    """True for ECGs of one data set, by its settings; in another folder it may be a copy.

    There, and where settings are not known, as from Python, some ECGs have to be the same: of one
    name, with the same label and read alike by the same network, since two data sets may have the
    same names. Without settings and names in common it is `unknown`.
    """
    a, b = (each.facts.get("settings", {}).get("data") or {} for each in (one, other))
    known = bool(a and b)
    if known and _source(a) != _source(b):
        return False
    folder = known and _folder(a) == _folder(b)
    if folder and (os.path.isabs(_folder(a)) or not a.get("path")):
        return True
    if {*one.about.records}.isdisjoint(other.about.records):
        return folder or (unknown and not known)
    if not (one.curves and other.curves):
        return folder or not known
    return _same_ecgs(one, other, otherwise=folder or not known)


# Settings that change no ECG: which are taken, their labels and patients, and where they lie.
NO_ECG = (
    "external", "split", "n", "path", "table", "id_column", "patient_column", "columns",
    "may_leave_machine",
)  # fmt: skip


def _source(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Settings that decide which ECG a name stands for, without the folder."""
    return {key: each for key, each in data.items() if key not in NO_ECG}


def _folder(data: Mapping[str, Any]) -> str:
    return os.path.normpath(str(data.get("path", "")))


def _same_ecgs(one: Finding, other: Finding, *, otherwise: bool) -> bool:
    """True if ECGs of one name have the same labels, and are read alike by the same networks.

    `otherwise` where there is neither a label nor a network in common.
    """
    at = {name: place for place, name in enumerate(other.about.records)}
    shared = [(here, at[name]) for here, name in enumerate(one.about.records) if name in at]
    here, there = map(list, zip(*shared, strict=True))
    pairs = [(one.curves[0].y[here], other.curves[0].y[there])]
    for place, network in enumerate(one.about.networks):
        if network in other.about.networks:
            same = (one.curves[place], other.curves[other.about.networks.index(network)])
            mine, theirs = (next(iter(each.predictions.values()))[0, :, 0] for each in same)
            pairs.append((mine[here], theirs[there]))
    known = [pair for pair in pairs if np.isfinite(pair[0] + pair[1]).any()]
    return all(_alike_numbers(*pair) for pair in known) if known else otherwise


def _alike_numbers(mine: EachEcg, theirs: EachEcg) -> bool:
    near = SAME_READING * float(np.nanstd(theirs))  # some readings are 0
    return np.allclose(mine, theirs, rtol=SAME_READING, atol=near, equal_nan=True)


def _on(first: Finding, others: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings on a network of the first, its target and its data set."""
    networks = {*first.about.networks}
    return tuple(
        each
        for each in others
        if networks & {*each.about.networks}
        and each.about.target == first.about.target
        and same_data(first, each, unknown=True)
    )


# One, as it holds curves: page, terminal, W&B and methods text ask for the same.
@lru_cache(maxsize=1)
def _answer(rankings: tuple[Finding, ...], others: tuple[Finding, ...]) -> Answer:
    decide = deciding(rankings)
    first, order = decide[0], rank(decide[0])
    target, run = first.about.target, run_of(first)
    reads = reading(first.curves, target.kind)
    by_protocol = [_ladders(each, first.about.networks) for each in decide]
    judged = Judged(decide, others, by_protocol, reads, run)
    tested = [{*each.tested} for each in judged.ladders]
    every = all(NEEDED in levels for levels in tested)
    region = bool(target.edges or target.waves or not first.curves[0].protocol.ladder)
    needed = NEEDED if every or region else 1
    scored = [name for name in order.names if name in first.curves[0].methods]
    wrong = dict.fromkeys(name for curves in first.curves for name in curves.wrong)
    names = dict.fromkeys([*(name for name in scored if name not in wrong), *wrong])
    methods = tuple(
        replace(
            _method(judged, name, needed, region=region),
            this_ecg=this_ecg(name, first.about.networks, others),
            contradicted=contradicted(by_protocol, name, (len(LADDER_LEVELS),)),
            witness=witness(name, others),
            failed_by=_failed_by(decide, by_protocol, name),
        )
        for name in names
    )
    answer = Answer(
        target=target,
        input=first.about.input,
        networks=first.about.networks,
        reads=reads,
        methods=methods,
        protocols=tuple(dict.fromkeys(each.curves[0].protocol.name for each in decide)),
        ecgs=order.ecgs,
        needed=needed,
        tested=tuple(sorted(set.intersection(*tested))),
        tied=(),
        next=_next(methods, judged),
        run=run,
        judged=judged,
    )
    first_of_all = order.best is not None and order.best in (answer.best, answer.candidate)
    return replace(answer, tied=order.tied) if first_of_all else answer


def _ladders(finding: Finding, networks: Sequence[str]) -> list[Ladder]:
    """The ladder of each of these networks by itself, in this order."""
    each = dict(zip(finding.about.networks, side_by_side(finding), strict=True))
    return [rank(finding).ladder if len(each) == 1 else climb((each[key],)) for key in networks]


def _method(judged: Judged, name: str, needed: int, *, region: bool) -> MethodAnswer:
    ladders = judged.ladders
    gates, level = judged.gates(name), min(each.reached.get(name, 0) for each in ladders)
    levels = {number for each in ladders for number in each.tested}
    rungs = [row for each in ladders for row in each.not_above(name).to_dict("records")]
    sure = [row for row in rungs if row["difference_high"] < 0]
    failing = [gate for gate, verdict in gates.items() if verdict == "fails"]
    by_chance = [gate for gate in failing if judged.by_chance(name, gate)]
    decided = all(unblocked(gate, verdict) for gate, verdict in gates.items())
    missing = judged.missing(name, gates, region=region)
    use: Use = "not shown"
    if failing:
        use = "do not use"
        # Nothing else can change the answer.
        missing = tuple(judged.with_more_ecgs(name, failing)) if by_chance == failing else ()
    elif judged.reads.verdict != "does not read" and decided and level >= needed:
        use = "use"
    return MethodAnswer(
        name=name,
        use=use,
        level=level,
        above=tuple(n for n in sorted(levels) if all(name in each.above(n) for each in ladders)),
        unbeaten=_unbeaten(ladders, name, level),
        gates=gates,
        failed_rungs=tuple(dict.fromkeys(str(row["rung"]) for row in sure or rungs)),
        by_chance=tuple(by_chance),
        no_better_than_random=judged.no_better_than_random(name),
        missing=missing,
        next=next((test for test in RUNS if test in missing), ""),
    )


def _failed_by(
    decide: Sequence[Finding], by_protocol: Sequence[Sequence[Ladder]], method: str
) -> tuple[str, ...]:
    """Protocols by which a map is surely not above a rung; where it never is, by the mean."""
    found: dict[bool, dict[str, None]] = {True: {}, False: {}}
    for finding, ladders in zip(decide, by_protocol, strict=True):
        for high in pd.concat([each.not_above(method) for each in ladders])["difference_high"]:
            found[bool(high < 0)][finding.curves[0].protocol.name] = None
    return tuple(found[True] or found[False])


def _unbeaten(ladders: Sequence[Ladder], method: str, level: int) -> Null | None:
    """The rung of the next level that the method is least above where it did not reach that level.

    Protocols have scales of their own: differences are compared in widths of their intervals.
    """
    rows = [
        row
        for each in ladders
        if each.reached.get(method, 0) == level
        for row in each.rungs.to_dict("records")
        if row["method"] == method
        and row["level"] == min((n for n in each.tested if n > level), default=0)
    ]
    if not rows:
        return None
    row = min(rows, key=_above_by)
    found = (float(row[key]) for key in ("difference", "difference_low", "difference_high"))
    return Null(str(row["rung"]), *found)


def _above_by(row: Mapping[Hashable, Any]) -> float:
    width = float(row["difference_high"] - row["difference_low"])
    return float(row["difference"]) / max(width, 1e-12)  # of equal areas it is 0


def _next(methods: Sequence[MethodAnswer], judged: Judged) -> str:
    """The cheapest missing test of all methods; where all failed, what may change that."""
    tests = (*RUNS, "own training")
    open_ones = [each for each in methods if each.use != "do not use"]
    found = {name for each in open_ones or methods for name in each.missing}
    if judged.reads.verdict == "does not read":
        found = {*judged.missing("", {}, region=False)}
    return next((test for test in tests if test in found), "")
