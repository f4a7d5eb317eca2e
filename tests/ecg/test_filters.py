import numpy as np
import pytest
from ecglens.ecg import filtered, resampled, resampling_adjoint
from ecglens.ecg.filters import without_wander
from hypothesis import given, settings
from hypothesis import strategies as st

TIME_S = np.arange(5000) / 500.0


@pytest.mark.parametrize("hz", [0.1, 0.5, 2.0, 10.0, 40.0])
def test_the_gain_is_butterworths_squared(hz):
    # A cosine that fits the record stands in one bin, so that the closed form is met exactly.
    wave = np.cos(2 * np.pi * hz * (TIME_S + 0.001))
    gain = (hz / 0.5) ** 4 / (1 + (hz / 0.5) ** 4) / (1 + (hz / 10.0) ** 4)
    np.testing.assert_allclose(filtered(wave, 0.5, 10.0), gain * wave, atol=1e-9)


def test_a_filter_moves_nothing():
    bump = np.exp(-0.5 * ((TIME_S - 5.0) / 0.03) ** 2)
    for low, high in [(0.5, 0.0), (0.0, 10.0), (5.0, 30.0)]:
        result = filtered(bump, low, high)
        assert np.argmax(result) == 2500
        np.testing.assert_allclose(result[2500:2700], result[2500:2300:-1], atol=1e-6)


def test_slow_wander_is_removed_and_the_st_segment_stays():
    beat = np.where((TIME_S % 1.0 > 0.3) & (TIME_S % 1.0 < 0.5), 200.0, 0.0)
    wander = 300.0 * np.sin(2 * np.pi * 0.15 * TIME_S)
    cleaned = without_wander(beat + wander)[1000:4000]
    step = beat[1000:4000]
    rise = cleaned[step > 0].mean() - cleaned[step == 0].mean()
    assert rise == pytest.approx(200.0, rel=0.06)
    assert np.std(cleaned - step) < 25.0


@settings(max_examples=15, deadline=None)
@given(
    fs=st.sampled_from([100.0, 250.0, 257.0, 360.0, 400.0, 977.0, 1000.0]), hz=st.floats(0.5, 20)
)
def test_resampling_keeps_a_wave_where_it_is(fs, hz):
    at_500 = np.sin(2 * np.pi * hz * TIME_S)
    other = np.sin(2 * np.pi * hz * np.arange(round(10 * fs)) / fs)
    result = resampled(other, fs)
    assert abs(len(result) - 5000) <= 5
    # The ends are guessed; 257 and 977 Hz are met to 1 in 1000.
    np.testing.assert_allclose(result[200:1000], at_500[200:1000], atol=0.03)


def test_the_same_rate_changes_nothing():
    signal = np.random.default_rng(0).normal(size=(12, 100))
    assert resampled(signal, 500.0) is signal


@settings(max_examples=40, deadline=None)
@given(
    fs=st.sampled_from([100.0, 128.0, 250.0, 257.0, 400.0, 977.0, 1000.0]),
    to=st.sampled_from([400.0, 500.0]),
    length=st.integers(2, 1500),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_adjoint_of_resampling_keeps_every_scalar_product(fs, to, length, seed):
    random = np.random.default_rng(seed)
    x = random.normal(size=(2, length)) + 5.0  # an offset and a slope reach beyond the ends
    there = resampled(x, fs, to)
    y = random.normal(size=there.shape) - 3.0
    back = resampling_adjoint(y, fs, length, to)
    assert back.shape == x.shape
    size = np.linalg.norm(there) * np.linalg.norm(y)
    assert np.sum(there * y) == pytest.approx(np.sum(x * back), abs=float(1e-12 * size))


def test_at_the_same_rate_a_gradient_is_its_own():
    gradient = np.random.default_rng(0).normal(size=(12, 100))
    assert resampling_adjoint(gradient, 500.0, 100) is gradient
