from typing import Any

import numpy as np
import pytest
from ecglens.ecg import Record
from ecglens.ecg.record import checked_rate


def with_value(value: float) -> np.ndarray:
    signal = np.zeros((12, 5000), np.float32)
    signal[4, 100] = value
    return signal


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"signal": np.zeros((11, 5000))}, ["(12, time)", "(11, 5000)", "in_order"]),
        ({"signal": np.zeros((8, 5000))}, ["(8, 5000)", "from_eight"]),
        ({"signal": np.zeros((5000, 12))}, ["(5000, 12)", "transpose"]),
        ({"signal": np.zeros((3, 12, 5000))}, ["(3, 12, 5000)", "one Record per ECG"]),
        ({"signal": np.zeros((12, 0))}, ["(12, 0)"]),
        ({"signal": with_value(np.nan)}, ["finite", "1 NaN", "aVL"]),
        ({"signal": with_value(np.inf)}, ["finite", "infinite", "aVL"]),
        ({"signal": np.array([["a"] * 5] * 12)}, ["numbers"]),
        ({"signal": np.zeros((12, 500)), "fs": 50.0}, ["100 Hz", "50.0"]),
        ({"signal": np.zeros((12, 500)), "fs": np.nan}, ["100 Hz", "nan"]),
        ({"patient": 7}, ["patient as text", "got 7", "str("]),
        ({"patient": np.nan}, ["patient as text", "got nan"]),
        ({"labels": None}, ["labels by name", "None"]),
        ({"labels": {"patient": 7.0}}, ["another name", "'patient'"]),
        ({"labels": {"id": 7.0}}, ["another name", "'id'"]),
        ({"labels": {"p_on": 7.0}}, ["another name", "'p_on'"]),
        ({"labels": {"a; b": 7.0}}, ["another name", "'a; b'"]),
        ({"labels": {7: 7.0}}, ["another name", "7"]),
        ({"labels": {"h": np.inf}}, ["number", "'h'", "inf"]),
        ({"labels": {"sex": "F"}}, ["number", "'sex'", "'F'", "NaN"]),
        ({"labels": {"pr": None}}, ["number", "'pr'", "None", "NaN"]),
        ({"r_peaks": [100.0, np.nan]}, ["R peaks", "nan"]),
        ({"r_peaks": [[100, 200]]}, ["R peaks", "[[100, 200]]"]),
        ({"signal": np.zeros((12, 500)), "beat": np.zeros((12, 500))}, ["(12, 600)", "(12, 500)"]),
    ],
)
def test_a_wrong_record_is_refused_at_the_door_in_one_line(arguments, words):
    with pytest.raises(ValueError, match="record '7'") as refused:
        Record(**{"signal": np.zeros((12, 5000)), "id": "7", **arguments})
    message = str(refused.value)
    assert "\n" not in message
    assert all(word in message for word in words), message


def test_a_record_keeps_its_signal_as_float32():
    record = Record(np.ones((12, 5000)))
    assert record.signal.dtype == np.float32
    assert record.fs == 500.0


def test_an_id_is_text_because_prepared_ecgs_are_found_by_it():
    with pytest.raises(ValueError, match="record 7: expected the id as text, got 7"):
        Record(np.ones((12, 5000)), id=7)  # pyright: ignore[reportArgumentType]


def test_labels_of_any_kind_of_number_are_floats_and_r_peaks_an_array():
    labels: dict[str, Any] = {
        "af": True,
        "age": np.int64(60),
        "pr": np.float32(160.0),
        "lbbb": np.bool_(0),
    }
    peaks: Any = [100, 200]
    record = Record(np.ones((12, 5000)), labels=labels | {"qt": np.nan}, r_peaks=peaks)
    known = {"af": 1.0, "age": 60.0, "pr": 160.0, "lbbb": 0.0}
    assert {**record.labels, "qt": 0.0} == known | {"qt": 0.0}
    assert {type(value) for value in record.labels.values()} == {float}
    assert np.isnan(record.labels["qt"])
    assert isinstance(record.r_peaks, np.ndarray)
    assert record.r_peaks.tolist() == peaks


@pytest.mark.parametrize("rate", [None, "500", True, [500.0], np.array([500.0, 500.0])])
def test_a_sampling_rate_that_is_no_number_is_refused_in_one_line(rate: object) -> None:
    with pytest.raises(ValueError, match=r"record '7': expected a sampling rate .* 100 Hz") as no:
        checked_rate(rate, "record '7'")
    assert "\n" not in str(no.value)
    assert checked_rate(np.array(500), "record '7'") == 500.0
