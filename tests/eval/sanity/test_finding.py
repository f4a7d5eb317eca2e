from dataclasses import replace

import pandas as pd
import pytest
from ecglens.eval.evaluations.sanity import FLOORS, Finding
from pandas.testing import assert_frame_equal

FINDING = Finding(
    experiment="weights",
    question="Is it?",
    source="ours",
    table=pd.DataFrame(
        {
            "method": ["saliency", "None"],
            "value": [1 / 3, float("nan")],
            "low": [0.1, float("nan")],
            "high": [0.5, float("nan")],
            **{floor: [0.1, 0.2] for floor in FLOORS},
            "verdict": ["passes", "cannot be said"],
        }
    ),
    details={
        "stages": pd.DataFrame({"stage": [1], "value": [0.1], **{floor: [0.2] for floor in FLOORS}})
    },
    sentence="It is.",
    notes=("one network",),
)


def test_it_comes_back_from_its_folder(tmp_path):
    folder = FINDING.save(tmp_path / "weights")
    again = Finding.load(folder)
    assert_frame_equal(again.table, FINDING.table)
    assert_frame_equal(again.details["stages"], FINDING.details["stages"])
    assert replace(again, table=FINDING.table, details=FINDING.details).__dict__ == FINDING.__dict__


def test_a_folder_without_its_last_file_holds_no_finding(tmp_path):
    (FINDING.save(tmp_path) / "finding.json").unlink()
    with pytest.raises(ValueError, match="expected a finished finding"):
        Finding.load(tmp_path)


@pytest.mark.parametrize("floor", FLOORS)
def test_a_correlation_without_its_floors_is_refused(floor):
    with pytest.raises(ValueError, match=f"to have {floor}: .* without its floors"):
        replace(FINDING, table=FINDING.table.drop(columns=floor))
    bare = {"stages": FINDING.details["stages"].drop(columns=floor)}
    with pytest.raises(ValueError, match=f"stages of weights to have {floor}"):
        replace(FINDING, details=bare)


def test_an_empty_floor_is_refused():
    table = FINDING.table.assign(other_ecg=[float("nan"), 0.2])
    with pytest.raises(ValueError, match="other-ECG floor of every ρ, got none for saliency"):
        replace(FINDING, table=table)


def test_a_verdict_is_one_of_four():
    with pytest.raises(ValueError, match="expected verdicts"):
        replace(FINDING, table=FINDING.table.assign(verdict="good"))
