"""Pixels of the maps: visible on every screen, at their time, in the hue of their sign."""

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from ecglens.ecg import LEADS
from ecglens_study.drawing import Paper, sheet_of
from PIL import Image
from playwright.sync_api import Page

from .conftest import hide_colour, to_vote

SCREENS = {"desk": (1440, 900), "laptop": (1024, 768), "phone": (390, 844)}
LEAST_CONTRAST = 3.0
HALO, REACH = 1.7, 0.4  # mm, of drawing.js
PER_MM = 8
DRAW = """async ([geometry, signal, steps, view, size]) => {
  const { draw, rows } = await import("/static/drawing.js");
  const bytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0)).buffer;
  const canvas = document.createElement("canvas");
  Object.assign(canvas.style, { position: "fixed", left: 0, top: 0, width: `${size[0]}px`, height: `${size[1]}px` });
  document.body.append(canvas);
  const [left, top, width] = view;
  draw(canvas, geometry, rows(bytes(signal), geometry, Int16Array), rows(bytes(steps), geometry, Int8Array), { left, top, width, height: width * size[1] / size[0] });
  const drawn = canvas.toDataURL();
  canvas.remove();
  return drawn;
}"""  # noqa: E501


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Relative luminance (WCAG 2) of colours in 0…255."""
    share = rgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def pixels(png: bytes) -> np.ndarray:
    """Colours of a picture, (row, column, 3)."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(float)


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("turn", [2, 3])
def test_coloured_pixels_of_every_tile_contrast_with_the_paper(open_page, small, screen, turn):
    width, height = SCREENS[screen]
    page = open_page(small, "ann", viewport={"width": width, "height": height})
    for _ in range(turn - 1):
        to_vote(page, "1")
    page.wait_for_selector("[data-vote].drawn", state="attached")
    page.mouse.move(0, 0)
    paper = luminance(np.array([0xFF, 0xFD, 0xFB]))
    for tile in page.locator(".tile canvas").all():
        tile.scroll_into_view_if_needed()
        shown = pixels(tile.screenshot())
        hide_colour(page)
        bare = pixels(tile.screenshot())
        page.keyboard.press("h")
        heated = np.abs(shown - bare).max(axis=-1) > 0
        assert heated.sum() > 100
        contrast = (paper + 0.05) / (luminance(shown[heated]) + 0.05)
        assert contrast.mean() >= LEAST_CONTRAST


Draw = Callable[..., np.ndarray]


@pytest.fixture
def drawn(open_page, small) -> Draw:
    """Function that draws an ECG with steps as the page does, (row, column, 3)."""
    page: Page = open_page(small, "ann")

    def draw(paper: Paper, steps: np.ndarray, left: float, top: float, wide: float, per_mm: int):
        high = paper.geometry["height_mm"]
        data = (base64.b64encode(each).decode() for each in (paper.signal, steps.tobytes()))
        size = [round(wide * per_mm), round(high * per_mm)]
        found = page.evaluate(DRAW, [dict(paper.geometry), *data, [left, top, wide], size])
        return pixels(base64.b64decode(found.partition(",")[2]))

    return draw


def marked(sample: int, step: int = 3, lead: str = "V5", length: int = 600) -> np.ndarray:
    """Steps with a single coloured sample."""
    steps = np.zeros((12, length), np.int8)
    steps[LEADS.index(lead), sample] = step
    return steps


def blue(picture: np.ndarray) -> np.ndarray:
    return picture[..., 2] - picture[..., 0] > 60


def orange(picture: np.ndarray) -> np.ndarray:
    return picture[..., 0] - picture[..., 2] > 60


def cell_of(paper: Paper, lead: str) -> dict[str, Any]:
    return next(each for each in paper.geometry["cells"] if each["name"] == lead)


def test_a_sample_is_coloured_at_its_time_and_height_at_every_zoom_and_rate(drawn) -> None:
    draw = np.random.default_rng(0)
    for fs, per_mm, microvolts in ((500.0, 8, 500.0), (250.0, 21, -800.0), (1000.0, 3, 0.0)):
        paper = sheet_of(np.full((12, 600), microvolts), "full", fs, 0)
        cell = cell_of(paper, "aVF")
        for sample in draw.integers(0, 600, 5):
            wide = cell["right"] - cell["left"] + 2
            picture = drawn(paper, marked(sample, lead="aVF"), cell["left"] - 1, 0.0, wide, per_mm)
            down, across = np.nonzero(blue(picture))
            begin, end = np.array([across.min(), across.max() + 1]) / per_mm - 1
            ms = np.array([sample, sample + 1]) / fs * 1000
            assert [begin, end] == pytest.approx(ms * 0.025, abs=1 / per_mm)
            middle = cell["zero"] - microvolts / 1000 * 10
            assert down.min() / per_mm == pytest.approx(middle - HALO, abs=1.1 / per_mm)
            assert (down.max() + 1) / per_mm == pytest.approx(middle + HALO, abs=1.1 / per_mm)


def test_on_a_steep_slope_a_sample_is_as_high_as_the_pen_reaches(drawn) -> None:
    x = np.zeros((12, 600))
    x[LEADS.index("V5"), 300:] = 1500.0
    paper = sheet_of(x, "full", 500.0, 250)
    cell = cell_of(paper, "V5")
    for away, high in ((REACH / 2, 15.0), (2 * REACH, 0.0)):
        sample = round(300 - away / 0.05)
        picture = drawn(paper, marked(sample), cell["left"], 0.0, 32.0, PER_MM)
        down, _ = np.nonzero(blue(picture))
        assert down.min() / PER_MM == pytest.approx(cell["zero"] - high - HALO, abs=0.2)
        assert down.max() / PER_MM == pytest.approx(cell["zero"] + HALO, abs=0.2)


def test_hue_follows_the_sign_and_darkness_the_step(drawn) -> None:
    paper = sheet_of(np.zeros((12, 600)), "full", 500.0, 250)
    left = cell_of(paper, "V5")["left"]
    light = []
    for step in (-3, -2, -1, 1, 2, 3):
        picture = drawn(paper, marked(300, step), left, 0.0, 32.0, PER_MM)
        hue, other = (blue, orange) if step > 0 else (orange, blue)
        assert hue(picture).sum() > 10
        assert other(picture).sum() == 0
        light.append(luminance(picture[hue(picture)]).mean())
    assert light == sorted(light[:3]) + sorted(light[3:], reverse=True)
    # Blue and orange of a step are equally dark: neither sign looks stronger.
    assert light[:3] == pytest.approx(light[:2:-1], rel=0.05)
    both = marked(300, 1) + marked(301, -2)
    picture = drawn(paper, both, left, 0.0, 32.0, 4)
    assert (orange(picture).sum() > 3, blue(picture).sum()) == (True, 0)


@pytest.mark.parametrize("per_mm", [5, 8, 12])
def test_what_lowers_the_output_has_gaps_at_one_height_over_the_whole_tile(drawn, per_mm) -> None:
    paper = sheet_of(np.zeros((12, 600)), "full", 500.0, 250)
    left = cell_of(paper, "V5")["left"] + 5

    def coloured(step: int) -> np.ndarray:
        """Whether a row of each column is coloured, above the trace of V5."""
        steps = np.full((12, 600), step, np.int8)
        picture = drawn(paper, steps, left, 0.0, 20.0, per_mm)
        row = cell_of(paper, "V5")["zero"] * per_mm
        above = picture[round(row - HALO * per_mm) + 1 : round(row - 0.35 * per_mm) - 1]
        return (blue if step > 0 else orange)(above)

    assert coloured(3).all()
    rows = coloured(-3)
    assert (rows == rows[:, :1]).all()
    assert 0.5 < rows.mean() < 0.9


def test_the_trace_is_seen_on_the_darkest_colour(drawn) -> None:
    x = np.full((12, 600), 300.0)
    paper = sheet_of(x, "full", 500.0, 250)
    cell = cell_of(paper, "V5")
    all_dark = np.full((12, 600), 3, np.int8)
    for per_mm in (3, 8):
        picture = drawn(paper, all_dark, cell["left"] + 5, 0.0, 20.0, per_mm)
        column = luminance(picture[:, picture.shape[1] // 2])
        row = (cell["zero"] - 3.0) * per_mm
        near = column[round(row - HALO * per_mm) : round(row + HALO * per_mm)]
        ink, casing = near.min(), near.max()
        assert (casing + 0.05) / (ink + 0.05) > LEAST_CONTRAST
