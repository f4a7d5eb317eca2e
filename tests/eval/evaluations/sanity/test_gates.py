import numpy as np
import pytest
from ecglens.eval.evaluations.sanity.gates import above_baseline, both
from ecglens.eval.statistics.resampling import Patients


def test_one_failure_is_enough():
    assert both("passes", "fails") == "fails"
    assert both("passes", "cannot be said") == "cannot be said"
    assert both("passes", "not judged") == "passes"
    assert both("not judged", "not judged") == "not judged"


def test_a_mean_leaves_out_what_has_no_value_and_counts_it():
    patients = Patients(["a", "b", "c", "c"], 0)
    estimate = patients.estimate(np.array([1.0, np.nan, 3.0, 5.0]))
    assert estimate.value == 3
    assert estimate.missing == 0.25
    assert estimate.low <= 1.5
    assert estimate.high >= 3.5
    alone = patients.estimate(np.array([np.nan, np.nan, 3.0, 5.0]))
    assert alone.value == 4
    assert np.isnan([alone.low, alone.high]).all()
    nothing = patients.estimate(np.full(4, np.nan))
    assert np.isnan(nothing.value)
    assert nothing.missing == 1


def test_an_interval_does_not_depend_on_the_order_of_the_ecgs():
    names, values = ["b", "a", "c", "a", "d"], np.array([1.0, 2.0, 5.0, 3.0, 9.0])
    turned = [4, 0, 2, 3, 1]
    again = Patients([names[ecg] for ecg in turned], 0).estimate(values[turned])
    assert Patients(names, 0).estimate(values) == pytest.approx(again)


def test_any_of_the_numbers_is_compared_with_the_other_ecg_baseline():
    numbers = {
        "value": np.array([0.5, 0.7]),
        "centred": np.array([0.2, 0.4]),
        "other_ecg": np.array([0.1, 0.1]),
    }
    patients = Patients(["a", "b"], 0)
    assert above_baseline(numbers, patients).value == pytest.approx(0.5)
    assert above_baseline(numbers, patients, "centred").value == pytest.approx(0.2)
