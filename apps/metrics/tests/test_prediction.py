import numpy as np
import pytest
from ecglens_metrics.prediction import cosine, predicted, same_sign, share_moved, weighted

RNG = np.random.default_rng(0)
SHAPE = (3, 2, 4, 50)  # pair, ECG, lead, time
BEFORE = RNG.normal(size=SHAPE)
CHANGE = RNG.normal(size=SHAPE) * (RNG.random(SHAPE) < 0.2)
AFTER = BEFORE + CHANGE


def of(function):
    """What a function of single points says, summed."""
    return function(AFTER).sum((2, 3)) - function(BEFORE).sum((2, 3))


def test_a_slope_is_exact_where_the_output_is_quadratic():
    weights = RNG.normal(size=SHAPE)
    found = predicted(2 * weights * BEFORE, 2 * weights * AFTER, CHANGE, slope=True)
    assert found == pytest.approx(of(lambda x: weights * x**2), abs=1e-9)


def test_a_contribution_is_exact_where_the_output_is_a_sum_over_points():
    found = predicted(np.tanh(BEFORE), np.tanh(AFTER), CHANGE, slope=False)
    assert found == pytest.approx(of(np.tanh), abs=1e-9)


def test_a_contribution_far_from_what_moved_predicts_nothing():
    elsewhere = np.where(CHANGE == 0, 1.0, 0.0)
    assert (predicted(np.zeros(SHAPE), elsewhere, CHANGE, slope=False) == 0).all()
    assert (share_moved(elsewhere, elsewhere, CHANGE) == 0).all()
    assert share_moved(1 - elsewhere, 1 - elsewhere, CHANGE) == pytest.approx(1.0)


def test_the_measures_are_slow_loops():
    told, found = RNG.normal(size=(6, 5)), RNG.normal(size=(6, 5))
    told[2, 0], found[4, 1], told[4, 1] = 0.0, np.nan, np.nan
    found[3, 2] = 1e-4  # too small to have a sign
    shares = RNG.random((6, 5))
    for ecg in range(5):
        rows = [pair for pair in range(6) if np.isfinite(found[pair, ecg])]
        p, d = told[rows, ecg], found[rows, ecg]
        assert cosine(told, found)[ecg] == pytest.approx(p @ d / np.sqrt((p @ p) * (d @ d)))
        points = [
            0.5 if a == 0 else float((a > 0) == (b > 0))
            for a, b in zip(p, d, strict=True)
            if abs(b) >= 0.01 * max(abs(d))
        ]
        assert same_sign(told, found)[ecg] == pytest.approx(np.mean(points))
        mean = sum(shares[row, ecg] * abs(found[row, ecg]) for row in rows) / sum(abs(d))
        assert weighted(shares, found)[ecg] == pytest.approx(mean)


def test_what_cannot_be_said_is_nan_and_a_map_of_nothing_is_0():
    still, moving, nothing = np.zeros((6, 1)), np.ones((6, 1)), np.zeros((6, 1))
    assert np.isnan(cosine(moving, still)).all()
    assert np.isnan(same_sign(moving, still)).all()
    assert np.isnan(weighted(moving, still)).all()
    assert cosine(nothing, moving) == 0
    assert same_sign(nothing, moving) == 0.5
    assert same_sign(-moving, moving) == 0
    assert cosine(-moving, moving) == pytest.approx(-1)
