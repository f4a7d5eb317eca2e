import warnings

import numpy as np
import pytest
from ecglens.eval.evaluations.sanity import correlations, spearman
from ecglens.eval.evaluations.sanity.correlation import beyond, standard_ranks
from scipy.stats import rankdata

from .networks import rho


def drawn(*shape: int, ties: bool = False) -> np.ndarray:
    values = np.random.default_rng(1).normal(size=shape)
    return values.round() if ties else values


@pytest.mark.parametrize("ties", [False, True])
def test_it_is_scipys_rho_of_every_pair_of_maps_of_one_ecg(ties):
    left, right = drawn(3, 70, 40, ties=ties), drawn(2, 70, 40, ties=ties)[:, ::-1]
    found = correlations(left, right)
    for a in range(3):
        for b in range(2):
            for ecg in range(70):
                slow = rho(left[a, ecg], right[b, ecg])
                assert found[a, b, ecg] == pytest.approx(slow, abs=1e-12)


@pytest.mark.parametrize("ties", [False, True])
def test_ranks_are_those_of_scipy_in_every_bit(ties):
    values = drawn(3, 4, 50, ties=ties)
    values[1, 2, 7] = np.nan
    values[2, 0] = 3.0
    ranks = rankdata(values, axis=-1) - 25.5
    length = np.linalg.norm(ranks, axis=-1, keepdims=True)
    wanted = np.divide(ranks, length, out=np.zeros_like(ranks), where=length > 0)
    wanted[1, 2] = 0.0  # of a NaN length nothing is above 0
    np.testing.assert_array_equal(standard_ranks(values), wanted)


def test_a_map_agrees_with_itself_and_disagrees_with_its_negative():
    maps = drawn(5, 40).astype(np.float32)
    assert spearman(maps, maps) == pytest.approx(1)
    assert spearman(maps, np.exp(maps)) == pytest.approx(1)  # ranks alone count
    assert spearman(maps, -maps) == pytest.approx(-1)


def test_a_constant_map_has_no_rho_and_costs_the_others_nothing():
    maps = drawn(2, 3, 40)
    maps[0, 1] = 7
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = correlations(maps, maps)
    assert np.isnan(found[0, :, 1]).all()
    assert np.isnan(found[:, 0, 1]).all()
    assert found[1, 1, 1] == pytest.approx(1)
    assert np.isfinite(found[:, :, [0, 2]]).all()


def test_points_that_an_ecg_lacks_are_not_ranked():
    one, other = drawn(3, 40), drawn(3, 40)[::-1].copy()
    whole = spearman(one, other)
    one[0, :5] = other[1, 30:] = np.nan
    found = spearman(one, other)
    assert found[0] == pytest.approx(rho(one[0, 5:], other[0, 5:]))
    assert found[1] == pytest.approx(rho(one[1, :30], other[1, :30]))
    assert found[2] == whole[2]


def test_a_map_that_is_not_there_costs_the_others_nothing():
    maps = drawn(3, 4, 40)
    maps[2] = np.nan
    found = correlations(maps, maps)
    assert found[:2, :2] == pytest.approx(correlations(maps[:2], maps[:2]))
    assert np.isnan(found[2]).all()


def test_the_company_of_an_ecg_does_not_matter():
    one, other = drawn(70, 40), drawn(70, 40)[::-1]
    some = [60, 3, 17]
    assert spearman(one, other)[some] == pytest.approx(spearman(one[some], other[some]), abs=1e-15)


def test_beyond_x_is_the_partial_correlation_of_ranks():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4, 300))
    one, other = x + rng.normal(size=x.shape), x + 0.5 * rng.normal(size=x.shape)
    given = standard_ranks(x)
    found = (beyond(one, given) * beyond(other, given)).sum(-1)
    for ecg in range(4):
        # The textbook's formula of three correlations.
        ab, ax, bx = (rho(a[ecg], b[ecg]) for a, b in ((one, other), (one, x), (other, x)))
        assert found[ecg] == pytest.approx((ab - ax * bx) / np.sqrt((1 - ax**2) * (1 - bx**2)))
    # Any increasing function of x, and a constant, have nothing beyond it.
    assert np.isnan(beyond(np.exp(x), given)).all()
    assert np.isnan(beyond(np.ones_like(x), given)).all()


def test_x_times_noise_has_little_in_common_beyond_x():
    rng = np.random.default_rng(1)
    x = np.abs(rng.standard_cauchy((8, 7200)))
    one, other = (np.abs(x * rng.normal(size=x.shape)) for _ in range(2))
    assert spearman(one, other).min() > 0.4
    given = standard_ranks(x)
    assert np.abs((beyond(one, given) * beyond(other, given)).sum(-1)).max() < 0.1
