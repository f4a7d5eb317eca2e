"""Which heatmaps passed the tests."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ecglens.eval import DEFAULT, Curves, Finding, gates, rank
from ecglens.eval.evaluations.sanity.rows import RHO, rho_table
from ecglens.eval.gates import LADDER_GATE, LINTER_GATE, overall

from .networks import made_curves
from .test_finding_files import about

WEIGHTS = "forgets when all weights are redrawn"


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["passes", "passes"], "passed these tests on these data"),
        (["passes", "fails"], "do not use"),
        (["fails", "not judged"], "do not use"),
        (["passes", "not judged"], "not decided"),
        (["passes", "cannot be said"], "not decided"),
    ],
)
def test_one_failed_gate_is_enough(verdicts, expected):
    assert overall(verdicts) == expected


def made() -> Curves:
    rng = np.random.default_rng(0)
    names = {"good": 5.0, "poor": 1.0, "random": 1.0, "abs_x": 1.0, "abs_dx": 1.0}
    return made_curves({n: size + 0.01 * rng.random(40) for n, size in names.items()}, DEFAULT)


def finding(**verdicts: str) -> Finding:
    rho = dict.fromkeys(("value", "low", "high", "other_ecg", "centred", "permuted", "abs_x"), 0.1)
    rows = [
        {"method": name, "kind": "method", **rho, "verdict": each, "weights_verdict": each}
        for name, each in verdicts.items()
    ]
    numbers = {name: np.full((1, 1, 40), 0.1) for name in verdicts}
    table = rho_table(pd.DataFrame(rows), {})
    return Finding(about(made()), measures=(RHO,), scores={RHO.name: numbers}, table=table)


def test_what_fails_in_one_network_fails():
    each = [made(), made()]
    found = gates(each, [rank(each)], [finding(good="passes"), finding(good="fails")])
    rows = found.set_index("method")
    assert list(rows.index) == ["good", "poor"]
    assert rows.loc["good", [LINTER_GATE, LADDER_GATE, WEIGHTS]].tolist() == [
        "passes",
        "passes",
        "fails",
    ]
    assert rows.loc["poor", WEIGHTS] == "not judged"
    rows = gates(each, [rank(each)], [finding(good="passes")]).set_index("method")
    assert rows.loc["good", WEIGHTS] == "passes"


def test_a_method_that_is_wrong_on_one_of_the_networks_fails():
    right, wrong = made(), made()
    others = {name: curve for name, curve in wrong.predictions.items() if name != "good"}
    wrong = replace(wrong, predictions=others, left_out={"good": "why"})
    for each in ([right, wrong], [wrong, right]):
        rows = gates(each, [rank(each)]).set_index("method")
        assert {*rows.index} == {"good", "poor"}
        assert rows.loc["good", [LINTER_GATE, LADDER_GATE, "verdict"]].tolist() == [
            "fails",
            "not judged",
            "do not use",
        ]


def test_few_ecgs_cannot_fail_a_method_whose_mean_is_above_every_control():
    random = np.random.default_rng(0)
    controls = {"random": 10.0, "abs_x": 11.0, "abs_dx": 10.5}
    means = {"sure": 20.0, "above": 11.4, "level": 10.9, "below": 5.0, **controls}
    aucs = {name: mean + random.normal(0, 1, 400) for name, mean in means.items()}

    def verdicts(ecgs: int) -> dict[str, str]:
        one = made_curves({name: auc[:ecgs] for name, auc in aucs.items()}, DEFAULT)
        rows = gates([one], [rank(one)]).set_index("method")
        return rows[LADDER_GATE].to_dict()

    few, many = verdicts(12), verdicts(400)
    assert (few["sure"], few["above"], few["below"]) == ("passes", "cannot be said", "fails")
    assert many == {"sure": "passes", "above": "passes", "level": "fails", "below": "fails"}
