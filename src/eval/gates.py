"""Gates of every evaluation for each heatmap, and the verdict.

Faithfulness, sanity and plausibility are different questions: a method passes each gate by itself,
and no rank makes up for one that it fails.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Literal

import pandas as pd

from .curves import Curves
from .evaluations.sanity.gates import Verdict, both
from .finding import Finding
from .ranking.ranking import Ranking

Overall = Literal["do not use", "passed these tests on these data", "not decided"]
PASSED: Overall = "passed these tests on these data"
# Columns of a finding that are gates, and what each tests. `consistency` is none: networks may
# solve a task in different ways.
GATES = {
    "weights_verdict": "forgets when all weights are redrawn",
    "permuted_verdict": "forgets when trained on permuted labels",
}
LINTER_GATE, LADDER_GATE = "is right on this network", "is above every control and any target prior"


def gates(
    curves: Sequence[Curves], rankings: Sequence[Ranking], findings: Sequence[Finding] = ()
) -> pd.DataFrame:
    """A row per method: a verdict for each gate, and `verdict`.

    `curves` are those of each network, `rankings` those by each protocol that has to agree. A
    method that fails a gate is "do not use", one that passes all "passed these tests on these
    data"; where a gate was not tried or cannot be said it is "not decided". Nothing is
    averaged: what fails in one network or finding fails. What a gate lets through is in
    docs/sanity.md; p is corrected over methods within a gate, not over gates.
    """
    left_out = dict.fromkeys(name for each in curves for name in each.left_out)
    scored = [name for name in curves[0].methods if name in rankings[0].names]
    rows = []
    for name in (*scored, *left_out):
        wrong = name in left_out
        row = {"method": name, LINTER_GATE: "fails" if wrong else "passes"}
        each: list[Verdict] = [above_its_nulls(one, name) for one in rankings if not wrong]
        row[LADDER_GATE] = reduce(both, each, "not judged")
        row |= {gate: _verdict(findings, column, name) for column, gate in GATES.items()}
        rows.append(row | {"verdict": overall([*row.values()][1:])})
    columns = pd.Index(["method", LINTER_GATE, LADDER_GATE, *GATES.values(), "verdict"])
    return pd.DataFrame(rows, columns=columns)


def overall(verdicts: Sequence[str]) -> Overall:
    """Verdict on one method by its gates."""
    if "fails" in verdicts:
        return "do not use"
    return PASSED if {*verdicts} == {"passes"} else "not decided"


def above_its_nulls(ranking: Ranking, method: str) -> Verdict:
    """Passes at the level that is needed; fails where the mean is not above that of some rung.

    The rungs are those up to that level of the null ladder: the controls and, where the target has
    a region, random numbers there. Our own rule (docs/sanity.md): proof lies with the method.
    """
    ladder = ranking.ladder
    if method not in ladder.reached:
        return "not judged"
    if ladder.reached[method] >= ladder.needed:
        return "passes"
    return "fails" if len(ladder.not_above(method)) else "cannot be said"


def _verdict(findings: Sequence[Finding], column: str, method: str) -> Verdict:
    given = [
        verdict
        for finding in findings
        if column in finding.table
        for name, verdict in zip(finding.table["method"], finding.table[column], strict=True)
        if name == method
    ]
    return reduce(both, given, "not judged")
