"""What is asked for and cannot be given: one clear line each."""

from dataclasses import replace

import ecglens
import numpy as np
import pytest
import torch
from ecglens.store import Store
from ecglens_measure.answers import edits
from ecglens_measure.doses import applied, doses, marked
from ecglens_measure.known import exact_ecgs

X = exact_ecgs(count=3).ecgs.x


@pytest.mark.parametrize("by", [0, float("inf"), float("nan"), "20"])
def test_a_size_is_a_number_other_than_zero(by):
    with pytest.raises(ValueError, match=r"expected a size of gain as a number other than zero"):
        applied(marked(X), "gain", by)


@pytest.mark.parametrize(
    ("dose", "by", "words"),
    [
        ("lead_off_V1", 0.5, "expected 1 for lead_off_V1, which has no size, got 0.5"),
        ("inverted", -2, "expected 1 for inverted, which has no size, got -2"),
        ("noise_mains", -50, "expected a size of noise_mains above 0, got -50"),
    ],
)
def test_a_size_that_the_change_does_not_have_is_refused(dose, by, words):
    with pytest.raises(ValueError, match=words):
        applied(marked(X), dose, by)


def test_ecgs_in_mv_are_refused_with_what_to_do():
    with pytest.raises(ValueError, match=r"expected ECGs in µV.*Multiply mV by 1000"):
        ecglens.change(X / 1000, "pr", 20)


def test_a_tensor_is_changed_as_the_array():
    of_tensor, left_out = ecglens.change(torch.from_numpy(X), "pr", 20)
    assert not left_out
    np.testing.assert_array_equal(of_tensor, ecglens.change(X, "pr", 20)[0])


def test_a_label_is_answered_with_the_doses_that_change_it():
    with pytest.raises(ValueError, match=r"expected doses of t_shift, t_stretch, .*got 'qt'"):
        doses(["qt"])
    with pytest.raises(ValueError, match="expected one dose or more"):
        doses([])


@pytest.mark.parametrize("name", ["noise_mains", "noise_muscle", "wander"])
def test_an_ecg_has_the_same_noise_wherever_it_stands(name):
    whole, some = (ecglens.change(x, name, 50.0)[0] for x in (X, X[1:][::-1]))
    np.testing.assert_array_equal(some, whole[1:][::-1])


def test_kept_noise_is_that_of_the_name_whoever_came_first(tmp_path):
    dose = doses(["noise_muscle"])["noise_muscle"]
    first = marked(X)
    second = replace(first, ids=tuple(f"again {name}" for name in first.ids))
    kept = [edits(ecgs, dose, 50.0, Store(tmp_path)).x for ecgs in (first, second)]
    fresh = edits(second, dose, 50.0, Store(tmp_path / "new")).x
    assert not np.array_equal(kept[0], kept[1])
    np.testing.assert_array_equal(kept[1], fresh)
