"""Differences per patient that the tests of a run are made of (docs/plan.md)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float
from scipy.special import stdtrit

from ..curves import LADDER_LEVELS
from ..evaluations.return_test import ReturnTest
from ..finding import Finding
from ..protocol import AS_WELL, DECIDING, MOST_KEPT, overridden
from ..ranking.finding import grouped
from ..ranking.ladder import paired_areas
from ..ranking.outcome import side_by_side, usable_patients
from ..statistics import LEVEL
from ..statistics.power import Comparisons, SharePilot
from .gates import GATES

# What a run may show of a map: the gates, levels 2 and 3 of the null ladder, the return test.
NETWORK, TARGET, OTHERS, ECG = ASKED = ("network", "target", "other patients", "this ECG")
UP_TO = {TARGET: 2, OTHERS: 3}  # levels of the null ladder
RETURNED, RETURNS = "returned", "returns"
OF_A_RETURN = ("network", "method", "typical", "record")


def decides(finding: Finding) -> bool:
    """True if the protocol of a ranking is, in name and rules, one of those that have to agree."""
    protocol = finding.curves[0].protocol
    return protocol.name in {each.name for each in DECIDING} and not overridden(protocol)


def deciding(rankings: Sequence[Finding]) -> list[Finding]:
    """Those of a protocol that decides; where none was run, the first."""
    return [each for each in rankings if decides(each)] or [*rankings[:1]]


@dataclass(frozen=True)
class Share:
    """Score of a null as a share of the own map's, judged `by` a protocol.

    `low` and `high` are its 95 % interval over the `patients`; `methods` were tested on them.
    """

    null: str
    by: str
    share: float
    low: float
    high: float
    patients: int
    methods: int

    @property
    def alike(self) -> bool:
        """True if it is within AS_WELL of the own map: two one-sided tests (Schuirmann 1987).

        The 95 % interval is widened to the level that is corrected over the methods (Bonferroni).
        """
        freedom = self.patients - 1
        wider = float(stdtrit(freedom, LEVEL / self.methods) / stdtrit(freedom, LEVEL / 2))
        low, high = (self.share + wider * (end - self.share) for end in (self.low, self.high))
        return 1 - AS_WELL < low <= high < 1 + AS_WELL


@dataclass(frozen=True)
class Kept(Share):
    """Share of a method's score that maps of networks without the learned weights bring.

    `gate` is a column of GATES, which `by` decides.
    """

    method: str
    gate: str
    ecgs_per_patient: float = 1.0

    def pilot(self, gain: float) -> SharePilot:
        """Power of the gate where such maps bring this much less than it allows."""
        error = (self.low - self.high) / 2 / stdtrit(self.patients - 1, LEVEL / 2)
        sizes = self.patients, self.methods, self.ecgs_per_patient
        return SharePilot(float(error), gain, *sizes)


def kept_of(findings: Sequence[Finding]) -> Iterator[Kept]:
    """Each method and gate of redrawn weights, moved inputs and permuted labels with a share."""
    for finding in findings:
        table = finding.table
        for gate in GATES:
            kept = gate.replace("verdict", "kept")
            if f"{kept}_low" not in table:
                continue
            judged = table[(table["kind"] == "method") & table[kept].notna()]
            by = judged[gate.replace("verdict", "why")]
            ends = (judged[kept], judged[f"{kept}_low"], judged[f"{kept}_high"])
            for name, protocol, *share in zip(judged["method"], by, *ends, strict=True):
                value, low, high = (float(each) for each in share)
                parts = (value, low, high, finding.patients, len(judged), str(name), gate)
                yield Kept(gate.removesuffix("_verdict"), str(protocol), *parts, _rate(finding))


def comparisons_of(findings: Sequence[Finding], detect: str) -> list[Comparisons]:
    """Comparisons of each method: of the run's return test for "this ECG", else of its rankings.

    `detect` is "target", "other patients" or "this ECG". Networks are judged one by one, as in the
    answer: each has tests of its own. Raises ValueError for other words, and where the run lacks
    the test.
    """
    if detect not in (*UP_TO, ECG):
        names = ", ".join(map(repr, (*UP_TO, ECG)))
        raise ValueError(f"expected one of {names}, got {detect!r}")
    if detect == ECG:
        test, evaluation = "return test", ReturnTest.name
        tested = [each for each in findings if len(each.details.get(RETURNS, ()))]
        found = [one for each in tested for one in _of_return_test(each)]
    else:
        test, evaluation = "null ladder", "perturbation"
        ranked = grouped([each for each in findings if each.ranked])
        found = _of_ladder(deciding(ranked), UP_TO[detect])
    if not found:
        raise ValueError(
            f"expected a run with the {test} to plan {detect!r} from, found none; run "
            f"evaluation={evaluation} first"
        )
    return found


def _of_ladder(rankings: Sequence[Finding], levels: int) -> list[Comparisons]:
    if not rankings:
        return []
    networks = [side_by_side(each) for each in rankings]
    first, *others = (each[0].methods for each in networks)
    methods = [name for name in first if all(name in each for each in others)]
    rungs = [rung for level in LADDER_LEVELS[:levels] for rung in level.rungs]
    found = []
    for method in methods:
        tests = [
            (f"{rung}, {ranking.about.evaluation}", own, own - null, usable_patients(one))
            for ranking, nets in zip(rankings, networks, strict=True)
            for rung in rungs
            for one in nets
            if (pair := paired_areas(one, method, rung)) is not None
            for own, null in (pair,)
        ]
        # Without a region there is no target prior, and level 3 follows level 1 (docs/ladder.md).
        last = tuple(f"{rung}, " for rung in LADDER_LEVELS[levels - 1].rungs)
        if levels < len(LADDER_LEVELS) or any(name.startswith(last) for name, *_ in tests):
            found.append(_comparisons(method, tests, len(methods), max(map(_rate, rankings))))
    return found


def _of_return_test(finding: Finding) -> list[Comparisons]:
    """Each null of each typical ECG, as the return test compares them."""
    table, patients = finding.details[RETURNS], [*finding.about.patients]
    nulls = [name for name in table if name not in (*OF_A_RETURN, RETURNED)]
    methods = [*dict.fromkeys(table["method"])]
    found = []
    for method in methods:
        tests = []
        for typical in dict.fromkeys(table["typical"]):
            rows = table.loc[(table["method"] == method) & (table["typical"] == typical)]
            for _, one in rows.groupby("network", sort=False):
                own, *others = one[[RETURNED, *nulls]].to_numpy(float).T[:, None]
                tests += [
                    (f"{name}, {typical}, return test", own, MOST_KEPT * own - null, patients)
                    for name, null in zip(nulls, others, strict=True)
                ]
        found.append(_comparisons(method, tests, len(methods), _rate(finding)))
    return found


def _comparisons(
    method: str,
    tests: Sequence[tuple[str, np.ndarray, np.ndarray, Sequence[str]]],
    methods: int,
    rate: float,
) -> Comparisons:
    """Comparisons from tests (name, own, difference, patients); own and difference are (draw, ECG).

    Patients that lack a number in one of the tests are left out.
    """
    own = _by_patient([(values.mean(0), names) for _, values, _, names in tests])
    apart = _by_patient([(values.mean(0), names) for _, _, values, names in tests])
    there = np.isfinite(own).all(0) & np.isfinite(apart).all(0)
    draws = tuple(len(values) for _, _, values, _ in tests)
    within = [
        float(np.nanmean(values.var(0, ddof=1))) if len(values) > 1 else 0.0
        for _, _, values, _ in tests
    ]
    names = tuple(name for name, *_ in tests)
    parts = own[:, there], apart[:, there], np.array(within), draws, methods, rate
    return Comparisons(method, names, *parts)


def _by_patient(
    tests: Sequence[tuple[np.ndarray, Sequence[str]]],
) -> Float[np.ndarray, "test patient"]:
    """Mean over the ECGs of each patient; NaN in a test that lacks a patient."""
    means = {
        place: pd.Series(values).groupby(np.array(patients)).mean()
        for place, (values, patients) in enumerate(tests)
    }
    return pd.DataFrame(means).sort_index().to_numpy(float).T


def _rate(finding: Finding) -> float:
    """ECGs per patient of a finding."""
    return len(finding.about.records) / max(finding.patients, 1)
