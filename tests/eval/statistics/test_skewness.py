import numpy as np
import pytest
from ecglens.eval.statistics.crossed import corrected, skewness
from scipy import stats


def test_skewness_is_the_unbiased_one_of_scipy():
    values = np.random.default_rng(0).lognormal(size=(4, 9))
    apart = values - values.mean(1, keepdims=True)
    assert skewness(apart) == pytest.approx(stats.skew(values, axis=1, bias=False))
    assert skewness(np.zeros((2, 5))).tolist() == [0.0, 0.0]
    assert skewness(np.array([[-1.0, 1.0]])).tolist() == [0.0]


@pytest.mark.parametrize("skewed", [-3.0, -0.5, 0.2, 4.0])
def test_the_corrected_quantile_solves_halls_equation(skewed):
    x, a = np.array([-12.0, -2.1, 0.0, 2.1, 12.0]), skewed / 4
    t = corrected(x, np.full(5, skewed), 16)
    assert t + a * t**2 / 3 + a**2 * t**3 / 27 + a / 6 == pytest.approx(x)
    assert (np.diff(t) > 0).all()


def test_without_skewness_the_quantile_is_students():
    assert corrected(2.1, np.array([0.0, 1e-9]), 16).tolist() == [2.1, 2.1]
    assert corrected(2.1, np.array([1e-5]), 16) == pytest.approx(2.1, abs=1e-4)
