import numpy as np
import pytest
from ecglens.ecg.delineation import first_quiet, lower_quantile, slope
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("shape", [(2,), (7,), (8, 600)])
def test_the_slope_is_numpys_gradient(shape):
    signal = np.random.default_rng(0).normal(size=shape)
    np.testing.assert_array_equal(slope(signal), np.gradient(signal, axis=-1))


@given(length=st.integers(2, 40), share=st.floats(0.0, 0.49))
def test_the_lower_quantile_is_numpys(length, share):
    values = np.random.default_rng(length).normal(size=length)
    assert lower_quantile(values, share) == pytest.approx(np.quantile(values, share), abs=1e-12)


def test_the_first_silence_is_the_first_run_below_the_threshold():
    values = np.array([9.0, 1.0, 9.0, 1.0, 1.0, 1.0, 9.0])
    assert first_quiet(values, 2.0, run=3) == 3.0
    assert np.isnan(first_quiet(values, 2.0, run=4))
