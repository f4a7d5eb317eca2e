"""Measurements in the head of a sheet, against closed forms."""

import math
from dataclasses import replace

import numpy as np
import pytest
from ecglens.datamodules import IN_MEMORY, GivenRecords, Records, prepare, target_of
from ecglens.ecg import LEADS, draw_exact, exact_record, from_eight
from ecglens.store import Store
from ecglens_sheets import PreparedEcg
from ecglens_sheets.measured import Measured, axis, beat_and_count, measured_of, person


def beat_along(degrees: float) -> np.ndarray:
    """A beat whose QRS, 100 ms long, points there in the frontal plane; an offset in every lead."""
    wave = np.zeros(600)
    wave[225:275] = 1000.0
    eight = np.zeros((8, 600))
    # I points to 0°, II to 60°; each lead is the projection of the heart's vector.
    eight[0] = wave * math.cos(math.radians(degrees)) + 300.0
    eight[1] = wave * math.cos(math.radians(degrees - 60.0)) - 200.0
    return from_eight(eight)


@pytest.mark.parametrize("degrees", [-120.0, -60.0, -30.0, 0.0, 45.0, 90.0, 150.0])
def test_the_axis_is_that_of_the_vector_whose_projections_the_leads_are(degrees):
    assert axis(beat_along(degrees), 225.0, 274.0) == pytest.approx(degrees, abs=0.01)


def test_there_is_no_axis_without_edges_or_without_a_net_area():
    beat = beat_along(45.0)
    assert math.isnan(axis(beat, math.nan, 274.0))
    for lead in (0, 1):  # I, II: aVF follows from both
        off = beat.copy()
        off[lead] = 0.0
        assert math.isnan(axis(off, 225.0, 274.0))
    balanced = beat.copy()
    balanced[:, 225:250] = 2 * balanced[:, :1] - balanced[:, 250:275]
    assert math.isnan(axis(balanced, 225.0, 274.0))


def test_there_is_no_axis_from_a_lead_without_a_heart_signal(tmp_path):
    record = replace(exact_record(draw_exact(0, 0), 5.0), beat=None)
    signal = record.signal.copy()
    signal[LEADS.index("II")] = np.random.default_rng(0).normal(0.0, 2.0, signal.shape[1])  # µV
    target, store = target_of("pr"), Store(tmp_path)
    for each, known in ((record, True), (replace(record, signal=signal), False)):
        reader = GivenRecords([each])
        prepared = prepare(Records(IN_MEMORY, reader), store, "median")
        for given in (each, None):  # with its strip, and as it was prepared
            marks = PreparedEcg(prepared, 0, target, reader, given).marks
            assert math.isfinite(marks.axis) == known
            assert math.isfinite(marks.qrs)


def test_qt_is_corrected_by_the_cube_root_of_rr():
    assert Measured(rate=60.0, qt=400.0).qtc == pytest.approx(400.0)
    assert Measured(rate=7.5, qt=400.0).qtc == pytest.approx(200.0)  # RR 8 s


@pytest.mark.parametrize(
    ("rate", "said"),
    [(85.0, ""), (86.0, "the next lies"), (119.0, "the next lies"), (121.0, "the one before and")],
)
def test_beats_beside_the_median_beat_are_named(rate, said):
    beside = Measured(rate=rate).beside()
    assert said in beside
    assert bool(beside) == bool(said)


def test_what_came_with_the_file_is_said_and_what_is_missing_is_a_dash():
    nothing = dict.fromkeys(
        ("rate", "pr", "qrs", "qt", "p_on", "qrs_on", "qrs_off", "t_off"), math.nan
    )
    reasons = '{"pr": "ventricular pacing", "qt": "ventricular pacing", "qrs": "of another beat"}'
    row = nothing | {"qrs": 96.0, "rate": 60.0, "reasons": reasons}
    found = measured_of(row, None, 0, ["qrs", "rate"])
    assert found.words() == (
        "Rate 60 /min · PR – · QRS 96 ms · QT – · QTc (Fridericia) – · QRS axis – · "
        "Rate, QRS came with the file · PR, QT not measured: ventricular pacing"
    )
    assert found.brackets() == []


def test_the_beats_in_a_median_beat_of_the_file_are_not_known():
    record = exact_record(draw_exact(0, 0))  # with its beat
    assert beat_and_count(record)[1] == 0
    assert beat_and_count(replace(record, beat=None))[1] > 5


@pytest.mark.parametrize(
    ("row", "may_leave", "said"),
    [
        ({"age": 63.0, "sex": 1.0}, True, "63 years, female"),
        ({"age": 90.0, "sex": 0.0}, True, "over 89 years, male"),
        ({"age": 89.0}, True, "89 years"),
        ({"age": math.nan, "sex": math.nan}, True, ""),
        ({"age": 63.0, "sex": 1.0}, False, "age and sex withheld"),
        ({}, False, ""),
    ],
)
def test_age_and_sex_are_shown_where_they_may_be(row, may_leave, said):
    assert person(row, [*row], may_leave) == said


def test_an_interval_of_other_edges_than_those_drawn_has_no_bracket():
    edges = {"p_on": 143.0, "qrs_on": 222.0, "qrs_off": 268.0, "t_off": 422.0}
    own = Measured(pr=158.0, qrs=92.0, qt=400.0, edges=edges)
    assert [each.name for each in own.brackets()] == ["PR", "QRS", "QT"]
    given = Measured(pr=176.0, qrs=96.0, qt=400.0, edges=edges)
    assert [each.name for each in given.brackets()] == ["QRS", "QT"]
