import numpy as np
import pytest
from ecglens.eval.evaluations.sanity.baselines import JUDGED_MAPS, Kept, estimated
from ecglens.eval.evaluations.sanity.gates import COPY_OF_X, ONE_MAP, UNKNOWN, Case, both, forgets
from ecglens.eval.statistics.resampling import Estimate, Patients

NAN = float("nan")


def around(value: float, half: float = 0.01, missing: float = 0.0) -> Estimate:
    return Estimate(value, value - half, value + half, missing)


def kept(mean: float, spread: float = 0.02) -> Kept:
    """Made of 10 redraws and 40 patients whose ρ lie around the mean."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(10, 1)) + rng.normal(size=(1, 40)) + rng.normal(size=(10, 40))
    rhos = mean + spread * (noise - noise.mean())
    return estimated(rhos, [str(patient) for patient in range(40)], 0.3, 0.5)


def case(*means: float, spread: float = 0.02, x: float = 0.5, other: float = 0.5) -> Case:
    parts = dict(zip(JUDGED_MAPS, (kept(mean, spread) for mean in means), strict=True))
    return Case(parts, around(x, 0.001), around(other, 0.001))


@pytest.mark.parametrize(
    ("given", "verdict", "why"),
    [
        (case(0.0, 0.1, 0.1, 0.1), "passes", "by sample, mean map removed"),
        (case(0.6, 0.0, 0.0, 0.0), "fails", "by sample"),  # however high another patient's map
        (case(0.0, 0.0, 0.0, 0.4), "fails", "by 40 ms, mean map removed"),
        (case(0.0, 0.0, 0.29, 0.0, spread=0.1), "cannot be said", "by 40 ms"),
        (case(0.0, 0.0, 0.31, 0.0, spread=0.1), "cannot be said", "by 40 ms"),
        (case(0.0, 0.0, 0.0, 0.0, x=0.999), "fails", COPY_OF_X),
        (case(0.0, 0.0, 0.0, 0.0, other=0.999), "fails", ONE_MAP),
        (case(0.0, 0.0, 0.0, 0.0, x=0.97, other=0.97), "passes", "by sample"),
    ],
)
def test_a_map_passes_when_every_part_of_it_is_lost_with_the_weights(given, verdict, why):
    found = forgets({"one": given})["one"]
    assert (found.verdict, found.why) == (verdict, why)


def test_a_verdict_is_held_back_where_the_method_is_one_of_many():
    """Holm: what alone is sure is not among twenty others of which none is."""
    near = case(0.23, 0.0, 0.0, 0.0, spread=0.08)
    alone = forgets({"one": near})["one"]
    assert alone.verdict == "passes"
    unsure = {f"other {number}": case(0.3, 0.3, 0.3, 0.3) for number in range(20)}
    among = forgets({"one": near, **unsure})["one"]
    assert among.p == pytest.approx(21 * alone.p)
    assert among.verdict == "cannot be said"


def test_a_map_without_ranks_is_not_judged_by_what_is_left_of_it():
    nothing = estimated(np.full((10, 40), NAN), [str(each) for each in range(40)], 0.3, 0.5)
    found = forgets({"one": Case(dict.fromkeys(JUDGED_MAPS, nothing), around(0.9), around(0.9))})[
        "one"
    ]
    assert (found.verdict, found.why) == ("cannot be said", UNKNOWN)
    some = dict.fromkeys(JUDGED_MAPS, nothing) | {JUDGED_MAPS[0]: kept(0.9)}
    assert forgets({"one": Case(some, around(0.9), around(0.9))})["one"].verdict == "fails"


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
