"""Where a recorder's typical beat can be taken as it is, and where it cannot."""

from dataclasses import replace

import numpy as np
import pytest
from ecglens.ecg import draw_exact, exact_beat, exact_record, median_beat, resampled
from ecglens_formats.embedded import Embedded, TypicalBeat, age_on, microvolts, without_calibration

EXACT = exact_beat(draw_exact(seed=3, index=0))
BEAT = EXACT.signal.astype(float)
# Fiducial points in ms from the first sample of the beat.
POINTS = {"p_on": 300.0, "p_off": 400.0, "qrs_on": 460.0, "qrs_off": 560.0, "t_off": 860.0}


def padded(before: int, behind: int) -> np.ndarray:
    """The exact beat with so many samples more at its ends."""
    return np.pad(BEAT, ((0, 0), (before, behind)), mode="edge")


def test_600_samples_at_500_hz_around_the_named_point_are_taken_as_they_are() -> None:
    beat, marks = TypicalBeat(BEAT, 500.0, r_ms=500.0, points=POINTS).placed()
    np.testing.assert_array_equal(beat, BEAT)
    assert marks is not None
    assert (marks.p_on, marks.qrs_on, marks.qrs_off, marks.t_off) == (150, 230, 280, 430)
    assert np.isnan(marks.t_on)


def test_a_longer_beat_is_cut_and_its_marks_move_with_it() -> None:
    points = {name: ms + 20.0 for name, ms in POINTS.items()}
    beat, marks = TypicalBeat(padded(10, 200), 500.0, r_ms=520.0, points=points).placed()
    np.testing.assert_array_equal(beat, BEAT)
    assert marks is not None
    assert (marks.p_on, marks.t_off) == (150, 430)


def test_a_beat_at_another_rate_is_resampled() -> None:
    fast = resampled(BEAT, 500.0, 1000.0)
    beat, _ = TypicalBeat(fast, 1000.0, r_ms=500.0).placed()
    inside = slice(10, -10)  # the ends lie on a line after resampling
    assert np.abs(beat - BEAT)[:, inside].max() < 0.02 * np.abs(BEAT).max()


@pytest.mark.parametrize("index", range(8))
def test_without_a_named_point_it_lies_where_our_own_median_beat_would(index: int) -> None:
    record = exact_record(draw_exact(seed=5, index=index))
    ours = median_beat(replace(record, beat=None)).signal.astype(float)
    longer = np.pad(ours, ((0, 0), (14, 20)), mode="edge")
    beat, _ = TypicalBeat(longer, 500.0).placed()
    np.testing.assert_array_equal(beat, ours)


@pytest.mark.parametrize(
    ("typical", "reason"),
    [
        (TypicalBeat(BEAT[:, 1:], 500.0, 498.0), "498 ms before its R peak and 700 behind"),
        (TypicalBeat(BEAT[:, :-1], 500.0, 500.0), "500 ms before its R peak and 698 behind"),
        (TypicalBeat(BEAT[:, :250], 500.0, 500.0), "it lasts 500 ms, 1200 are needed"),
        (TypicalBeat(BEAT[:, :0], 500.0, 500.0), "it lasts 0 ms, 1200 are needed"),
        (TypicalBeat(BEAT, 500.0, 501.0), "R peak is named at 501 ms"),
        (TypicalBeat(BEAT, 500.0, 420.0), "R peak is named at 420 ms and seen at"),
    ],
)
def test_a_beat_is_not_taken_where_that_would_not_be_exact(
    typical: TypicalBeat, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        typical.placed()
    record = Embedded(BEAT, 500.0, "p", {"pr": 160.0}, typical).record("1")
    assert record.beat is None
    assert record.marks is None
    assert record.labels == {"pr": 160.0}


@pytest.mark.parametrize(
    "change",
    [
        {"p_on": 470.0},  # P begins behind QRS
        {"t_off": 1300.0},  # outside
        {"qrs_off": float("nan")},
        {"p_on": -4.0},
    ],
)
def test_marks_out_of_turn_are_left_out(change: dict[str, float]) -> None:
    _, marks = TypicalBeat(BEAT, 500.0, 500.0, POINTS | change).placed()
    assert marks is None


def test_p_may_be_missing_from_the_marks() -> None:
    nan = float("nan")
    typical = TypicalBeat(BEAT, 500.0, 500.0, POINTS | {"p_on": nan, "p_off": nan})
    assert Embedded(BEAT, 500.0, typical=typical).record("1").marks is not None


def test_a_calibration_pulse_and_the_zeros_around_it_are_no_ecg() -> None:
    pulse = np.zeros((12, 200))
    pulse[:, 50:150] = 1000.0
    pulse += 5.0 * np.random.default_rng(0).integers(-1, 2, pulse.shape)  # as after a filter
    whole = np.concatenate((BEAT, pulse), axis=1)
    shortened = without_calibration(whole)
    assert 600 - shortened.shape[1] <= np.sum(np.ptp(BEAT[:, -200:], axis=0) <= 20.0)
    np.testing.assert_array_equal(shortened, BEAT[:, : shortened.shape[1]])


def test_zeros_without_a_pulse_stay() -> None:
    flat = np.zeros((12, 500))
    for signal in (flat, np.concatenate((BEAT, flat), axis=1)):
        np.testing.assert_array_equal(without_calibration(signal), signal)


def test_the_record_carries_what_the_file_says() -> None:
    typical = TypicalBeat(BEAT, 500.0, 500.0)
    record = Embedded(BEAT, 250.0, "p", {"pr": 160.0}, typical).record("a/1.xml")
    assert (record.fs, record.id, record.patient) == (250.0, "a/1.xml", "p")
    assert record.beat is not None
    assert replace(record, labels={}).beat is record.beat


def test_units_are_known_or_refused() -> None:
    assert [microvolts(unit, "") for unit in ("uV", "µV", "mV", "V", "nV")] == [
        1,
        1,
        1e3,
        1e6,
        1e-3,
    ]
    for unit in ("MV", "", None, "mm"):
        with pytest.raises(ValueError, match="expected for lead I a unit of uV, mV, V or nV"):
            microvolts(unit, "lead I")


def test_an_age_needs_both_dates() -> None:
    assert age_on("20021122", "1953-05-08") == pytest.approx(49.54, abs=0.01)
    assert age_on("20021122", "1953") is None
    assert age_on(None, "19530508") is None
