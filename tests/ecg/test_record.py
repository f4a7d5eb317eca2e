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
        ({"signal": np.zeros((12, 500)), "beat": np.zeros((12, 500))}, ["(12, 600)", "(12, 500)"]),
    ],
)
def test_a_wrong_record_is_refused_at_the_door_in_one_line(arguments, words):
    with pytest.raises(ValueError, match="record '7'") as refused:
        Record(id="7", **arguments)
    message = str(refused.value)
    assert "\n" not in message
    assert all(word in message for word in words), message


def test_a_record_keeps_its_signal_as_float32():
    record = Record(np.ones((12, 5000)))
    assert record.signal.dtype == np.float32
    assert record.fs == 500.0


@pytest.mark.parametrize("rate", [None, "500", True, [500.0], np.array([500.0, 500.0])])
def test_a_sampling_rate_that_is_no_number_is_refused_in_one_line(rate: object) -> None:
    with pytest.raises(ValueError, match=r"record '7': expected a sampling rate .* 100 Hz") as no:
        checked_rate(rate, "record '7'")
    assert "\n" not in str(no.value)
    assert checked_rate(np.array(500), "record '7'") == 500.0
