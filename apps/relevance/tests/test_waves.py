"""Relevance by wave, by beat and by group, where it is known."""

import numpy as np
import pytest
import torch
from ecglens.ecg import BIT, R_PEAK, SEGMENTS, wave_shares
from ecglens.eval.heatmaps.folding import AFTER, BEFORE
from ecglens.eval.statistics.resampling import interval, resampled
from ecglens.explain import attribute
from ecglens_relevance.output import concordant, signed_means
from ecglens_relevance.tables import average_beats, band, r_of
from torch import nn


def marked(time: int = 600) -> np.ndarray:
    segments = np.zeros((1, time), np.int8)
    segments[0, 100:140] = BIT["P"]
    segments[0, 220:260] = BIT["QRS"]
    segments[0, 350:450] = BIT["T"]
    return segments


def test_a_linear_networks_relevance_by_wave_is_its_weights():
    net = nn.Sequential(nn.Flatten(), nn.Linear(12 * 600, 1, bias=False)).eval()
    weights = torch.zeros(12, 600)
    weights[1, 100:140] = 0.5  # P in II
    weights[6, 350:450] = -2.0  # T in V1
    weights[6, 500:520] = 1.0  # TP in V1
    net.get_parameter("1.weight").data = weights.reshape(1, -1)
    maps = attribute("input_x_gradient", net, 3 * torch.ones(1, 12, 600)).numpy()
    share, mean = wave_shares(maps, marked()), signed_means(maps, marked())
    whole = 0.5 * 40 + 2 * 100 + 1 * 20
    p, t, tp = (SEGMENTS.index(segment) for segment in ("P", "T", "TP"))
    assert share[0, 1, p] == pytest.approx(20 / whole)
    assert share[0, 6, t] == pytest.approx(200 / whole)
    assert share[0, 6, tp] == pytest.approx(20 / whole)
    assert np.nansum(share) == pytest.approx(1)
    assert mean[0, 1, p] == pytest.approx(1.5)
    assert mean[0, 6, t] == pytest.approx(-6)
    assert mean[0, 6, tp] == pytest.approx(3 * 20 / (600 - 180))
    assert np.isnan(share[0, :, SEGMENTS.index("PQ")]).all()


def test_a_t_wave_that_points_as_qrs_does_is_concordant():
    x = np.zeros((1, 12, 600))
    x[0, :, 220:260] = 1000
    x[0, :6, 350:450] = 200
    x[0, 6:, 350:450] = -200
    x += 50  # a constant is no wave
    assert concordant(x, marked())[0].tolist() == [True] * 6 + [False] * 6
    assert not concordant(x, np.zeros((1, 600), np.int8)).any()


def test_beats_of_a_strip_are_averaged_over_whole_windows_alone():
    time, peaks = 2000, [100, 400, 900, 1950]
    segments = np.zeros((2, time), np.int8)
    segments[0, peaks] = R_PEAK
    values = np.random.default_rng(0).normal(size=(2, 12, time))
    found = average_beats(values, segments)
    slow = np.mean([values[0, :, peak - BEFORE : peak + AFTER + 1] for peak in (400, 900)], 0)
    assert found[0] == pytest.approx(slow)
    assert np.isnan(found[1]).all()
    assert r_of(time) == 150
    assert found.shape[2] == 401  # −300 … +500 ms at 500 Hz


def test_a_median_beat_is_its_own_average():
    values = np.random.default_rng(0).normal(size=(2, 12, 600))
    assert np.array_equal(average_beats(values, np.zeros((2, 600), np.int8)), values)
    assert r_of(600) == 250


def test_a_band_is_a_mean_with_the_intervals_of_the_bootstrap():
    values = np.random.default_rng(0).normal(size=(20, 3, 4))
    values[:5, 1, 2] = np.nan
    names = [f"p{number % 15}" for number in range(20)]
    found = band(values, names, seed=3, least=2)
    for lead in range(3):
        for part in range(4):
            there = np.isfinite(values[:, lead, part])
            kept = [name for name, has in zip(names, there, strict=True) if has]
            column = values[there, lead, part]
            low, high = interval((resampled(kept, 3) @ column)[None], len({*kept}))
            assert found.mean[lead, part] == pytest.approx(column.mean())
            assert (found.low[lead, part], found.high[lead, part]) == pytest.approx(
                (low[0], high[0])
            )


def test_nothing_is_told_of_fewer_patients_than_the_least():
    values = np.ones((12, 2))
    values[:3, 1] = np.nan
    found = band(values, [f"p{number}" for number in range(12)], seed=0, least=10)
    assert np.isfinite(found.mean[0])
    assert np.isnan([found.mean[1], found.low[1], found.high[1]]).all()
    one_person = band(values, ["p"] * 12, seed=0, least=2)
    assert np.isnan(one_person.mean).all()
