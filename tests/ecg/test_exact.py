from dataclasses import astuple

import numpy as np
import pytest
from ecglens.ecg import INDEPENDENT_INDEX, V5, draw_exact, exact_beat, exact_record, median_beat
from ecglens.ecg.synthetic.exact import bumps
from hypothesis import given, settings
from hypothesis import strategies as st

numbers = st.integers(0, 10_000)


@settings(max_examples=50, deadline=None)
@given(seed=numbers, index=numbers)
def test_amplitudes_read_at_the_marks_equal_the_labels_exactly(seed, index):
    record = exact_beat(draw_exact(seed, index))
    marks, v5 = record.marks, record.signal[V5].astype(float)
    assert marks is not None
    on, j = int(marks.qrs_on), int(marks.qrs_off)
    above = v5 - v5[on - 8 : on].mean()
    t_piece = above[j + 30 : int(marks.t_off) + 1]
    assert above[on : j + 1].max() == record.labels["r"]
    assert above[j] == record.labels["j"]
    assert t_piece[np.argmax(np.abs(t_piece))] == record.labels["t"]


@settings(max_examples=50, deadline=None)
@given(seed=numbers, index=numbers)
def test_a_wave_is_zero_at_its_marks_and_not_inside(seed, index):
    parameters = draw_exact(seed, index)
    marks, signal = parameters.marks, exact_beat(parameters).signal
    size = np.abs(signal[list(INDEPENDENT_INDEX)]).max(axis=0)
    p_on, p_off, qrs_on, qrs_off, t_on, t_off = (int(edge) for edge in astuple(marks)[:6])
    assert not size[p_off : qrs_on + 1].any()
    assert size[p_on] == size[t_off] == 0.0
    assert size[p_on + 1 : p_off].min() > 0.0
    assert size[qrs_on + 1 : qrs_off].min() > 0.0
    assert size[t_on + 1 : t_off].min() > 0.0
    # With J = 0 the ST segment is at rest.
    assert (size[qrs_off : t_on + 1].min() > 0.0) == (parameters.labels["j"] != 0.0)
    labels = parameters.labels
    assert labels["pr"] == 2 * (qrs_on - p_on)
    assert labels["qrs"] == 2 * (marks.qrs_off - qrs_on)
    assert labels["qt"] == 2 * (t_off - qrs_on)


def test_the_labels_are_drawn_independently():
    labels = np.array([list(draw_exact(3, index).labels.values()) for index in range(3000)])
    correlation = np.corrcoef(labels.T) - np.eye(labels.shape[1])
    # Four standard errors of a correlation of 3000 independent pairs.
    assert np.abs(correlation).max() < 4 / np.sqrt(3000)
    assert (labels.std(axis=0) > [15, 10, 25, 300, 50, 100, 7]).all()


def test_an_exact_ecg_depends_on_its_seed_and_index_alone():
    alone = exact_record(draw_exact(1, 7), noise_uv=10.0)
    for index in range(5):
        exact_record(draw_exact(1, index), noise_uv=10.0)
    again = exact_record(draw_exact(1, 7), noise_uv=10.0)
    np.testing.assert_array_equal(alone.signal, again.signal)
    assert alone.labels == again.labels
    assert not np.array_equal(alone.signal, exact_record(draw_exact(2, 7), noise_uv=10.0).signal)


def test_bumps_rise_to_one_and_vanish_outside_their_support():
    wave = np.array([[10, 20, 50]])
    values = bumps(wave, np.arange(60))[0]
    assert values[20] == 1.0
    assert values[15] == pytest.approx(0.5)
    assert values[35] == pytest.approx(0.5)
    assert not values[:11].any()
    assert not values[50:].any()


def test_a_strip_repeats_its_beat_at_its_rate():
    parameters = draw_exact(0, 1)
    record = exact_record(parameters)
    lead = record.signal[V5]
    peaks = np.flatnonzero(lead == record.labels["r"])
    np.testing.assert_allclose(np.diff(peaks), parameters.rr_samples, atol=1)
    assert record.r_peaks is not None
    inside = (record.r_peaks >= 0) & (record.r_peaks < 5000)
    np.testing.assert_array_equal(peaks, record.r_peaks[inside])
    marks = parameters.marks
    low, high = int(marks.p_on), int(marks.t_off) + 1
    beat = exact_beat(parameters).signal
    for peak in peaks[1:-1]:
        piece = record.signal[:, peak - 250 :][:, low:high]
        np.testing.assert_array_equal(piece, beat[:, low:high])


def test_noise_has_the_asked_size_and_obeys_einthoven():
    parameters = draw_exact(0, 2)
    noise = exact_record(parameters, noise_uv=20.0).signal - exact_record(parameters).signal
    assert noise[list(INDEPENDENT_INDEX)].std() == pytest.approx(20.0, rel=0.02)
    np.testing.assert_allclose(noise[2], noise[1] - noise[0], atol=1e-3)


def test_an_exact_ecg_brings_its_own_median_beat():
    record = exact_record(draw_exact(0, 3), noise_uv=30.0)
    np.testing.assert_array_equal(median_beat(record).signal, exact_beat(draw_exact(0, 3)).signal)


@pytest.mark.parametrize("rr_scatter", [0.0, 0.1])
def test_the_label_of_the_rate_is_that_of_the_strip(rr_scatter):
    for index in range(10):
        record = exact_record(draw_exact(3, index), rr_scatter=rr_scatter)
        peaks = record.r_peaks
        assert peaks is not None
        rr = np.diff(peaks[(peaks >= 0) & (peaks < 5000)])
        share = 0.005 if rr_scatter == 0 else 1e-9  # R peaks fall on samples
        assert record.labels["rate"] == pytest.approx(30_000 / rr.mean(), rel=share)
