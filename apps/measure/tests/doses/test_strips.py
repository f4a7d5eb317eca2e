"""Doses on strips of 10 s: the map is repeated at every beat, and the rhythm can be changed."""

import numpy as np
import pytest
from ecglens.ecg import Record, draw_exact, exact_record, measure, median_beat
from ecglens_measure import Marked, applied, marked


@pytest.fixture(scope="module")
def drawn() -> Marked:
    """Exact strips with a little noise and irregular RR, known by their signals alone."""
    strips = [exact_record(draw_exact(7, index), 5.0, 0.03).signal for index in range(4)]
    return marked(np.stack(strips))


@pytest.mark.parametrize(("name", "by"), [("pr", 20.0), ("t_shift", 20.0), ("jt", -20.0)])
def test_every_beat_of_a_strip_is_changed(drawn: Marked, name: str, by: float):
    found = applied(drawn, name, by)
    assert len(found.index) == len(drawn)
    label = {"pr": "pr", "t_shift": "qt", "jt": "qt"}[name]
    for y, x in zip(found.x, drawn.x, strict=True):
        was, now = (measure(median_beat(Record(each))) for each in (x, y))
        assert getattr(now, label) - getattr(was, label) == pytest.approx(by, abs=4.0)
        assert now.rate == was.rate


@pytest.mark.parametrize("by", [-10.0, 10.0])
def test_another_rate_moves_beats_and_leaves_them_as_they_are(drawn: Marked, by: float):
    found = applied(drawn, "rate", by)
    assert len(found.index) == len(drawn)
    np.testing.assert_allclose(found.measured, by, atol=1.0)
    for y, x in zip(found.x, drawn.x, strict=True):
        was, now = (measure(median_beat(Record(each))) for each in (x, y))
        assert now.rate - was.rate == pytest.approx(by, abs=1.0)
        for label in ("pr", "qrs", "qt"):
            assert getattr(now, label) == pytest.approx(getattr(was, label), abs=4.0)


def test_a_premature_beat_comes_early_and_the_next_on_time(drawn: Marked):
    found = applied(drawn, "premature", 20.0)
    for y, row in zip(found.x, found.index, strict=True):
        was, now = drawn.peaks[row], median_beat(Record(y)).r_peaks
        moved = [peak for peak in now if np.abs(was - peak).min() > 20]
        assert len(moved) == 1
        assert len(now) == len(was)


@pytest.mark.parametrize("by", [5.0, 10.0])
@pytest.mark.parametrize("scatter", [0.0, 0.03])
def test_rr_of_every_strip_changes_by_the_dose(by: float, scatter: float):
    x = [exact_record(draw_exact(7, index), 5.0, scatter).signal for index in range(16)]
    ecgs = marked(np.stack(x))
    found = applied(ecgs, "irregular", by)
    assert len(found.index) > 6
    for y, row in zip(found.x, found.index, strict=True):
        was, now = np.diff(ecgs.peaks[row]), np.diff(median_beat(Record(y)).r_peaks)
        assert now.mean() == pytest.approx(was.mean(), abs=0.2)  # samples
        mean = was.mean() / 100  # peaks are found to a sample
        assert (now - was).std() / mean == pytest.approx(by, rel=0.03)
        assert now.std() / mean == pytest.approx(np.hypot(by, was.std() / mean), rel=0.03)


def test_a_median_beat_has_no_rhythm(recorded: Marked):
    assert {*applied(recorded, "rate", 10.0).left_out.values()} == {
        "a median beat has no rhythm; give strips"
    }


@pytest.mark.heavy
def test_records_of_patients_are_changed_or_named_with_a_reason(strips: Marked):
    found = applied(strips, "pr", 20.0)
    assert len(found.index) + len(found.left_out) == len(strips)
    assert len(found.index) >= 5
    assert all(found.left_out.values())
    assert np.abs(found.measured - 20.0).max() <= 4.0
    without_p = [row for row, why in enumerate(strips.reasons) if "pr" in why]
    assert without_p
    assert {*without_p} <= {*found.left_out}
