import tracemalloc

import numpy as np
import pytest
from ecglens.ecg import beats
from ecglens.ecg.beats import (
    HALF_QRS,
    MAX_SHIFT,
    Search,
    aligned,
    median_of,
    median_of_few,
    r_peaks,
)


def test_the_best_shift_is_that_of_a_slow_search_over_all_leads():
    rng = np.random.default_rng(0)
    wide = np.cumsum(rng.normal(size=(5, 8, 2 * (HALF_QRS + MAX_SHIFT))), axis=-1)
    templates = wide[:3, :, 12 : 12 + 2 * HALF_QRS] + rng.normal(size=(3, 8, 2 * HALF_QRS))
    shift, value = Search.of(wide).best_shift(templates)
    for t, template in enumerate(templates):
        centred = template - template.mean(axis=1, keepdims=True)
        for b, beat in enumerate(wide):
            correlations = []
            for start in range(2 * MAX_SHIFT + 1):
                piece = beat[:, start : start + 2 * HALF_QRS]
                piece = piece - piece.mean(axis=1, keepdims=True)
                norm = np.linalg.norm(piece) * np.linalg.norm(centred)
                correlations.append(np.sum(piece * centred) / norm)
            assert shift[t, b] == np.argmax(correlations) - MAX_SHIFT
            np.testing.assert_allclose(value[t, b], np.max(correlations), atol=1e-9)
    assert shift[0, 0] == 12 - MAX_SHIFT


def test_beats_found_a_little_off_are_moved_onto_each_other():
    rng = np.random.default_rng(1)
    direction = rng.normal(size=(8, 1))
    complex_ = np.exp(-0.5 * (np.arange(-40, 40) / 6.0) ** 2)
    peaks = np.array([300, 700, 1130, 1520])
    eight = rng.normal(0, 0.02, (8, 2000))
    for peak in peaks:
        eight[:, peak - 40 : peak + 40] += direction * complex_
    moved, alike = aligned(eight, peaks + np.array([5, -8, 11, 0]))
    np.testing.assert_allclose(moved, peaks, atol=1)
    assert alike.all()


def test_a_tall_t_wave_is_no_beat():
    time = np.arange(5000)
    signal = np.zeros(5000)
    peaks = np.arange(200, 4900, 450)
    for peak in peaks:
        signal += 1000 * np.exp(-0.5 * ((time - peak) / 7.0) ** 2)
        signal += 900 * np.exp(-0.5 * ((time - peak - 150) / 14.0) ** 2)
    np.testing.assert_allclose(r_peaks(np.tile(signal, (8, 1))), peaks, atol=3)


@pytest.mark.parametrize("beats", [3, 8, 13])
def test_the_median_is_numpy_s_to_the_last_bit(beats):
    values = np.random.default_rng(beats).normal(0, 300, (beats, 8, 50))
    np.testing.assert_array_equal(median_of(values), np.median(values, axis=0))


@pytest.mark.parametrize("beats", range(1, 12))
def test_the_median_of_a_few_rows_is_numpys(beats):
    rows = np.random.default_rng(beats).integers(-3, 4, (beats, 5, 60)).astype(np.float32)
    np.testing.assert_array_equal(median_of_few(rows), np.median(rows, axis=0))


def test_the_dominant_beat_is_the_same_whatever_is_compared_at_once(monkeypatch):
    rng = np.random.default_rng(2)
    shape = rng.normal(size=(8, 1)) * np.exp(-0.5 * (np.arange(-40, 40) / 6.0) ** 2)
    peaks = np.arange(300, 9000, 400)
    eight = rng.normal(0, 0.1, (8, 9400))
    for number, peak in enumerate(peaks):
        eight[:, peak - 40 : peak + 40] += shape * (-1 if number % 5 == 4 else 1)
    found = peaks + rng.integers(-10, 11, len(peaks))
    whole = aligned(eight, found)
    assert whole[1].sum() == 18  # of 22, every fifth is ectopic
    for at_once in (1, 3, 7):
        monkeypatch.setattr(beats, "AT_ONCE", at_once)
        for one, other in zip(aligned(eight, found), whole, strict=True):
            np.testing.assert_array_equal(one, other)


@pytest.mark.heavy
def test_memory_grows_with_the_length_of_a_recording_and_not_faster():
    rng = np.random.default_rng(3)
    highest = []
    for count in (150, 600):
        eight = np.tile(rng.normal(size=(8, 400)), count)
        found = np.arange(count) * 400 + 200
        tracemalloc.start()
        aligned(eight, found)
        highest.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert highest[1] < 6 * highest[0]  # four times the length; all at once takes 16 times as much
