from dataclasses import replace

import numpy as np
import pytest
from ecglens.ecg import (
    V5,
    Record,
    UnusableRecord,
    draw_exact,
    exact_beat,
    exact_record,
    from_eight,
    median_beat,
)

RATES = [40, 55, 75, 100, 125, 150]


def strip_at(rate: float, index: int = 0, noise_uv: float = 10.0) -> Record:
    """Exact beats at any rate, where they may overlap; without their own median beat."""
    parameters = replace(draw_exact(0, index), rr_samples=6e4 / rate / 2)
    return replace(exact_record(parameters, noise_uv, rr_scatter=0.02), beat=None)


@pytest.mark.parametrize("rate", RATES)
def test_no_median_beat_begins_or_ends_in_a_constant_run(rate):
    for index in range(3):
        signal = median_beat(strip_at(rate, index)).signal
        for end in (signal[:, :4], signal[:, -4:]):
            assert (np.ptp(end, axis=1) > 0).all()


@pytest.mark.parametrize("rate", RATES)
def test_every_window_is_real_signal_inside_the_record(rate):
    record = strip_at(rate)
    beat = median_beat(record)
    assert beat.signal.shape == (12, 600)
    assert beat.signal.dtype == np.float32
    assert (beat.used >= 250).all()
    assert (beat.used + 350 <= record.signal.shape[1]).all()
    assert 3 <= beat.n_beats <= len(beat.r_peaks)
    assert 6e4 / beat.rr_ms == pytest.approx(rate, rel=0.05)


def test_at_a_high_rate_the_window_holds_the_neighbouring_beats():
    v5 = median_beat(strip_at(150)).signal[V5]
    for neighbour in (50, 450):
        assert v5[neighbour - 15 : neighbour + 15].max() > 0.5 * v5[250]


def test_real_median_beats_neither_end_in_a_constant_run_nor_break_einthoven(beats):
    for beat in beats.values():
        i, ii, iii, avr, avl, avf = beat.signal[:6].astype(float)
        assert np.abs(i + iii - ii).max() < 1.0
        assert np.abs(avr + (i + ii) / 2).max() < 1.0
        assert np.abs(avl - (i - iii) / 2).max() < 1.0
        assert np.abs(avf - (ii + iii) / 2).max() < 1.0
        for end in (beat.signal[:, :4], beat.signal[:, -4:]):
            assert (np.ptp(end, axis=1) > 0).all()


def test_the_median_beat_is_the_exact_beat_but_for_the_removed_wander():
    record = exact_record(draw_exact(0, 5), noise_uv=10.0)
    beat = median_beat(replace(record, beat=None))
    difference = beat.signal - record.beat
    assert np.argmax(beat.signal[V5]) == 250
    # The filter takes each lead's mean away: a level, not a shape.
    shape = difference - np.median(difference, axis=1, keepdims=True)
    assert np.sqrt(np.mean(shape[V5] ** 2)) < 0.02 * record.labels["r"]


def test_ectopic_beats_are_left_out_and_not_their_record():
    record = strip_at(70, noise_uv=5.0)
    peaks = median_beat(record).r_peaks
    signal = record.signal.copy()
    wide = 2500.0 * np.exp(-0.5 * ((np.arange(-100, 100)) / 18.0) ** 2)
    direction = from_eight(np.array([-1.0, 1, 1, 1, 0.5, -0.5, -1, -1])[:, None])
    ectopic = [int(peaks[3]) + 250, int(peaks[7]) + 250]
    for place in ectopic:
        signal[:, place - 100 : place + 100] += (direction * wide).astype(np.float32)
    with_ectopy = median_beat(Record(signal))
    assert all(np.abs(with_ectopy.r_peaks - place).min() < 75 for place in ectopic)
    assert all(np.abs(with_ectopy.used - place).min() > 100 for place in ectopic)
    plain = median_beat(record)
    assert np.abs(with_ectopy.signal - plain.signal)[:, 200:300].max() < 30.0


def test_in_bigeminy_one_kind_of_beat_makes_the_median():
    rng = np.random.default_rng(0)
    narrow, wide = (np.exp(-0.5 * (np.arange(-150, 150) / sd) ** 2) for sd in (8.0, 30.0))
    eight = rng.normal(0, 5, (8, 5000))
    peaks = np.arange(200, 4800, 400)
    for number, peak in enumerate(peaks):
        shape, sign = (wide, -1.0) if number % 2 else (narrow, 1.0)
        eight[:, peak - 150 : peak + 150] += sign * 1000.0 * np.linspace(0.5, 1, 8)[:, None] * shape
    beat = median_beat(Record(from_eight(eight)))
    parity = {int(np.argmin(np.abs(peaks - used))) % 2 for used in beat.used}
    assert len(parity) == 1


def test_a_given_median_beat_is_returned_as_it_is():
    record = exact_beat(draw_exact(0, 6))
    beat = median_beat(record)
    np.testing.assert_array_equal(beat.signal, record.beat)
    assert beat.n_beats == 0
    assert 6e4 / beat.rr_ms == pytest.approx(record.labels["rate"])


@pytest.mark.heavy
@pytest.mark.parametrize("noise_uv", [0.0, 30.0])
def test_the_strip_s_r_peaks_lie_where_the_given_beat_has_its_own(noise_uv):
    for index in range(100):
        record = exact_record(draw_exact(0, index), noise_uv, rr_scatter=0.05)
        found = median_beat(record).r_peaks
        away = np.abs(found[:, None] - record.r_peaks).min(axis=1)
        # Where the strip ends within a complex, its R peak can only be guessed.
        assert away[(found >= 60) & (found < 5000 - 60)].max() <= 2


def test_the_median_beat_is_deterministic(ludb, beats):
    again = median_beat(ludb["1"].record)
    np.testing.assert_array_equal(again.signal, beats["1"].signal)


def noise(scale: float) -> np.ndarray:
    return from_eight(np.random.default_rng(0).normal(0, scale, (8, 5000)))


def clipped() -> np.ndarray:
    return np.clip(exact_record(draw_exact(0, 0), 10.0).signal, -2.0, 60.0)


HUM = np.tile(300 * np.sin(2 * np.pi * 49.3 * np.arange(5000) / 500), (12, 1))
ONE_BEAT = np.pad(exact_record(draw_exact(0, 0)).signal[:, 100:700], ((0, 0), (2000, 2400)))


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        (np.zeros((12, 5000)), "all zero"),
        (np.full((12, 5000), 37.0), "missing leads: I, II, V1"),
        (noise(1.0), "flat"),
        (clipped(), "saturated leads"),
        (noise(100.0), "noise"),
        (HUM, "noise"),
        (ONE_BEAT, "are needed"),
        (
            exact_record(draw_exact(0, 0)).signal[:, :1000],
            "too short: expected at least 4 s, got 2",
        ),
    ],
)
def test_a_record_without_usable_beats_is_refused_in_one_clear_line(signal, words):
    with pytest.raises(UnusableRecord) as refused:
        median_beat(Record(signal))
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.heavy
@pytest.mark.parametrize("level_uv", [0.0, 37.0])
def test_the_flat_baseline_of_a_made_ecg_is_no_saturation(level_uv):
    for index in range(100):
        record = exact_record(draw_exact(0, index))
        at_level = Record(record.signal + np.float32(level_uv))
        assert not median_beat(at_level).lead_faults


@pytest.mark.parametrize("top", [True, False])
def test_a_real_lead_whose_peaks_are_cut_is_named(ludb, top):
    named = 0
    for marked in ludb.values():
        signal = marked.record.signal.copy()
        middle = np.median(signal[V5])
        end = middle + 0.6 * ((signal[V5].max() if top else signal[V5].min()) - middle)
        signal[V5] = np.minimum(signal[V5], end) if top else np.maximum(signal[V5], end)
        assert not median_beat(marked.record).lead_faults
        named += median_beat(replace(marked.record, signal=signal)).lead_faults == {
            "V5": "saturated"
        }
    # A lead without deep waves ends in noise, where a plateau is short.
    assert named >= (32 if top else 28)


def test_a_lead_that_was_off_for_a_second_is_named(ludb):
    signal = ludb["1"].record.signal.copy()
    signal[6, 2000:2600] = 5000.0
    assert median_beat(Record(signal)).lead_faults == {"V1": "saturated"}


def test_another_sampling_rate_gives_the_same_beat():
    record = strip_at(70, noise_uv=0.0)
    half = Record(record.signal[:, ::2], fs=250.0)
    whole, from_half = median_beat(record), median_beat(half)
    assert from_half.n_beats == whole.n_beats
    assert np.abs(from_half.signal - whole.signal).max() < 0.08 * np.ptp(whole.signal)


@pytest.mark.parametrize("rate", [0.0, -1.0, np.nan])
def test_a_given_beat_without_a_usable_strip_has_no_rate_that_cannot_be(rate):
    record = exact_record(draw_exact(0, 0))
    flat = np.zeros_like(record.signal)
    beat = median_beat(replace(record, signal=flat, labels={"rate": rate}))
    assert np.isnan(beat.rr_ms)
    np.testing.assert_array_equal(beat.signal, record.beat)
