"""Steps of a heatmap follow its strength alone, and their bytes say nothing but what is seen."""

import numpy as np
import pytest
from ecglens_study.drawing import SHARES, heat_of, steps
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

MAPS = arrays(np.float32, (2, 40), elements=st.floats(-1e6, 1e6, width=32))


def slowly(heatmap: np.ndarray) -> np.ndarray:
    """Step of each sample: one for each share that the samples stronger than it do not hold yet."""
    strength = np.abs(heatmap).astype(float)
    found = np.zeros(heatmap.shape, int)
    for place in np.ndindex(heatmap.shape):
        stronger = strength[strength > strength[place]].sum() / strength.sum()
        found[place] = sum(stronger < share - 1e-9 for share in SHARES)
    return np.sign(heatmap).astype(int) * found


def test_steps_are_those_of_a_slow_count_of_the_shares() -> None:
    draw = np.random.default_rng(0)
    for heatmap in (draw.standard_normal((12, 50)), draw.standard_t(1, (12, 50)) ** 3):
        np.testing.assert_array_equal(steps(heatmap), slowly(heatmap))


@given(MAPS)
@settings(max_examples=50, deadline=None)
def test_a_stronger_sample_never_has_a_weaker_step(heatmap: np.ndarray) -> None:
    found = steps(heatmap)
    order = np.argsort(np.abs(heatmap), axis=None)
    assert (np.diff(np.abs(found).ravel()[order]) >= 0).all()
    assert (np.sign(found)[found != 0] == np.sign(heatmap)[found != 0]).all()
    assert np.abs(found).max() == (len(SHARES) if heatmap.any() else 0)


def test_coloured_samples_hold_their_share_and_one_less_would_not() -> None:
    heatmap = np.random.default_rng(1).standard_normal((12, 600))
    strength, found = np.abs(heatmap), np.abs(steps(heatmap))
    for step, share in zip((3, 2, 1), SHARES, strict=True):
        kept = np.sort(strength[found >= step])
        assert kept[1:].sum() / strength.sum() < share <= kept.sum() / strength.sum()


def test_equal_samples_have_equal_steps() -> None:
    heatmap = np.zeros((12, 600))
    heatmap[3, 100:200] = 0.1
    assert (steps(heatmap)[3, 100:200] == 3).all()
    assert np.count_nonzero(steps(heatmap)) == 100


@pytest.mark.parametrize("view", ["full", "averaged"])
def test_every_map_is_on_its_own_scale_whatever_its_unit(view: str) -> None:
    heatmap = np.random.default_rng(0).standard_normal((12, 600))
    assert heat_of(heatmap, view) == heat_of(1024 * heatmap, view)


def test_the_averaged_view_has_one_row_without_signs() -> None:
    heatmap = np.random.default_rng(0).standard_normal((12, 600))
    found = np.frombuffer(heat_of(heatmap, "averaged"), np.int8)
    np.testing.assert_array_equal(found, steps(np.abs(heatmap).mean(0)[None])[0])
    assert heat_of(heatmap, "averaged") == heat_of(-heatmap, "averaged")


@pytest.mark.parametrize(("view", "rows"), [("full", 12), ("averaged", 1)])
def test_all_maps_have_the_same_number_of_bytes(view: str, rows: int) -> None:
    draw, spike = np.random.default_rng(0), np.zeros((12, 600))
    spike[4, 300] = 1.0
    maps = (spike, np.zeros((12, 600)), np.ones((12, 600)), draw.standard_normal((12, 600)))
    assert {len(heat_of(heatmap, view)) for heatmap in maps} == {rows * 600}


def test_a_map_with_gaps_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a finite heatmap"):
        heat_of(np.full((12, 600), np.nan), "full")
