"""The colour of a heatmap lies on its trace, at its time, in the hue of its sign."""

from io import BytesIO

import numpy as np
import pytest
from ecglens.ecg import LEADS
from ecglens.report.figures.ecg import HALO, twelve_lead_figure
from ecglens.report.figures.paper import MM_PER_MS
from ecglens.study.drawing import heat_of, sheet_of
from ecglens.study.drawing.heat import REACH
from ecglens.study.drawing.layout import laid_out, pixels_per_mm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import binary_dilation

from ...report.conftest import beats
from .seen import blue, cells, chunks, coloured, inked, orange, rgb

FIGURE_ZOOM, HEADER = 1.6, 9  # of the report's figures: mm per mm of paper, and mm of title


def marked(sample: int, value: float = 1.0, lead: str = "V5", length: int = 600) -> np.ndarray:
    """Map with a single non-zero sample."""
    heatmap = np.zeros((12, length))
    heatmap[LEADS.index(lead), sample] = value
    return heatmap


@pytest.mark.parametrize("lead", ["I", "aVF", "V5"])
@pytest.mark.parametrize("microvolts", [-800.0, 0.0, 500.0])
def test_one_marked_sample_colours_its_2_ms_around_its_millivolts(
    lead: str, microvolts: float
) -> None:
    x = np.zeros((12, 600))
    x[LEADS.index(lead)] = microvolts
    down, across = coloured(heat_of(x, marked(300, lead=lead), "full", 500.0))
    geometry = sheet_of(x, "full", 500.0, 250).geometry
    cell, per_mm = cells(geometry)[lead], geometry["pixels_per_mm"]
    # 600 ms are 15 mm, 120 pixels from the left end; a sample is less than a pixel wide.
    assert set(across.tolist()) == {round(cell["left"] * per_mm) + 120}
    height = (cell["zero"] - microvolts / 1000 * 10) * per_mm
    assert down.min() == pytest.approx(height - HALO * per_mm, abs=1)
    assert down.max() + 1 == pytest.approx(height + HALO * per_mm, abs=1)
    assert len(down) == np.ptp(down) + 1


@given(st.integers(0, 599), st.sampled_from([250.0, 360.0, 500.0, 1000.0]), st.booleans())
@settings(max_examples=25, deadline=None)
def test_no_single_sample_is_lost_or_moved_at_any_sampling_rate(
    sample: int, fs: float, averaged: bool
) -> None:
    x = 1000 * np.sin(np.arange(600) / 20) * np.ones((12, 1))
    view = "averaged" if averaged else "full"
    _, across = coloured(heat_of(x, marked(sample), view, fs))
    assert len(across) > 0
    sheet = laid_out(x, view, fs)
    (left,) = (cell.left for cell in sheet.cells if cell.name == "V5")
    pixel_ms = 1 / pixels_per_mm(sheet) / MM_PER_MS
    begin, end = np.array([across.min(), across.max() + 1]) * pixel_ms - left / MM_PER_MS
    assert begin == pytest.approx(sample / fs * 1000, abs=pixel_ms)
    assert end == pytest.approx((sample + 1) / fs * 1000, abs=pixel_ms)


def test_on_a_steep_slope_a_sample_is_as_high_as_the_pen_reaches() -> None:
    x = np.zeros((12, 600))
    x[LEADS.index("V5"), 300:] = 1500.0
    geometry = sheet_of(x, "full", 500.0, 250).geometry
    zero, per_mm = cells(geometry)["V5"]["zero"], geometry["pixels_per_mm"]
    reach = REACH / geometry["mm_per_ms"] / 2  # samples
    for sample, high in ((300 - reach / 2, 15.0), (300 - 2 * reach, 0.0)):
        down, _ = coloured(heat_of(x, marked(round(sample)), "full", 500.0))
        assert down.min() / per_mm == pytest.approx(zero - high - HALO, abs=0.2)
        assert down.max() / per_mm == pytest.approx(zero + HALO, abs=0.2)


def test_raising_is_blue_lowering_orange_and_the_mean_over_leads_violet() -> None:
    x = beats(1)[0]
    raises, lowers = (rgb(heat_of(x, marked(300, sign), "full", 500.0)) for sign in (1.0, -1.0))
    assert blue(raises).sum() == orange(lowers).sum() > 20
    assert orange(raises).sum() == blue(lowers).sum() == 0
    up, down = (heat_of(x, marked(300, sign), "averaged", 500.0) for sign in (1.0, -1.0))
    assert up == down
    violet = rgb(up)[coloured(up)]
    assert (violet[:, 2] > violet[:, 0]).all()
    assert (violet[:, 0] > violet[:, 1]).all()


def test_the_stronger_of_two_samples_in_a_pixel_gives_its_colour() -> None:
    heatmap = marked(300, 0.5) + marked(301, -1.0)
    picture = rgb(heat_of(np.zeros((12, 600)), heatmap, "full", 500.0))
    assert orange(picture).sum() > 20
    assert blue(picture).sum() == 0


@pytest.mark.parametrize("view", ["full", "averaged"])
def test_every_map_is_drawn_on_its_own_scale_whatever_its_unit(view: str) -> None:
    x, heatmap = beats(1)[0], np.random.default_rng(0).standard_normal((12, 600))
    assert heat_of(x, heatmap, view, 500.0) == heat_of(x, 1024 * heatmap, view, 500.0)


@pytest.mark.parametrize("view", ["full", "averaged"])
@pytest.mark.parametrize("length", [600, 5000])
def test_colour_is_as_large_as_the_sheet_and_a_map_of_zeros_is_white(
    view: str, length: int
) -> None:
    x = beats(1, length)[0]
    white = rgb(heat_of(x, np.zeros((12, length)), view, 500.0))
    assert white.shape == rgb(sheet_of(x, view, 500.0, 0).png).shape
    assert (white == 255).all()


@pytest.mark.parametrize("length", [600, 5000])
def test_colour_stays_in_the_box_of_its_lead(length: int) -> None:
    x = 2 * beats(1, length)[0]
    geometry = sheet_of(x, "full", 500.0, 0).geometry
    for name, cell in cells(geometry).items():
        heatmap = np.zeros((12, length))
        heatmap[LEADS.index(name)] = 1.0
        down, across = coloured(heat_of(x, heatmap, "full", 500.0))
        per_mm = geometry["pixels_per_mm"]
        assert cell["top"] * per_mm <= down.min() <= down.max() < cell["bottom"] * per_mm
        assert across.min() == round(cell["left"] * per_mm)
        assert across.max() + 1 == round(cell["right"] * per_mm)


def test_sheet_and_colour_multiplied_are_the_report_s_figure() -> None:
    """The image has colour where the figure has it, and beyond that only within the pen's reach."""
    x = beats(1)[0]
    slow = np.repeat(np.random.default_rng(0).standard_normal((12, 30)), 20, axis=1)
    sheet, colour = sheet_of(x, "full", 500.0, 250), heat_of(x, slow, "full", 500.0)
    multiplied = rgb(sheet.png) * rgb(colour) // 255
    per_mm = sheet.geometry["pixels_per_mm"]
    drawn = BytesIO()
    twelve_lead_figure(x, slow, "", origin=250).savefig(
        drawn, format="png", dpi=per_mm * 25.4 / FIGURE_ZOOM
    )
    figure = rgb(drawn.getvalue())[HEADER * per_mm :]
    assert figure.shape == multiplied.shape
    # Between the lines of the paper, where both blending modes agree.
    paper = rgb(sheet.png).min(axis=-1) > 240
    ink = inked(rgb(sheet.png)) | inked(figure)
    bare = paper & np.logical_not(binary_dilation(ink, iterations=2))
    across = np.ones((3, 2 * round(REACH * per_mm) + 3), bool)
    for hue, other in ((blue, orange), (orange, blue)):
        ours, theirs = hue(multiplied) & bare, hue(figure) & bare
        assert theirs.sum() > 1000
        assert not (other(multiplied) & theirs).any()
        assert np.quantile(np.abs(multiplied - figure).max(axis=-1)[theirs], 0.9) < 8
        assert (ours & binary_dilation(hue(figure), across)).sum() / ours.sum() > 0.95


def test_a_map_says_nothing_but_what_is_to_be_seen() -> None:
    x, heatmap = beats(1)[0], np.random.default_rng(0).standard_normal((12, 600))
    assert {*chunks(heat_of(x, heatmap, "full", 500.0))} == {"IHDR", "PLTE", "IDAT", "IEND"}


def test_a_map_with_gaps_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a finite heatmap"):
        heat_of(beats(1)[0], marked(300, np.nan), "full", 500.0)
