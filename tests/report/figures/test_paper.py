"""ECG paper: true aspect, room for every trace, marks that say what they mark."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from ecglens.ecg import LEADS
from ecglens.report.figures.paper import (
    MM_PER_MS,
    MM_PER_MV,
    SQUARE,
    Sheet,
    small_multiples,
    time_axis,
    twelve_leads,
)
from hypothesis import given, settings
from hypothesis import strategies as st


def test_one_millivolt_is_as_high_as_400_ms_are_wide() -> None:
    assert MM_PER_MV * 1.0 == MM_PER_MS * 400.0 == 2 * SQUARE


def collisions(sheet: Sheet, x: np.ndarray, names: list[str]) -> list[str]:
    """Cells of one column whose traces come within 1.9 mm of each other's highest and lowest."""
    found = []
    for above, below in zip(sheet.cells, sheet.cells[sheet.columns :], strict=False):
        lowest = above.zero - x[:, names.index(above.name)].min() / 1000 * MM_PER_MV
        highest = below.zero - x[:, names.index(below.name)].max() / 1000 * MM_PER_MV
        if highest - lowest < 1.9:
            found.append(f"{above.name}/{below.name}")
    return found


@given(st.integers(0, 2**32 - 1), st.floats(10.0, 4000.0), st.sampled_from([600, 5000]))
@settings(max_examples=30, deadline=None)
def test_no_trace_runs_into_the_next_row(seed: int, size: float, length: int) -> None:
    rng = np.random.default_rng(seed)
    # Leads of very different size, each with slow waves.
    knots = rng.normal(size=(2, 12, 8)) * rng.uniform(0, size, (1, 12, 1))
    x = np.repeat(knots, length // 8, axis=2)
    sheet = twelve_leads(x, 500.0)
    assert Counter(cell.name for cell in sheet.cells) == Counter(LEADS)
    assert collisions(sheet, x, list(LEADS)) == []
    assert all(zero % SQUARE == 0 for zero in sheet.zeros)
    for cell in sheet.cells:
        trace = cell.zero - x[:, LEADS.index(cell.name)] / 1000 * MM_PER_MV
        assert trace.min() >= 0
        assert trace.max() <= sheet.height - SQUARE
        assert 0 < cell.label < cell.zero
        assert cell.left + sheet.cell_width <= sheet.width


def test_a_beat_is_printed_as_clinics_print_it_and_a_strip_row_by_row() -> None:
    beat, strip = np.zeros((1, 12, 600)), np.zeros((1, 12, 5000))
    first_row = [cell.name for cell in twelve_leads(beat, 500.0).cells[:4]]
    assert first_row == ["I", "aVR", "V1", "V4"]
    assert [cell.name for cell in twelve_leads(strip, 500.0).cells] == list(LEADS)
    assert twelve_leads(strip, 500.0).columns == 1


def test_marks_on_the_mv_axis_stand_where_their_millivolts_are() -> None:
    sheet = small_multiples(["a", "b", "c", "d", "e"], 1500 * np.ones((1, 600)), 500.0)
    for text, down in sheet.millivolt_marks():
        nearest = min(sheet.zeros, key=lambda zero: abs(zero - down))
        assert (nearest - down) / MM_PER_MV == pytest.approx(float(text.replace("−", "-")))
    downs = [down for _, down in sheet.millivolt_marks()]
    assert np.diff(sorted(downs)).min() >= 3.0  # 6-point figures are 2.1 mm high
    close = replace(sheet, zeros=(20.0, 45.0)).millivolt_marks()
    assert ("+1", 35.0) in close
    assert ("−1", 30.0) not in close  # 5 mm above it


def test_time_is_counted_from_the_r_peak_of_a_beat_and_from_the_start_of_a_strip() -> None:
    beat, strip = time_axis(600, 500.0, 250), time_axis(5000, 500.0, 0)
    assert [text for text, _ in beat.marks if text] == ["−400", "0", "400"]
    assert dict(beat.marks)["0"] == pytest.approx(500 * MM_PER_MS)
    assert beat.unit == "ms"
    assert [text for text, _ in strip.marks] == [str(second) for second in range(11)]
    assert strip.unit == "s"
