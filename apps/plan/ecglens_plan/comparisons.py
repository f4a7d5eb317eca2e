"""Differences per patient that the tests of a finished run are made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ecglens.eval import LADDER_LEVELS, MOST_KEPT, Finding, decides, grouped
from ecglens.eval.ranking import paired_areas, side_by_side, usable_patients
from jaxtyping import Float

from . import ECG, OTHERS, TARGET

UP_TO = {TARGET: 2, OTHERS: 3}  # levels of the null ladder
RETURN_TEST, RETURNED, RETURNS = "return_test", "returned", "returns"
OF_A_RETURN = ("network", "method", "typical", "record")

PerPatient = Float[np.ndarray, "test network patient"]


@dataclass(frozen=True, eq=False)
class Comparisons:
    """Tests that a method has to pass at once, with what each compares.

    `names` say rung and protocol. `own` is the method's score and `difference` what has to be above
    0, of each patient. `within` is the variance of `difference` between the `draws` of an ECG (mean
    over networks), 0 where one draw cannot tell. `methods` is their number, for Holm's correction.
    """

    method: str
    names: tuple[str, ...]
    own: PerPatient
    difference: PerPatient
    within: Float[np.ndarray, " test"]
    draws: tuple[int, ...]
    methods: int

    def first(self, patients: int) -> "Comparisons":
        """The same of the first patients alone."""
        return self.of(np.arange(patients))

    def of(self, patients: np.ndarray) -> "Comparisons":
        """The same of these patients."""
        parts = self.own[..., patients], self.difference[..., patients]
        return Comparisons(self.method, self.names, *parts, self.within, self.draws, self.methods)


def comparisons_of(findings: Sequence[Finding], detect: str) -> list[Comparisons]:
    """Comparisons of each method: of the run's return test for "this ECG", else of its rankings.

    `detect` is "target", "other patients" or "this ECG". Raises ValueError for other words, and
    where the run lacks the test.
    """
    if detect not in (*UP_TO, ECG):
        names = ", ".join(map(repr, (*UP_TO, ECG)))
        raise ValueError(f"expected one of {names}, got {detect!r}")
    if detect == ECG:
        test, evaluation = "return test", RETURN_TEST
        tested = [each for each in findings if RETURNS in each.details]
        found = [one for each in tested for one in _of_return_test(each)]
    else:
        test, evaluation = "null ladder", "perturbation"
        ranked = grouped([each for each in findings if each.curves])
        found = _of_ladder([each for each in ranked if decides(each)] or ranked[:1], UP_TO[detect])
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
        tests = []
        for ranking, nets in zip(rankings, networks, strict=True):
            for rung in rungs:
                pairs = [paired_areas(one, method, rung) for one in nets]
                if any(pair is None for pair in pairs):
                    continue
                there = [pair for pair in pairs if pair is not None]
                own, null = (np.stack(each, axis=1) for each in zip(*there, strict=True))
                patients = usable_patients(nets[0])
                tests.append((f"{rung}, {ranking.about.evaluation}", own, own - null, patients))
        # Without a region there is no target prior, and level 3 follows level 1 (docs/ladder.md).
        last = tuple(f"{rung}, " for rung in LADDER_LEVELS[levels - 1].rungs)
        if levels < len(LADDER_LEVELS) or any(name.startswith(last) for name, *_ in tests):
            found.append(_comparisons(method, tests, len(methods)))
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
            rows = table[(table["method"] == method) & (table["typical"] == typical)]
            each = rows.groupby("network", sort=False)
            values = np.stack([one[[RETURNED, *nulls]].to_numpy(float).T for _, one in each])
            own, *others = np.swapaxes(values, 0, 1)[:, None]
            tests += [
                (f"{name}, {typical}, return test", own, MOST_KEPT * own - null, patients)
                for name, null in zip(nulls, others, strict=True)
            ]
        found.append(_comparisons(method, tests, len(methods)))
    return found


def _comparisons(
    method: str, tests: Sequence[tuple[str, np.ndarray, np.ndarray, Sequence[str]]], methods: int
) -> Comparisons:
    """Of values (draw, network, ECG); ECGs without one of the numbers are left out."""
    own = np.stack([_by_patient(values.mean(0), names) for _, values, _, names in tests])
    apart = np.stack([_by_patient(values.mean(0), names) for _, _, values, names in tests])
    there = np.isfinite(own).all((0, 1)) & np.isfinite(apart).all((0, 1))
    draws = tuple(len(values) for _, values, _, _ in tests)
    within = [
        float(np.nanmean(values.mean(1).var(0, ddof=1))) if len(values) > 1 else 0.0
        for _, _, values, _ in tests
    ]
    names = tuple(name for name, *_ in tests)
    parts = own[..., there], apart[..., there], np.array(within), draws, methods
    return Comparisons(method, names, *parts)


def _by_patient(
    values: Float[np.ndarray, "network ecg"], patients: Sequence[str]
) -> Float[np.ndarray, "network patient"]:
    """Mean over the ECGs of each patient, in the order of their names."""
    each = pd.DataFrame(values.T).groupby(np.array(patients)).mean()
    return each.to_numpy(float).T
