import csv

import numpy as np
import pytest
from ecglens.ecg import VERSION, draw_exact, exact_record

from benchmarks.ludb_marks import intervals_ms
from benchmarks.ludb_reading import manual_intervals, nanmedian
from benchmarks.validate_ludb import GOAL_MS

from .conftest import LUDB


@pytest.fixture(scope="module")
def derived() -> dict[str, dict[str, str]]:
    with (LUDB / "manual_intervals_derived.csv").open() as lines:
        return {row["rec"]: row for row in csv.DictReader(lines)}


def numbers(row: dict[str, str], *columns: str) -> np.ndarray:
    return np.array([float(row[column] or "nan") for column in columns])


def test_the_manual_global_intervals_are_those_of_the_marks(ludb, derived):
    for name, marked in ludb.items():
        expected = numbers(derived[name], "g1_PR", "g1_QRS", "g1_QT")
        np.testing.assert_array_equal(manual_intervals(marked)[0], expected)
        assert str(marked.clean) == derived[name]["clean"]


def test_the_manual_intervals_of_lead_v5_are_those_of_the_marks(ludb, derived):
    for name, marked in ludb.items():
        expected = numbers(derived[name], "v5_PR", "v5_QRS", "v5_QT")
        found = nanmedian(intervals_ms(marked.marks[:, 10], 500.0), axis=0)
        np.testing.assert_allclose(found, expected, atol=4.0)


@pytest.mark.parametrize("name", ["pr", "qrs", "qt"])
def test_clean_sinus_rhythm_is_measured_as_cardiologists_do(ludb, measured, name):
    place = ["pr", "qrs", "qt"].index(name)
    clean = {record: marked for record, marked in ludb.items() if marked.clean}
    errors = np.array(
        [
            getattr(measured[record], name) - manual_intervals(marked)[0][place]
            for record, marked in clean.items()
        ]
    )
    assert len(errors) == 26
    assert np.abs(errors).mean() <= GOAL_MS[name]
    assert abs(errors.mean()) <= 4.0


def test_no_record_is_refused_and_clean_ones_miss_nothing(ludb, measured):
    assert len(measured) == len(ludb) == 32
    assert all(not measured[name].reasons for name, marked in ludb.items() if marked.clean)


@pytest.mark.parametrize("record", ["38", "109"])
def test_atrial_fibrillation_has_qrs_and_qt_and_says_why_it_has_no_pr(ludb, measured, record):
    found = measured[record]
    assert found.reasons == {"pr": "atrial fibrillation"}
    _, qrs, qt = manual_intervals(ludb[record])[0]
    assert found.qrs == pytest.approx(qrs, abs=50)
    assert found.qt == pytest.approx(qt, abs=60)


# (PR, QRS, QT, tangent QT in ms; R, J, T in µV; rate) of three records (the µV
# are those of the files, in which every lead spans 1 mV). When these change, raise
# VERSION in ecg/measurement.py, so that prepared data is made anew, and write the new numbers here.
GOLDEN = {
    "1": [142.0, 94.0, 482.0, 463.8, 871.8, -16.1, 156.5, 45.4],
    "38": [np.nan, 114.0, 379.0, 349.0, 558.0, -31.0, -110.8, 108.8],
    "78": [214.0, 110.0, 444.0, 427.3, 554.1, -3.0, 194.8, 62.8],
}
EXACT_LABELS = {"pr": 132.0, "qrs": 80.0, "qt": 402.0, "r": 862.0, "j": -9.0, "t": 200.0}
EXACT_LABELS["rate"] = 69.754512
EXACT_V5 = [34.631, 24.554, 25.789, 36.679, 32.580]
GOLDEN_VERSION = 10


@pytest.mark.parametrize("record", sorted(GOLDEN))
def test_numbers_change_only_with_the_version(measured, record):
    found = measured[record]
    values = list(found.values().values())
    values.insert(3, found.qt_tangent)
    assert VERSION == GOLDEN_VERSION
    np.testing.assert_allclose(values, GOLDEN[record], atol=0.05)


def test_exact_ecgs_change_only_with_the_version():
    record = exact_record(draw_exact(0, 0), noise_uv=10.0)
    assert VERSION == GOLDEN_VERSION
    assert record.labels == pytest.approx(EXACT_LABELS)
    np.testing.assert_allclose(record.signal[10, 1000:1005], EXACT_V5, atol=0.01)


def test_the_next_p_wave_is_not_taken_for_a_u_wave(measured):
    flag = "U wave fused with T"
    assert flag in measured["31"].flags  # it rises 280 ms before the next P
    assert flag not in measured["106"].flags  # it rises with the next P
