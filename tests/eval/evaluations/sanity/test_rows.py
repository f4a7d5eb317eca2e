"""The table of an evaluation of ρ: a row per method, with its baselines beside it."""

import pandas as pd
import pytest
from ecglens.eval.evaluations.sanity import BASELINES
from ecglens.eval.evaluations.sanity.gates import RHO, rho_table
from ecglens.eval.measures import FIRST_COLUMNS

TABLE = pd.DataFrame(
    {
        "method": ["saliency", "None"],
        "kind": "method",
        "value": [1 / 3, float("nan")],
        "low": [0.1, float("nan")],
        "high": [0.5, float("nan")],
        **{baseline: [0.1, 0.2] for baseline in BASELINES},
        "verdict": ["passes", "cannot be said"],
    }
)
DETAILS = {
    "stages": pd.DataFrame(
        {"stage": [1], "value": [0.1], **{baseline: [0.2] for baseline in BASELINES}}
    ),
    "order": pd.DataFrame({"method": ["saliency"]}),
}


def test_it_has_the_columns_of_every_finding_and_all_its_own():
    table = rho_table(TABLE, DETAILS)
    assert set(FIRST_COLUMNS) <= set(table)
    assert {*table["measure"]} == {RHO.name}
    pd.testing.assert_frame_equal(table.drop(columns="measure"), TABLE)


@pytest.mark.parametrize("baseline", BASELINES)
def test_a_correlation_without_its_baselines_is_refused(baseline):
    with pytest.raises(ValueError, match=f"to have {baseline}: .* without its baselines"):
        rho_table(TABLE.drop(columns=baseline), DETAILS)
    bare = {"stages": DETAILS["stages"].drop(columns=baseline)}
    with pytest.raises(ValueError, match=f"expected stages to have {baseline}"):
        rho_table(TABLE, bare)


def test_an_empty_baseline_is_refused():
    table = TABLE.assign(other_ecg=[float("nan"), 0.2])
    with pytest.raises(ValueError, match="other-ECG baseline of every ρ, got none for saliency"):
        rho_table(table, DETAILS)


def test_a_verdict_is_one_of_four():
    with pytest.raises(ValueError, match="expected verdicts"):
        rho_table(TABLE.assign(verdict="good"), DETAILS)
