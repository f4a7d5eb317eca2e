"""Shares of relevance, against closed forms and slow sums."""

from math import cos, pi, sqrt

import numpy as np
import pytest
from ecglens_metrics.shortcut_places import (
    FAST,
    MAINS,
    MAINS_OF_MAP,
    power_in,
    share_of_bins,
    share_of_points,
    share_of_signal,
    share_within,
    signal_in,
)

RNG = np.random.default_rng(0)
SECONDS = np.arange(600) / 500


def wave(hz: float, phase: float = 0.3) -> np.ndarray:
    return np.tile(np.sin(2 * np.pi * hz * SECONDS + phase), (1, 12, 1))


def slow_spectrum(values: np.ndarray) -> np.ndarray:
    """The orthonormal cosine transform as its definition has it."""
    n = len(values)
    sums = [sum(v * cos(pi * (t + 0.5) * k / n) for t, v in enumerate(values)) for k in range(n)]
    return np.array([s * sqrt((1 if k == 0 else 2) / n) for k, s in enumerate(sums)])


def test_the_share_within_a_mask_is_that_of_the_magnitudes():
    maps = np.array([[[1.0, -3.0, 0.0, 4.0]], [[0.0, 0.0, 0.0, 0.0]], [[1.0, 1.0, 1.0, 1.0]]])
    masks = np.array([[[0, 1, 1, 0]], [[1, 0, 0, 0]], [[0, 0, 0, 0]]], bool)
    np.testing.assert_array_equal(share_within(maps, masks), [3 / 8, np.nan, np.nan])
    np.testing.assert_array_equal(share_of_points(masks), [0.5, 0.25, np.nan])


@pytest.mark.parametrize(("hz", "inside"), [(50.0, True), (60.0, True), (20.0, False)])
def test_a_map_that_hums_has_its_power_at_the_mains(hz, inside):
    share = float(power_in(wave(hz), MAINS)[0])
    # 1.2 s of hum spread over more than ± 1 Hz: four fifths are left within.
    assert share > 0.8 if inside else share < 0.001


def test_hum_times_hum_is_found_at_twice_the_frequency():
    product = wave(50.0) ** 2
    assert float(power_in(product, MAINS_OF_MAP)[0]) > 0.9
    assert float(power_in(product, MAINS)[0]) < 0.01


def test_shares_equal_slow_sums_over_the_definition():
    maps, x = RNG.normal(size=(1, 2, 40)), RNG.normal(size=(1, 2, 40))
    hz = np.arange(40) * 250 / 40
    for band in (MAINS, FAST):
        inside = np.any([(hz >= low) & (hz <= high) for low, high in band], axis=0)
        power = size = weighed = 0.0
        power_there = size_there = weighed_there = 0.0
        for lead in range(2):
            a, of_x = slow_spectrum(maps[0, lead]), slow_spectrum(x[0, lead])
            power += (a[1:] ** 2).sum()
            power_there += (a[1:] ** 2)[inside[1:]].sum()
            weighed += np.abs(a * of_x).sum()
            weighed_there += np.abs(a * of_x)[inside].sum()
            size += np.abs(of_x).sum()
            size_there += np.abs(of_x)[inside].sum()
            assert (a * of_x).sum() == pytest.approx((maps[0, lead] * x[0, lead]).sum())
        assert power_in(maps, band)[0] == pytest.approx(power_there / power, abs=1e-6)
        assert signal_in(maps, x, band)[0] == pytest.approx(weighed_there / weighed, abs=1e-6)
        assert share_of_signal(x, band)[0] == pytest.approx(size_there / size, abs=1e-6)


def test_white_noise_has_the_share_of_chance_everywhere():
    maps = RNG.normal(size=(40, 12, 600))
    x = np.broadcast_to(wave(50.0) + 3 * wave(7.0), maps.shape)
    for band in (MAINS, MAINS_OF_MAP, FAST):
        assert power_in(maps, band).mean() == pytest.approx(share_of_bins(maps, band)[0], rel=0.02)
        assert signal_in(maps, x, band).mean() == pytest.approx(
            share_of_signal(x, band)[0], rel=0.1
        )


def test_where_there_is_nothing_there_is_no_share():
    nothing = np.zeros((1, 12, 600))
    assert np.isnan(power_in(nothing, MAINS)).all()
    assert (
        np.isnan(power_in(nothing + 5, MAINS)).all() or float(power_in(nothing + 5, FAST)[0]) >= 0
    )
    assert np.isnan(signal_in(nothing, wave(50.0), MAINS)).all()
