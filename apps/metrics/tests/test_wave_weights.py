import numpy as np
import pytest
from ecglens.ecg import BIT, Segments, segment_mask
from ecglens_metrics.wave_swaps import relevance, weights

MARKS = Segments(150.0, 195.0, 225.0, 270.0, 320.0, 420.0)


def slow_weight(mask: np.ndarray, bit: int, sample: int) -> float:
    within = [place for place in range(len(mask)) if mask[place] & bit]
    if not within:
        return 0.0
    away = min(abs(sample - place) for place in within) / 10  # 20 ms at 500 Hz
    return (1 + np.cos(np.pi * away)) / 2 if away < 1 else 0.0


def test_weights_are_1_in_the_wave_and_fade_over_20_ms_outside():
    mask = segment_mask(MARKS, 600)
    found = weights(mask)
    slow = [[slow_weight(mask, bit, at) for at in range(600)] for bit in BIT.values()]
    assert found == pytest.approx(np.array(slow), abs=1e-12)
    assert found[0, [140, 145, 150, 195, 200, 205]] == pytest.approx([0, 0.5, 1, 1, 0.5, 0])
    assert np.abs(np.diff(found)).max() < 0.16  # no jump


def test_a_wave_that_is_missing_has_no_relevance():
    mask = segment_mask(Segments(qrs_on=225.0, qrs_off=270.0, t_on=320.0, t_off=420.0), 600)
    waves = weights(mask)[None]
    sums = relevance(np.ones((1, 12, 600), np.float32), waves)
    assert np.isnan(sums[0, :, :2]).all()
    assert np.isfinite(sums[0, :, 2:]).all()


def test_relevance_is_the_weighted_sum_by_lead_then_of_all():
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(1, 12, 600)).astype(np.float32)
    waves = weights(segment_mask(MARKS, 600))
    sums = relevance(maps, waves[None])[0]
    for lead, wave in ((0, 0), (10, 4), (7, 2)):
        slow = sum(waves[wave, at] * float(maps[0, lead, at]) for at in range(600))
        assert sums[lead, wave] == pytest.approx(slow, rel=1e-9)
    assert sums[12] == pytest.approx(sums[:12].sum(0))
