import numpy as np
import pytest
from ecglens.eval.statistics.ranks import agreement, kendall
from scipy import stats


def patients(ecgs):
    return [str(number) for number in range(ecgs)]


def test_tau_is_scipys_with_and_without_ties():
    random = np.random.default_rng(0)
    for draw in (random.normal, lambda size: random.integers(0, 4, size).astype(float)):
        one, other = draw(size=(50, 7)), draw(size=(50, 7))
        expected = [stats.kendalltau(a, b)[0] for a, b in zip(one, other, strict=True)]
        assert kendall(one, other) == pytest.approx(expected, nan_ok=True)


def test_two_metrics_that_order_alike_agree_and_noise_widens_the_interval():
    random = np.random.default_rng(1)
    means = np.arange(6.0)[:, None]
    one, other = (means + random.normal(0, 1, size=(6, 100)) for _ in range(2))
    clear = agreement(one, 3 + 2 * other, patients(100))
    assert (clear.tau, clear.low, clear.high) == (1.0, 1.0, 1.0)
    noisy = agreement(one + 20 * random.normal(size=(6, 100)), other, patients(100))
    assert noisy.low < noisy.tau < 1
    assert noisy.high - noisy.low > 0.3


def test_the_interval_is_of_patients_and_seeded():
    random = np.random.default_rng(2)
    one, other = (random.normal(0, 1, size=(12, 1)) + random.normal(0, 4, (12, 60)) for _ in "ab")
    alone = agreement(one, other, patients(60), seed=1)
    few = agreement(one, other, [str(number // 12) for number in range(60)], seed=1)
    assert alone == agreement(one, other, patients(60), seed=1)
    assert alone.tau == few.tau
    assert alone != few


def test_other_methods_or_ecgs_are_refused():
    with pytest.raises(ValueError, match=r"same 2 or more methods and ECGs, got \(3, 4\)"):
        agreement(np.ones((3, 4)), np.ones((3, 5)), patients(4))
