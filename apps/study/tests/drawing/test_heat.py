"""Steps of a heatmap follow its strength alone, and their bytes say nothing but what is seen."""

import numpy as np
import pytest
from ecglens_study.drawing import SEGMENT_MS, SHARES, heat_of, smoothed, steps
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

FS = 500.0
MAPS = arrays(np.float32, (2, 40), elements=st.floats(0, 1e6, width=32))


def slowly(strength: np.ndarray) -> np.ndarray:
    """Step of each sample: one for each share that the samples stronger than it do not hold yet."""
    found = np.zeros(strength.shape, int)
    for place in np.ndindex(strength.shape):
        stronger = strength[strength > strength[place]].sum() / strength.sum()
        found[place] = sum(stronger < share - 1e-9 for share in SHARES)
    return found


def shown(heatmap: np.ndarray, view: str = "full") -> np.ndarray:
    """Steps of a map with their signs, (row, time)."""
    found = np.frombuffer(heat_of(heatmap, view, FS), np.int8)
    return found.reshape(-1, heatmap.shape[-1])


def test_steps_are_those_of_a_slow_count_of_the_shares() -> None:
    draw = np.random.default_rng(0)
    for values in (draw.standard_normal((12, 50)), draw.standard_t(1, (12, 50)) ** 3):
        np.testing.assert_array_equal(steps(np.abs(values)), slowly(np.abs(values)))


@given(MAPS)
@settings(max_examples=50, deadline=None)
def test_a_stronger_sample_never_has_a_weaker_step(strength: np.ndarray) -> None:
    found = steps(strength)
    assert (np.diff(found.ravel()[np.argsort(strength, axis=None)]) >= 0).all()
    assert found.min() >= 0
    assert found.max() == (len(SHARES) if strength.any() else 0)


@pytest.mark.parametrize(("fs", "width"), [(250.0, 7), (500.0, 15), (1000.0, 29)])
def test_a_sample_is_the_mean_over_a_segment_around_it(fs: float, width: int) -> None:
    assert width / fs * 1000 == pytest.approx(SEGMENT_MS, abs=2000 / fs)
    values = np.random.default_rng(0).standard_normal((2, 60))
    half = width // 2
    slow = [[row[max(0, at - half) : at + half + 1].mean() for at in range(60)] for row in values]
    np.testing.assert_allclose(smoothed(values, fs), slow, atol=1e-12)


def test_a_sign_that_alternates_from_sample_to_sample_makes_no_stripes() -> None:
    heatmap = np.zeros((12, 600))
    heatmap[3, 100:200] = np.where(np.arange(100) % 4 < 2, 1.0, -0.8)
    assert (np.abs(shown(heatmap)[3, 107:193]) == 3).all()
    assert (shown(heatmap) == 0).sum() > 12 * 600 - 130


def test_the_sign_is_that_of_the_mean_over_a_segment() -> None:
    heatmap = np.zeros((12, 600))
    heatmap[3, 100:200], heatmap[3, 150] = 1.0, -3.0
    heatmap[5, 300:400] = -1.0
    found = shown(heatmap)
    assert (found[3, 107:193] > 0).all()
    assert (found[5, 307:393] < 0).all()
    np.testing.assert_array_equal(found, -shown(-heatmap))


def test_coloured_samples_hold_their_share_and_one_less_would_not() -> None:
    heatmap = np.random.default_rng(1).standard_normal((12, 600))
    strength = np.abs(heatmap)
    found = steps(strength)
    for step, share in zip((3, 2, 1), SHARES, strict=True):
        kept = np.sort(strength[found >= step])
        assert kept[1:].sum() / strength.sum() < share <= kept.sum() / strength.sum()


def test_equal_samples_have_equal_steps() -> None:
    heatmap = np.zeros((12, 600))
    heatmap[3, 100:200] = 0.1
    assert (steps(heatmap)[3, 100:200] == 3).all()
    assert np.count_nonzero(steps(heatmap)) == 100
    assert (shown(heatmap)[3, 107:193] == 3).all()


@pytest.mark.parametrize("view", ["full", "averaged"])
def test_every_map_is_on_its_own_scale_whatever_its_unit(view: str) -> None:
    heatmap = np.random.default_rng(0).standard_normal((12, 600))
    assert heat_of(heatmap, view, FS) == heat_of(1024 * heatmap, view, FS)


def test_the_averaged_view_has_one_row_without_signs() -> None:
    heatmap = np.random.default_rng(0).standard_normal((12, 600))
    strength = smoothed(np.abs(heatmap).mean(0)[None], FS)
    np.testing.assert_array_equal(shown(heatmap, "averaged"), steps(strength))
    np.testing.assert_array_equal(shown(heatmap, "averaged"), shown(-heatmap, "averaged"))


@pytest.mark.parametrize(("view", "rows"), [("full", 12), ("averaged", 1)])
def test_all_maps_have_the_same_number_of_bytes(view: str, rows: int) -> None:
    draw, spike = np.random.default_rng(0), np.zeros((12, 600))
    spike[4, 300] = 1.0
    maps = (spike, np.zeros((12, 600)), np.ones((12, 600)), draw.standard_normal((12, 600)))
    assert {len(heat_of(heatmap, view, FS)) for heatmap in maps} == {rows * 600}


def test_a_map_with_gaps_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a finite heatmap"):
        heat_of(np.full((12, 600), np.nan), "full", FS)
