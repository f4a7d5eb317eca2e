"""Who is learnt from and who is judged."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ecglens.datamodules import Split, load_ecgs
from ecglens.datamodules.split import PARTS, Folds, split_of

PATIENTS = [f"p{number}" for number in range(5000)]


def test_shares_are_as_published() -> None:
    counts = Counter(Split().part(patient) for patient in PATIENTS)
    assert counts["train"] / 5000 == pytest.approx(0.6, abs=0.02)
    assert counts["val"] / 5000 == pytest.approx(0.2, abs=0.02)
    assert counts["test"] / 5000 == pytest.approx(0.2, abs=0.02)


def test_a_patient_s_part_depends_on_the_seed_and_its_name_alone() -> None:
    golden = [Split().part(patient) for patient in PATIENTS[:8]]
    assert golden == ["train", "train", "test", "train", "train", "val", "train", "val"]
    assert [Split(seed=1).part(patient) for patient in PATIENTS[:8]] != golden


def test_extreme_shares_leave_parts_empty() -> None:
    assert {Split(train=0.0, val=0.0, test=1.0).part(patient) for patient in PATIENTS} == {"test"}
    assert {Split(train=1.0, val=0.0, test=0.0).part(patient) for patient in PATIENTS} == {"train"}


def test_two_records_never_change_places_when_others_come() -> None:
    few = [PATIENTS[row] for row in Split().order(PATIENTS[:20])]
    many = [PATIENTS[row] for row in Split().order(PATIENTS[:200])]
    assert [name for name in many if name in few] == few
    assert few != sorted(few, key=PATIENTS.index)


def test_wrong_shares_are_refused() -> None:
    with pytest.raises(ValueError, match=r"add up to 1, got \(0.6, 0.2, 0.3\)"):
        Split(test=0.3)
    with pytest.raises(ValueError, match="add up to 1"):
        Split(test=float("nan"))
    with pytest.raises(ValueError, match="train, val, test, seed, first, got 'tset'"):
        split_of({"tset": 0.2})
    with pytest.raises(ValueError, match=r"data\.split\.train to be a float, got 'most'"):
        split_of({"train": "most"})


def ecgs(**columns: list) -> pd.DataFrame:
    return pd.DataFrame({"id": ["1", "2", "3", "4"], **columns})


def test_folds_are_the_parts_that_came_with_the_ecgs() -> None:
    table = ecgs(patient=["a", "a", "b", "c"], fold=[3.0, 4.0, 9.0, 10.0])
    assert Folds().parts(table).tolist() == ["train", "train", "val", "test"]
    assert Folds(val=[3, 4], test=[9]).parts(table).tolist() == ["val", "val", "test", "train"]
    assert Folds().wanted == ("train", "val", "test")
    assert Folds(val=()).wanted == ("train", "test")


def test_a_patient_in_two_parts_is_refused_by_name() -> None:
    table = ecgs(patient=["a", "b", "b", "c"], fold=[1.0, 2.0, 10.0, 9.0])
    with pytest.raises(ValueError, match="got 1 in several, such as 'b' in test and train") as no:
        Folds().parts(table)
    assert "\n" not in str(no.value)
    table["fold"] = [1.0, 2.0, 3.0, 9.0]  # two folds of one part
    assert Folds().parts(table).tolist() == ["train", "train", "train", "val"]
    table["fold"] = [1.0, 2.0, float("nan"), 9.0]  # without a fold: in no part
    assert Folds().parts(table).tolist() == ["train", "train", "", "val"]


def test_a_data_set_without_folds_is_told_what_to_do() -> None:
    words = r"column 'strat' of numbers in the labels .* take by=hash"
    with pytest.raises(ValueError, match=words):
        Folds(column="strat").parts(ecgs(patient=["a", "b", "c", "d"]))
    with pytest.raises(ValueError, match="column 'patient' of numbers in the labels"):
        Folds(column="patient").parts(ecgs(patient=["a", "b", "c", "d"]))


def test_a_split_is_chosen_by_name() -> None:
    given = {"by": "hash", "folds": {"column": "fold", "val": [9], "test": [10]}, "seed": 3}
    assert split_of(given) == Split(seed=3)
    assert split_of(given | {"by": "folds"}) == Folds(seed=3)
    assert split_of(given | {"by": "folds", "folds": {"test": [1, 2]}}).wanted == PARTS
    assert Folds(seed=3).order(PATIENTS[:9]) == Split(seed=3).order(PATIENTS[:9])


def test_wrong_folds_are_refused() -> None:
    with pytest.raises(ValueError, match="by to be hash or folds, got 'fold'"):
        split_of({"by": "fold"})
    with pytest.raises(ValueError, match="each fold in val or in test, got 9 in both"):
        Folds(test=(9, 10))
    with pytest.raises(ValueError, match=r"data\.split\.folds\.val to be a list, .*got 9"):
        split_of({"by": "folds", "folds": {"val": 9}})
    with pytest.raises(ValueError, match="folds column, val and test, got 10"):
        split_of({"by": "folds", "folds": 10})


def test_fewer_training_ecgs_are_some_of_more_and_no_others_are_moved(tmp_path: Path) -> None:
    def parts(**split: Any) -> dict[str, set[str]]:
        ecgs = load_ecgs("exact", "pr", store=tmp_path, n=40, split=split)
        ids = ecgs.prepared.table["id"]
        return {name: set(ids.iloc[rows]) for name, rows in ecgs.cohort.parts.items()}

    whole = parts()
    subsets = [parts(first=count) for count in (4, 9, 15)]
    assert [len(each["train"]) for each in subsets] == [4, 9, 15]
    nested = [each["train"] for each in subsets] + [whole["train"]]
    assert all(small < large for small, large in pairwise(nested))
    for each in subsets:
        assert (each["val"], each["test"]) == (whole["val"], whole["test"])
    assert parts(first=1000) == whole


def test_a_number_of_training_ecgs_is_part_of_the_key_and_none_is_not(tmp_path: Path) -> None:
    def key(**split: Any) -> Any:
        return load_ecgs("exact", "pr", store=tmp_path, n=40, split=split).settings

    assert key() == key(first=None)
    assert key() != key(first=9) != key(first=10)
    assert "first" not in key()["split"]


def test_one_training_ecg_is_refused() -> None:
    for split in ({"first": 1}, {"first": 0, "by": "folds"}):
        with pytest.raises(ValueError, match="at least 2 training ECGs"):
            split_of(split)
