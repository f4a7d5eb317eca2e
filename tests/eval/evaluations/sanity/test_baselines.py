import numpy as np
import pytest
from ecglens.eval.evaluations.sanity import RESOLUTIONS, Resolution, spearman
from ecglens.eval.evaluations.sanity.baselines import Ground, centred

from .networks import rho

random = np.random.default_rng(3)
MAPS = random.normal(size=(4, 12, 30)).astype(np.float32)
GROUND = Ground(
    random.normal(size=(4, 12, 30)).astype(np.float32),
    np.zeros((4, 30), np.int8),
    np.array([1, 2, 3, 0]),
)


def test_the_mean_map_is_taken_away():
    shared = random.normal(size=360)
    own = random.normal(size=(50, 360))
    maps = 10 * shared + own
    left = centred(maps)
    assert np.abs(left.mean(0)).max() < 1e-12
    assert spearman(maps, maps[::-1]).mean() > 0.95
    assert abs(spearman(left, left[::-1]).mean()) < 0.05


def test_one_map_for_all_ecgs_leaves_nothing_but_rounding_which_is_none():
    one = np.repeat(random.normal(size=(1, 300)), 7, 0).astype(np.float32)
    one *= 1 + 1e-7 * np.sign(random.normal(size=one.shape)).astype(np.float32)
    assert not centred(one).any()


def test_the_baseline_of_the_other_ecg_is_a_slow_loop():
    values = GROUND.at_resolution(MAPS, RESOLUTIONS[0])
    slow = [rho(np.abs(MAPS[ecg]).ravel(), np.abs(MAPS[(ecg + 1) % 4]).ravel()) for ecg in range(4)]
    assert GROUND.other_ecg(values) == pytest.approx(slow)


@pytest.mark.parametrize("sign", ["signed", "absolute"])
def test_abs_x_is_that_of_magnitudes_at_the_scale(sign):
    maps = GROUND.x[None] * np.float32(-3)
    assert GROUND.abs_x(maps, Resolution("20 ms", sign)) == pytest.approx(1)
    slow = [rho(np.abs(MAPS[e]).ravel(), np.abs(GROUND.x[e]).ravel()) for e in range(4)]
    assert GROUND.abs_x(MAPS[None], Resolution("sample", sign))[0] == pytest.approx(slow)
