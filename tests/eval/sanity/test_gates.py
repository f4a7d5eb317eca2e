import numpy as np
import pytest
from ecglens.eval.sanity.estimates import Estimate, Patients
from ecglens.eval.sanity.gates import agrees, both, forgets

NAN = float("nan")


def around(value: float, half: float = 0.01, missing: float = 0.0) -> Estimate:
    return Estimate(value, value - half, value + half, missing)


@pytest.mark.parametrize(
    ("rho", "above", "verdict"),
    [
        (around(0.0), around(-0.5), "passes"),
        (around(0.5), around(0.05), "passes"),
        (around(0.5), around(0.3), "fails"),  # above the floor by more than the margin
        (around(0.99), around(-0.01), "fails"),  # a template: its floor is as high
        (around(0.5), around(0.1, 0.05), "cannot be said"),
        (around(0.7, 0.05), around(0.0), "cannot be said"),
        (around(0.0, missing=0.6), around(-0.5), "cannot be said"),
        (Estimate(0.0, NAN, NAN, 0.0), around(-0.5), "cannot be said"),
    ],
)
def test_a_map_passes_when_it_is_lost_with_the_weights(rho, above, verdict):
    assert forgets(rho, above, around(0.5)) == verdict


def test_a_copy_of_the_ecg_fails_though_nothing_beyond_it_is_left_to_judge():
    nothing = Estimate(NAN, NAN, NAN, 1.0)
    assert forgets(nothing, nothing, around(1.0, 0.001)) == "fails"
    assert forgets(around(0.0), around(-0.5), around(0.97)) == "passes"
    assert forgets(nothing, nothing, around(0.97)) == "cannot be said"


def test_networks_agree_when_they_are_above_their_floor_by_the_margin():
    assert agrees(around(0.3)) == "passes"
    assert agrees(around(0.0)) == "fails"
    assert agrees(around(0.1)) == "cannot be said"
    assert agrees(Estimate(NAN, NAN, NAN, 1.0)) == "cannot be said"


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
