"""Resampling and filtering are those of SciPy, and autograd's adjoints are theirs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from ecglens.ecg import resampled
from ecglens.models.spec.normalisation import BandPass, Resampling
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import butter, filtfilt, sosfiltfilt
from torch import Tensor

RATES = st.sampled_from([100.0, 128.0, 250.0, 257.0, 360.0, 400.0, 500.0, 1000.0])


def signal(length: int, seed: int = 0) -> np.ndarray:
    """Two leads with an offset and a slope, which reach beyond the ends."""
    random = np.random.default_rng(seed)
    return random.normal(size=(2, length)) + 5.0 + np.linspace(0, 3, length)


def assert_adjoint(step: Callable[[Tensor], Tensor], x: np.ndarray) -> None:
    """⟨Ax, y⟩ = ⟨x, A'y⟩, with A' by autograd."""
    given = torch.from_numpy(x)[None].requires_grad_()
    there = step(given)
    y = torch.from_numpy(np.random.default_rng(1).normal(size=tuple(there.shape)))
    (back,) = torch.autograd.grad((there * y).sum(), given)
    size = float(there.detach().norm() * y.norm())
    left, right = float((there.detach() * y).sum()), float((given.detach() * back).sum())
    assert left == pytest.approx(right, abs=1e-9 * size)


@settings(max_examples=40, deadline=None)
@given(fs=RATES, to=RATES, length=st.integers(2, 1200), seed=st.integers(0, 2**32 - 1))
def test_resampling_is_that_of_the_records(fs: float, to: float, length: int, seed: int):
    x = signal(length, seed)
    step = Resampling(fs, to)
    found = step(torch.from_numpy(x)[None])[0].numpy()
    expected = resampled(x, fs, to)
    assert found.shape == expected.shape == (2, step.length(length))
    np.testing.assert_allclose(found, expected, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(fs=RATES, to=RATES, length=st.integers(2, 600))
def test_the_adjoint_of_resampling_keeps_scalar_products(fs: float, to: float, length: int):
    assert_adjoint(Resampling(fs, to), signal(length))


@pytest.mark.parametrize("band", [(0.67, 40.0), (0.5, 0.0), (0.0, 40.0)])
@pytest.mark.parametrize("order", [1, 2, 4])
def test_the_filter_is_scipys_up_to_the_ends(band: tuple[float, float], order: int):
    x = 100 * signal(1500)
    kind = "bandpass" if all(band) else "highpass" if band[0] else "lowpass"
    edges = band if all(band) else max(band)
    expected = sosfiltfilt(butter(order, edges, kind, fs=500, output="sos"), x)
    found = BandPass(band, order, 500.0)(torch.from_numpy(x)[None])[0].numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)
    coefficients: Any = butter(order, edges, kind, fs=500)
    b, a = coefficients
    np.testing.assert_allclose(found[:, 100:-100], filtfilt(b, a, x)[:, 100:-100], atol=0.02)


def test_the_adjoint_of_the_filter_keeps_scalar_products():
    assert_adjoint(BandPass((0.67, 40.0), 4, 500.0), signal(700))


def test_a_signal_too_short_for_a_filter_is_refused():
    with pytest.raises(ValueError, match="more than 27 samples for a filter of order 4, got 27"):
        BandPass((0.67, 40.0), 4, 500.0)(torch.zeros(1, 2, 27))
