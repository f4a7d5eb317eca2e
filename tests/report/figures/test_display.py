"""The look of a heatmap is arithmetic too, and numbers on colours can be read."""

import numpy as np
import pytest
from ecglens.report.figures.ecg import (
    LEVELS,
    averaged,
    colours,
    display_scale,
    quantised,
    shown,
    strongest,
)
from ecglens.report.style import BLUE, GREY, INK, luminance, readable_on
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from matplotlib.colors import to_rgb

values = arrays(np.float64, st.integers(1, 40), elements=st.floats(-1e6, 1e6, width=32))


@given(values)
@settings(max_examples=50, deadline=None)
def test_the_display_scale_equals_a_slow_count_from_the_smallest_up(heatmap: np.ndarray) -> None:
    sizes = sorted(abs(heatmap))
    enough = (n for n in range(len(sizes)) if sum(sizes[: n + 1]) >= 0.9 * sum(sizes))
    assert display_scale(heatmap) == pytest.approx(sizes[next(enough)])


def test_nine_small_points_and_a_giant_are_scaled_by_the_giant_only_above_a_tenth() -> None:
    small = np.array([1.0] * 9 + [0.9])
    assert display_scale(small) == 1.0
    assert display_scale(np.array([1.0] * 9 + [100.0])) == 100.0
    assert display_scale(np.array([1.0] * 99 + [5.0])) == 1.0  # 5 of 104: clipped


def test_a_map_of_zeros_is_shown_as_zeros() -> None:
    assert not shown(np.zeros((12, 5))).any()
    assert not quantised(np.zeros((12, 5))).any()


def test_a_quantised_map_is_right_to_half_a_level() -> None:
    heatmap = np.random.default_rng(0).standard_t(2, (12, 600))
    scale = display_scale(heatmap)
    back = quantised(heatmap) / LEVELS * scale
    np.testing.assert_allclose(
        back, np.clip(heatmap, -scale, scale), atol=scale / LEVELS / 2 * 1.001
    )


def test_the_averaged_map_does_not_let_leads_cancel() -> None:
    heatmap = np.stack([np.full(3, 2.0), np.full(3, -4.0)])
    np.testing.assert_array_equal(averaged(heatmap), np.full(3, 3.0))


def test_in_the_averaged_map_of_the_published_code_leads_cancel() -> None:
    heatmap = np.stack([np.full(3, 2.0), np.full(3, -4.0)])
    np.testing.assert_array_equal(averaged(heatmap, "code"), np.full(3, 1.0))


def test_the_strongest_of_a_group_keeps_its_sign() -> None:
    np.testing.assert_array_equal(
        strongest(np.array([1.0, -3.0, 2.0, 0.0, 0.5, -0.4, 9.0]), 3), [-3.0, 0.5]
    )


def test_raising_and_lowering_differ_in_hue_and_in_grey() -> None:
    lowers, nothing, raises = colours(np.array([-1.0, 0.0, 1.0]), signed=True)
    grey = np.array([0.299, 0.587, 0.114])  # Rec. 601
    assert raises[2] > raises[0]
    assert lowers[0] > lowers[2]
    assert nothing[3] == 0.0
    assert abs(raises[:3] @ grey - lowers[:3] @ grey) > 0.2


def test_numbers_are_ink_on_paper_and_white_on_what_is_dark() -> None:
    assert [readable_on(BLUE, opacity) for opacity in (0.0, 0.3, 1.0)] == [INK, INK, "white"]
    assert readable_on(INK, 1.0) == "white"


@pytest.mark.parametrize("colour", [BLUE, GREY, INK])
def test_no_strength_of_a_colour_hides_its_number(colour: str) -> None:
    for opacity in (step / 20 for step in range(21)):
        cell = [opacity * part + 1 - opacity for part in to_rgb(colour)]
        pair = sorted((luminance(cell), luminance(to_rgb(readable_on(colour, opacity)))))
        assert (pair[1] + 0.05) / (pair[0] + 0.05) > 3.9  # ink on mid-grey is the hardest


def test_luminance_is_that_of_the_guidelines() -> None:
    assert luminance((1.0, 1.0, 1.0)) == pytest.approx(1.0)
    assert luminance((0.0, 0.0, 0.0)) == 0.0
    assert luminance((1.0, 0.0, 0.0)) == pytest.approx(0.2126)
