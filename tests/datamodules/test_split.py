"""Who is learnt from and who is judged."""

from collections import Counter

import pytest
from ecglens.datamodules import Split

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
    with pytest.raises(ValueError, match="train, val, test, seed, got 'tset'"):
        Split.of({"tset": 0.2})
    with pytest.raises(ValueError, match=r"data\.split\.train to be a float, got 'most'"):
        Split.of({"train": "most"})
