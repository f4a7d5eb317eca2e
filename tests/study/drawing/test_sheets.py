"""A sheet is ECG paper, and its geometry gives the position of everything on it."""

import json

import numpy as np
import pytest
from ecglens.ecg import LEADS
from ecglens.report.figures.paper import CLINICAL
from ecglens.study.drawing import Picture, sheet_of

from ...report.conftest import beats
from .seen import cells, chunks, inked, rgb

VIEWS = ("full", "averaged")


def flat(microvolts: float, length: int = 600) -> np.ndarray:
    return np.full((12, length), microvolts)


def rows_and_columns(picture: Picture) -> tuple[np.ndarray, np.ndarray]:
    """Positions of ink, in mm from the top and the left."""
    per_mm = picture.geometry["pixels_per_mm"]
    down, across = np.nonzero(inked(rgb(picture.png)))
    return (down + 0.5) / per_mm, (across + 0.5) / per_mm


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("length", [600, 5000])
def test_the_picture_is_as_large_as_its_geometry_says(view: str, length: int) -> None:
    picture = sheet_of(beats(1, length)[0], view, 500.0, 0)
    geometry = json.loads(json.dumps(picture.geometry))
    sides = [geometry[side] * geometry["pixels_per_mm"] for side in ("height_mm", "width_mm")]
    assert list(rgb(picture.png).shape[:2]) == sides
    assert (geometry["mm_per_ms"], geometry["mm_per_mv"]) == (0.025, 10.0)


@pytest.mark.parametrize("view", VIEWS)
def test_the_trace_lies_where_the_geometry_says(view: str) -> None:
    picture = sheet_of(flat(500.0), view, 500.0, 250)
    down, across = rows_and_columns(picture)
    for cell in cells(picture.geometry).values():
        assert cell["right"] - cell["left"] == pytest.approx(1200 * 0.025)
        # From a millimetre on and up to the last one: there the row has this ink alone.
        inner = (across > cell["left"] + 1) & (across < cell["right"] - 1)
        near = inner & (np.abs(down - (cell["zero"] - 5.0)) < 1.0)
        assert down[near].mean() == pytest.approx(cell["zero"] - 5.0, abs=0.07)
        assert np.ptp(down[near]) < 0.4
        assert np.unique(across[near]).size == np.unique(across[inner]).size


@pytest.mark.parametrize("view", VIEWS)
def test_every_row_begins_with_a_pulse_of_1_mv_and_200_ms(view: str) -> None:
    picture = sheet_of(flat(0.0), view, 500.0, 250)
    down, across = rows_and_columns(picture)
    for zero in {cell["zero"] for cell in cells(picture.geometry).values()}:
        plateau = (np.abs(down - (zero - 10.0)) < 0.12) & (across > 7) & (across < 14.9)
        assert np.ptp(across[plateau]) == pytest.approx(5.0, abs=0.4)
        for edge in (9.0, 14.0):
            upright = (np.abs(across - edge) < 0.15) & (down > zero - 11) & (down < zero + 1)
            assert np.ptp(down[upright]) == pytest.approx(10.0, abs=0.4)


def test_paper_has_a_line_every_millimetre_and_a_darker_one_every_fifth() -> None:
    picture = sheet_of(flat(0.0), "full", 500.0, 250)
    per_mm = picture.geometry["pixels_per_mm"]
    row = rgb(picture.png)[round(2.5 * per_mm), round(20 * per_mm) : round(110 * per_mm), 1]
    millimetres = row.reshape(-1, per_mm)
    # A line may straddle the border of two pixels.
    darkest = np.minimum(millimetres[1:, 0], millimetres[:-1, -1])
    coarse = (np.arange(len(darkest)) + 1) % 5 == 0
    assert darkest[coarse].max() < darkest[~coarse].min() - 10
    assert darkest[~coarse].max() < millimetres[:, per_mm // 2].min() - 10


def test_every_lead_of_the_usual_print_has_its_name_above_its_beginning() -> None:
    picture = sheet_of(flat(0.0), "full", 500.0, 250)
    down, across = rows_and_columns(picture)
    found = cells(picture.geometry)
    assert [*found] == [*CLINICAL]
    for cell in found.values():
        over = (down > cell["top"]) & (down < cell["zero"] - 1)
        assert (over & (across > cell["left"]) & (across < cell["left"] + 8)).sum() > 20
        assert not (over & (across > cell["left"] + 9) & (across < cell["right"])).any()


def test_the_averaged_view_is_lead_v5_alone() -> None:
    x = flat(0.0)
    x[LEADS.index("V5")] = 700.0
    found = cells(sheet_of(x, "averaged", 500.0, 250).geometry)
    assert [*found] == ["V5"]
    assert found["V5"]["top"] < found["V5"]["zero"] - 7.0 < found["V5"]["bottom"]


@pytest.mark.parametrize("length", [600, 5000])
def test_a_lead_s_box_holds_its_trace_and_stays_on_the_paper(length: int) -> None:
    x = 3 * beats(1, length)[0]
    geometry = sheet_of(x, "full", 500.0, 250).geometry
    for name, cell in cells(geometry).items():
        trace = cell["zero"] - x[LEADS.index(name)] / 1000 * 10
        assert 0 <= cell["top"] < trace.min() - 1.7
        assert trace.max() + 1.7 < cell["bottom"] <= geometry["height_mm"]


def test_time_is_counted_from_the_origin() -> None:
    assert sheet_of(flat(0.0), "full", 500.0, 250).geometry["origin_ms"] == 500.0
    assert sheet_of(flat(0.0), "full", 250.0, 250).geometry["origin_ms"] == 1000.0


@pytest.mark.parametrize("view", VIEWS)
def test_a_sheet_says_nothing_but_what_is_to_be_seen(view: str) -> None:
    first, second = (sheet_of(beats(1)[0], view, 500.0, 250) for _ in range(2))
    assert {*chunks(first.png)} == {"IHDR", "PLTE", "IDAT", "IEND"}
    assert first == second


def test_an_unknown_view_or_an_ecg_with_gaps_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a view of full, averaged, got 'both'"):
        sheet_of(flat(0.0), "both", 500.0, 250)
    with pytest.raises(ValueError, match="expected a finite ECG"):
        sheet_of(flat(np.nan), "full", 500.0, 250)
