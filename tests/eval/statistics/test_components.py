import numpy as np
import pytest
from ecglens.eval.statistics.crossed import Components, components


def simulated(true, shape, trials=400, seed=0):
    """Scores (trial, network, draw, ecg) whose sources have these variances."""
    random = np.random.default_rng(seed)
    networks, draws, ecgs = shape

    def part(variance, *size):
        return np.sqrt(variance) * random.normal(size=(trials, *size))

    return (
        part(true.ecg, 1, 1, ecgs)
        + part(true.network, networks, 1, 1)
        + part(true.ecg_network, networks, 1, ecgs)
        + part(true.draw, 1, draws, ecgs)
        + part(true.rest, networks, draws, ecgs)
    )


def test_the_split_finds_the_variances_that_scores_were_made_with():
    true = Components(*map(np.array, (4.0, 1.0, 2.0, 3.0, 0.5)))
    found = components(simulated(true, (5, 4, 30)))
    for name in Components._fields:
        estimates, wanted = getattr(found, name), getattr(true, name)
        standard_error = estimates.std() / np.sqrt(len(estimates))
        assert abs(estimates.mean() - wanted) < 4 * standard_error, name
        assert standard_error < 0.1


def test_a_source_that_adds_nothing_is_0_on_average():
    true = Components(*map(np.array, (1.0, 0.0, 0.0, 0.0, 1.0)))
    found = components(simulated(true, (3, 3, 20)))
    for name in ("network", "ecg_network", "draw"):
        estimates = getattr(found, name)
        assert abs(estimates.mean()) < 4 * estimates.std() / np.sqrt(len(estimates))
        assert (estimates < 0).any()


def test_mean_squares_of_a_small_table_by_hand():
    # Two networks, one draw, two ECGs: mean 4, of ECGs 3 and 5, of networks 2 and 6.
    scores = np.array([[[2.0, 2.0]], [[4.0, 8.0]]])
    found = components(scores)
    # Mean squares: ECGs 4, networks 16, together 4.
    assert float(found.ecg_network) == pytest.approx(4)
    assert float(found.ecg) == pytest.approx(0)
    assert float(found.network) == pytest.approx((16 - 4) / 2)
    assert np.isnan([found.draw, found.rest]).all()


@pytest.mark.parametrize(("networks", "draws"), [(1, 4), (4, 1), (1, 1)])
def test_what_cannot_be_told_is_nan_and_part_of_another(networks, draws):
    true = Components(*map(np.array, (4.0, 1.0, 2.0, 3.0, 0.5)))
    found = components(simulated(true, (networks, draws, 40), trials=600))
    expected = {
        (1, 4): (6.0, None, None, 3.5, None),
        (4, 1): (7.0, 1.0, 2.5, None, None),
        (1, 1): (9.5, None, None, None, None),
    }[networks, draws]
    for name, wanted in zip(Components._fields, expected, strict=True):
        estimates = getattr(found, name)
        if wanted is None:
            assert np.isnan(estimates).all(), name
        else:
            assert estimates.mean() == pytest.approx(wanted, rel=0.15), name


def test_one_ecg_is_refused():
    with pytest.raises(ValueError, match="at least 2 ECGs to split a variance, got 1"):
        components(np.zeros((2, 2, 1)))
