"""Each metric against its paper written out, closed forms, ties by brute force, invariances."""

from itertools import permutations

import numpy as np
import pytest
from ecglens_metrics import pointing_game, relevance_mass, relevance_rank, top_iou, weighted_areas

from . import by_hand

METRICS = {
    "pointing_game": pointing_game,
    "top_iou": top_iou,
    "relevance_rank": relevance_rank,
    "relevance_mass": relevance_mass,
    "aup": lambda maps, region: weighted_areas(maps, region).aup,
    "aur": lambda maps, region: weighted_areas(maps, region).aur,
    "aupr": lambda maps, region: weighted_areas(maps, region).aupr,
}
BY_HAND = {
    **{
        name: getattr(by_hand, name)
        for name in ("pointing_game", "top_iou", "relevance_rank", "relevance_mass")
    },
    **{
        name: lambda heatmap, region, place=place: by_hand.weighted(heatmap, region)[place]
        for place, name in enumerate(("aup", "aur", "aupr"))
    },
}
each_metric = pytest.mark.parametrize("name", METRICS)


def drawn(ecgs=12, points=150, seed=0):
    """Maps with long tails and regions of all sizes, different in each ECG."""
    random = np.random.default_rng(seed)
    maps = random.standard_normal((ecgs, points)) ** 3
    region = random.random((ecgs, points)) < random.uniform(0.05, 0.6, (ecgs, 1))
    region[:, 0] = True
    return maps + 0.5 * region, region


@each_metric
def test_it_equals_the_paper_written_out(name):
    maps, region = drawn()
    slow = [BY_HAND[name](*one) for one in zip(maps, region, strict=True)]
    np.testing.assert_allclose(METRICS[name](maps, region), slow, atol=1e-6)
    single = METRICS[name](maps.astype(np.float32), region)
    np.testing.assert_allclose(single, slow, atol=1e-6)


@each_metric
def test_the_region_itself_is_perfect_and_its_inverse_finds_nothing(name):
    region = np.arange(200)[None] < 40
    perfect = 0.5 if name == "aur" else 1.0  # of equal points p of the saliency is recalled at p
    assert METRICS[name](region.astype(float), region) == pytest.approx(perfect)
    assert METRICS[name](1.0 - region, region) == 0


@each_metric
@pytest.mark.parametrize("value", [0.0, -2.0])
def test_a_map_that_says_nothing_gets_the_mean_of_random_ones(name, value):
    random = np.random.default_rng(3)
    region = np.tile(np.arange(60) < 12, (4000, 1))
    said = METRICS[name](np.full((1, 60), value), region[:1])
    # A random order of very nearly equal values.
    noise = 1 + 1e-3 * random.random(region.shape)
    if name.startswith("au"):  # scaled by minimum and maximum: equal ones but for one 0 outside
        np.testing.assert_allclose(said, {"aup": 0.2, "aur": 0.5, "aupr": 0.2}[name], atol=0.01)
    else:
        np.testing.assert_allclose(said, METRICS[name](noise, region).mean(), atol=0.02)


@pytest.mark.parametrize("name", ["top_iou", "relevance_rank", "aup", "aur"])
def test_equal_values_get_the_mean_over_their_orders(name):
    """Brute force over the orders of three equal values; tiny steps make each order."""
    heatmap = np.array([5.0, 2.0, 2.0, 2.0, 1.0, 0.0])
    region = np.array([[False, True, False, True, True, False]])
    orders = []
    for steps in permutations((0.0, 1e-9, 2e-9)):
        one = heatmap.copy()
        one[1:4] += steps
        orders.append(METRICS[name](one[None], region)[0])
    assert METRICS[name](heatmap[None], region)[0] == pytest.approx(np.mean(orders), abs=1e-6)
    assert np.ptp(orders) > 0


@each_metric
def test_places_and_scale_do_not_matter(name):
    maps, region = drawn(seed=1)
    order = np.random.default_rng(2).permutation(maps.shape[1])
    whole = METRICS[name](maps, region)
    np.testing.assert_allclose(METRICS[name](maps[:, order], region[:, order]), whole, atol=1e-12)
    np.testing.assert_allclose(METRICS[name](7.0 * maps, region), whole, atol=1e-12)
    alone = [METRICS[name](maps[[ecg]], region[[ecg]])[0] for ecg in range(len(maps))]
    np.testing.assert_array_equal(whole, alone)


@each_metric
def test_an_ecg_without_a_region_has_no_number(name):
    maps, region = drawn(ecgs=2)
    region[1] = False
    found = METRICS[name](maps, region)
    assert np.isfinite(found[0])
    assert np.isnan(found[1])


def test_signs_count_as_published():
    """Negative relevance in the region is none for all but the areas of Ismail, who takes |map|."""
    region = np.arange(50)[None] < 10
    maps = np.where(region, -3.0, np.linspace(0.1, 1, 50)[None])
    for name in ("pointing_game", "top_iou", "relevance_rank", "relevance_mass"):
        assert METRICS[name](maps, region) == 0
        assert METRICS[name](np.abs(maps), region) > 0.5
    assert weighted_areas(maps, region).aup == weighted_areas(np.abs(maps), region).aup


def test_a_share_of_the_mass_is_a_share():
    region = np.arange(100)[None] < 30
    maps = np.where(region, 2.0, 1.0)
    assert relevance_mass(maps, region) == pytest.approx(60 / 130)
