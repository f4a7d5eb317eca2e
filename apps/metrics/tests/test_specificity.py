"""Spatial and temporal specificity against their formulas and in closed form."""

import numpy as np
import pytest
from ecglens.ecg import R_INDEX
from ecglens_metrics import spatial_specificity, temporal_profile, temporal_specificity

MAPS = np.random.default_rng(0).standard_normal((4, 12, 600))


def test_spatial_specificity_is_wagners_formula():
    for lead in (0, 10):
        slow = []
        for one in MAPS:
            norms = [sum(value**2 for value in row) ** 0.5 for row in one]
            slow.append(norms[lead] / sum(norm**2 for norm in norms) ** 0.5)
        np.testing.assert_allclose(spatial_specificity(MAPS, lead), slow, atol=1e-6)


def test_one_lead_alone_is_1_elsewhere_0_and_an_empty_map_at_chance():
    alone = np.zeros((1, 12, 600))
    alone[0, 3] = MAPS[0, 3]
    assert spatial_specificity(alone, 3) == pytest.approx(1)
    assert spatial_specificity(alone, 4) == 0
    assert spatial_specificity(0 * alone, 4) == pytest.approx(12**-0.5)
    assert spatial_specificity(MAPS, 5).mean() == pytest.approx(12**-0.5, abs=0.02)


def test_the_profile_is_the_mean_over_beats_of_the_norm_over_leads():
    strip = np.random.default_rng(1).standard_normal((12, 3000))
    peaks = [100, 700, 1500, 2900]  # the first and the last are not whole
    slow = np.zeros(401)
    for place in range(401):
        for peak in (700, 1500):
            sample = strip[:, peak - 150 + place]
            slow[place] += float(np.sqrt(sum(value**2 for value in sample))) / 2
    slow /= np.sqrt(sum(value**2 for value in slow))
    np.testing.assert_allclose(temporal_profile(strip, peaks), slow, atol=1e-6)
    assert np.isnan(temporal_profile(strip, [])).all()


def test_temporal_specificity_in_closed_form():
    region = np.zeros(600, bool)
    region[R_INDEX + 20 : R_INDEX + 60] = True
    cut = region[R_INDEX - 150 : R_INDEX + 251]
    inside = temporal_profile(np.tile(region, (12, 1)).astype(float), [R_INDEX])
    assert temporal_specificity(inside, cut) == pytest.approx(1)
    assert temporal_specificity(inside, ~cut) == 0
    empty = temporal_profile(np.zeros((12, 600)), [R_INDEX])
    assert temporal_specificity(empty, cut) == pytest.approx((40 / 401) ** 0.5)
    assert np.isnan(temporal_specificity(empty, np.zeros(401, bool)))
