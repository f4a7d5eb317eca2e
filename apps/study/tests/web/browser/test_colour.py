"""Pixels of the maps: visible on every screen, at their time, equal ink for equal time and step."""

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
from .small_study import FS, R_PEAK, beat

SCREENS = {"desk": (1440, 900), "laptop": (1024, 768), "phone": (390, 844)}
LEAST_CONTRAST = 3.0
STEPS = {1: 3.4, 2: 5.5, 3: 9.5}  # contrast of each step with the paper, as documented
PAPER = np.array([0xFF, 0xFD, 0xFB])
MOST_LANE = 48  # px, of drawing.js
PER_MM = 8
DRAW = """async ([geometry, signal, steps, view, size, signed]) => {
  const { draw, rows } = await import("/static/drawing.js");
  const bytes = (text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0)).buffer;
  const canvas = document.createElement("canvas");
  Object.assign(canvas.style, { position: "fixed", left: 0, top: 0, width: `${size[0]}px`, height: `${size[1]}px` });
  document.body.append(canvas);
  const [left, top, width] = view;
  draw(canvas, geometry, rows(bytes(signal), geometry, Int16Array), steps && rows(bytes(steps), geometry, Int8Array), { left, top, width, height: width * size[1] / size[0] }, { signed });
  const drawn = canvas.toDataURL();
  canvas.remove();
  return drawn;
}"""  # noqa: E501


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Relative luminance (WCAG 2) of colours in 0…255."""
    share = rgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(rgb: np.ndarray) -> np.ndarray:
    """Contrast of colours with the paper."""
    return (luminance(PAPER) + 0.05) / (luminance(rgb) + 0.05)


def pixels(png: bytes) -> np.ndarray:
    """Colours of a picture, (row, column, 3)."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(float)


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize(("turn", "signed"), [(2, False), (2, True), (3, False)])
def test_coloured_pixels_of_every_tile_contrast_with_the_paper(
    open_page, small, screen, turn, signed
):
    width, height = SCREENS[screen]
    page = open_page(small, "ann", viewport={"width": width, "height": height})
    for _ in range(turn - 1):
        to_vote(page, "1")
    page.wait_for_selector("[data-vote].drawn", state="attached")
    page.mouse.move(0, 0)
    if signed:
        page.keyboard.press("s")
    for tile in page.locator(".tile canvas").all():
        tile.scroll_into_view_if_needed()
        shown = pixels(tile.screenshot())
        hide_colour(page)
        bare = pixels(tile.screenshot())
        page.keyboard.press("h")
        heated = np.abs(shown - bare).max(axis=-1) > 0
        assert heated.sum() > 100
        assert contrast(shown[heated]).mean() >= LEAST_CONTRAST


Draw = Callable[..., np.ndarray]


@pytest.fixture
def drawn(open_page, small) -> Draw:
    """Function that draws an ECG as the page does, (row, column, 3); without steps the ECG alone.

    `left`, `top`, `wide` and `high` are the part that is seen, in mm.
    """
    page: Page = open_page(small, "ann")

    def draw(
        paper: Paper,
        steps: np.ndarray | None,
        box: tuple[float, float, float, float],
        per_mm: int,
        signed: bool = False,
    ):
        left, top, wide, high = box
        signal = base64.b64encode(paper.signal).decode()
        heat = "" if steps is None else base64.b64encode(steps.tobytes()).decode()
        size = [round(wide * per_mm), round(high * per_mm)]
        view = [left, top, wide]
        found = page.evaluate(DRAW, [dict(paper.geometry), signal, heat, view, size, signed])
        return pixels(base64.b64decode(found.partition(",")[2]))

    return draw


def marked(
    start: int, step: int = 3, lead: str = "V5", many: int = 1, length: int = 600
) -> np.ndarray:
    """Steps with `many` coloured samples."""
    steps = np.zeros((12, length), np.int8)
    steps[LEADS.index(lead), start : start + many] = step
    return steps


def blue(picture: np.ndarray) -> np.ndarray:
    """Blue or violet, which paper, grid and ink lack."""
    return picture[..., 2] - picture[..., 0] > 40


def orange(picture: np.ndarray) -> np.ndarray:
    return picture[..., 0] - picture[..., 2] > 60


def cell_of(paper: Paper, lead: str) -> dict[str, Any]:
    return next(each for each in paper.geometry["cells"] if each["name"] == lead)


def around(cell: dict[str, Any]) -> tuple[float, float, float, float]:
    """Left, top, width and height of a lead with its lane, in mm."""
    return (
        cell["left"] - 1,
        cell["top"],
        cell["right"] - cell["left"] + 2,
        (cell["bottom"] - cell["top"]),
    )


def test_a_sample_is_coloured_at_its_time_in_its_lane_at_every_zoom_and_rate(drawn) -> None:
    draw = np.random.default_rng(0)
    for fs, per_mm, microvolts in ((500.0, 8, 500.0), (250.0, 11, -800.0), (1000.0, 3, 0.0)):
        paper = sheet_of(np.full((12, 600), microvolts), "full", fs, 0)
        cell = cell_of(paper, "aVF")
        for sample in draw.integers(0, 600, 5):
            picture = drawn(paper, marked(sample, lead="aVF"), around(cell), per_mm)
            down, across = np.nonzero(blue(picture))  # violet
            begin, end = np.array([across.min(), across.max() + 1]) / per_mm - 1
            ms = np.array([sample, sample + 1]) / fs * 1000
            assert [begin, end] == pytest.approx(ms * 0.025, abs=1 / per_mm)
            high = np.array([down.min(), down.max() + 1]) / per_mm + cell["top"] - cell["lane"]
            assert high == pytest.approx([1, 3], abs=1.5 / per_mm)


@pytest.mark.parametrize("signed", [False, True])
def test_equal_time_and_step_is_equal_ink_in_the_p_wave_and_in_the_qrs_complex(
    drawn, signed
) -> None:
    paper = sheet_of(beat(1), "full", FS, R_PEAK)
    for lead in ("II", "V2"):
        box = around(cell_of(paper, lead))
        bare = drawn(paper, None, box, PER_MM)
        ink = []
        for start in (R_PEAK - 80, R_PEAK - 20):  # 40 samples: 2 mm
            picture = drawn(paper, marked(start, 2, lead, many=40), box, PER_MM, signed)
            changed = np.abs(picture - bare).max(axis=-1) > 0
            ink.append((changed & blue(picture)).sum())
            # Colour hides nothing of the trace.
            assert (picture[bare.max(axis=-1) < 60] == bare[bare.max(axis=-1) < 60]).all()
        assert ink[0] == ink[1] == 2 * PER_MM * 2 * PER_MM


def test_the_sign_changes_colours_and_no_ink(drawn) -> None:
    paper = sheet_of(np.zeros((12, 600)), "full", 500.0, 250)
    box = around(cell_of(paper, "V5"))
    steps = marked(100, 3, many=60) + marked(200, -3, many=60) + marked(300, -1, many=60)
    absolute, signed = (drawn(paper, steps, box, PER_MM, each) for each in (False, True))
    assert orange(absolute).sum() == 0
    coloured = [blue(each) | orange(each) for each in (absolute, signed)]
    np.testing.assert_array_equal(coloured[0].sum(axis=0), coloured[1].sum(axis=0))
    down = [np.nonzero(hue(signed))[0] for hue in (blue, orange)]
    assert down[0].max() < down[1].min()  # grey tells the sign, too
    assert len(down[1]) == 2 * len(down[0])


def test_steps_have_the_documented_contrast_in_every_hue(drawn) -> None:
    paper = sheet_of(np.zeros((12, 600)), "full", 500.0, 250)
    box = around(cell_of(paper, "V5"))
    for step, documented in STEPS.items():
        for sign, hue, signed in ((1, blue, False), (1, blue, True), (-1, orange, True)):
            picture = drawn(paper, marked(300, sign * step, many=40), box, PER_MM, signed)
            found = contrast(picture[hue(picture)])
            assert len(found) == 2 * PER_MM * 2 * PER_MM
            assert found == pytest.approx(documented, abs=0.06)


def test_the_strongest_sample_of_a_column_gives_its_colour(drawn) -> None:
    paper = sheet_of(np.zeros((12, 600)), "full", 500.0, 250)
    box = around(cell_of(paper, "V5"))
    picture = drawn(paper, marked(300, 1) + marked(301, -2), box, 4, signed=True)
    assert (orange(picture).sum() > 3, blue(picture).sum()) == (True, 0)


def test_a_part_without_its_lane_has_the_map_at_its_end_under_a_trace_that_is_seen(drawn) -> None:
    paper = sheet_of(np.zeros((12, 600)), "full", 500.0, 250)
    cell = cell_of(paper, "V5")
    for per_mm, high in ((8, 5.5), (40, 3.0)):  # the lane begins 2 mm below the upper end
        box = (cell["left"] + 5, cell["zero"] - 1, 12.0, high)
        picture = drawn(paper, np.full((12, 600), 3, np.int8), box, per_mm, signed=True)
        down, _ = np.nonzero(blue(picture))
        half = min(2 * per_mm, MOST_LANE // 2)
        assert (down.min(), down.max() + 1) == (high * per_mm - 2 * half, high * per_mm - half)
    paper = sheet_of(np.full((12, 600), -150.0), "full", 500.0, 250)  # 1.5 mm: in that lane
    box = (cell["left"] + 5, cell_of(paper, "V5")["zero"] - 1, 12.0, 5.5)
    picture = drawn(paper, np.full((12, 600), 3, np.int8), box, 8, signed=True)
    column = luminance(picture[:, 48])
    ink = column.argmin()
    assert blue(picture)[:, 48].any()
    assert (column[ink - 3 : ink + 4].max() + 0.05) / (column[ink] + 0.05) > LEAST_CONTRAST
