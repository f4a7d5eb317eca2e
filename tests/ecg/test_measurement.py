from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from ecglens.ecg import (
    LEADS,
    Measurement,
    Record,
    draw_exact,
    exact_beat,
    exact_record,
    from_eight,
    measure,
    median_beat,
    read_beat,
    resampled,
)
from ecglens.ecg.synthetic.draw import with_pr
from ecglens.ecg.synthetic.exact import bumps
from hypothesis import given, settings
from hypothesis import strategies as st

INTERVALS = ("pr", "qrs", "qt", "qt_tangent")
few = settings(max_examples=10, deadline=None)


def strip(index: int, noise_uv: float = 10.0) -> Record:
    return replace(exact_record(draw_exact(11, index), noise_uv, rr_scatter=0.02), beat=None)


def measured(record: Record) -> Measurement:
    return measure(median_beat(record))


def differences(found: Measurement, other: Measurement) -> list[float]:
    return [abs(getattr(found, name) - getattr(other, name)) for name in INTERVALS]


@few
@given(index=st.integers(0, 50), factor=st.floats(0.5, 3.0))
def test_intervals_do_not_depend_on_the_gain_and_amplitudes_follow_it(index, factor):
    record = strip(index)
    found, scaled = measured(record), measured(replace(record, signal=record.signal * factor))
    assert max(differences(found, scaled)) <= 2.0  # one sample, where rounding tips a threshold
    for name in ("r", "j", "t"):
        expected = factor * getattr(found, name)
        assert getattr(scaled, name) == pytest.approx(expected, abs=5.0, rel=0.01)


@few
@given(index=st.integers(0, 50), samples=st.integers(1, 200))
def test_intervals_do_not_depend_on_when_the_recording_starts(index, samples):
    record = strip(index)
    later = measured(replace(record, signal=record.signal[:, samples:]))
    assert max(differences(measured(record), later)) <= 8.0  # one beat more or less


@few
@given(index=st.integers(0, 50), fs=st.sampled_from([250.0, 360.0, 1000.0]))
def test_intervals_do_not_depend_on_the_sampling_rate(index, fs):
    record = strip(index)
    # 250 Hz carry what lies below 125 Hz; the QRS edges are read below 40 Hz.
    other = Record(resampled(record.signal, 500.0, to=fs), fs=fs)
    assert max(differences(measured(record), measured(other))) <= 6.0


@few
@given(index=st.integers(0, 50))
def test_a_level_on_every_lead_changes_nothing(index):
    record = strip(index)
    level = np.linspace(-2000, 2000, 12, dtype=np.float32)[:, None]
    shifted = replace(record, signal=record.signal + level)
    assert max(differences(measured(record), measured(shifted))) <= 2.0


@pytest.fixture(scope="module")
def errors() -> dict[str, np.ndarray]:
    """Measured minus true of 80 exact ECGs with 10 µV of noise."""
    rows = []
    for index in range(80):
        record = strip(index)
        values = measured(record).values()
        rows.append({name: values[name] - true for name, true in record.labels.items()})
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


# The scatter is the delineator's. The constant part is a matter of definition: offsets are those of
# cardiologists' marks in LUDB, the truth is the support of a wave that starts without a step.
@pytest.mark.parametrize(
    ("name", "constant", "scatter"),
    [
        ("pr", 12.0, 4.0),
        ("qrs", 28.0, 4.0),
        ("qt", 22.0, 8.0),
        ("r", 6.0, 8.0),
        ("j", 8.0, 8.0),
        ("t", 10.0, 8.0),
        ("rate", 0.5, 1.0),
    ],
)
def test_exact_ecgs_are_measured_up_to_the_definition_of_an_edge(errors, name, constant, scatter):
    assert np.isfinite(errors[name]).all()
    assert abs(errors[name].mean()) < constant
    assert errors[name].std() < scatter


@pytest.mark.parametrize("longer_ms", [20, 40])
def test_a_longer_pr_is_measured_longer_and_nothing_else(longer_ms):
    parameters = draw_exact(11, 3)
    waves = parameters.waves.copy()
    waves[0] -= longer_ms // 2
    before = measure(median_beat(exact_beat(parameters)))
    after = measure(median_beat(exact_beat(replace(parameters, waves=waves))))
    assert after.pr - before.pr == pytest.approx(longer_ms, abs=2)
    assert after.qrs == before.qrs
    assert after.qt == before.qt


def test_amplitudes_of_a_clean_beat_are_exact():
    record = exact_beat(draw_exact(11, 4))
    found = measure(median_beat(record))
    assert found.r == record.labels["r"]
    assert found.t == record.labels["t"]


def test_a_beat_read_again_has_the_numbers_of_its_measurement():
    beat = median_beat(strip(3))
    whole, (numbers, marks) = measure(beat), read_beat(beat.signal, beat.rr_ms)
    assert numbers == {name: getattr(whole, name) for name in numbers}
    assert marks == whole.segments
    assert len(numbers) == 6


def test_a_lead_without_r_wave_has_r_zero():
    parameters = draw_exact(11, 5)
    field = parameters.field.copy()
    field[[2, 4], 6] = 0.0, -60.0  # V5 without R, J below the level
    assert measure(median_beat(exact_beat(replace(parameters, field=field)))).r == 0.0


def test_whatever_is_missing_has_its_reason_and_nothing_else_has_one(ludb):
    for marked in ludb.values():
        found = measured(marked.record)
        values = found.values()
        assert {name for name, value in values.items() if isnan(value)} == set(found.reasons)
        assert isnan(found.qt_tangent) == ("qt" in found.reasons)
        assert isnan(found.segments.p_on) == ("pr" in found.reasons)
        assert all(reason and "\n" not in reason for reason in found.reasons.values())


def with_lead(record: Record, lead: int, values: np.ndarray) -> Record:
    signal = record.signal.copy()
    signal[lead] = values
    return replace(record, signal=signal)


def test_without_v5_there_are_intervals_but_no_amplitudes():
    found = measured(with_lead(strip(0), 10, np.zeros(5000, np.float32)))
    assert set(found.reasons) == {"r", "j", "t"}
    assert found.reasons["r"] == "lead V5 is missing"
    assert "lead V5 is missing" in found.flags


def paced(ahead: int) -> Record:
    record = strip(1)
    signal = record.signal.copy()
    for peak in median_beat(record).r_peaks:
        signal[:, max(0, peak - ahead) : max(0, peak - ahead) + 2] += 600.0
    return replace(record, signal=signal)


def test_ventricular_pacing_leaves_no_interval_but_the_rate():
    found = measured(paced(ahead=40))
    assert {name: found.reasons[name] for name in ("pr", "qrs", "qt")} == dict.fromkeys(
        ("pr", "qrs", "qt"), "ventricular pacing"
    )
    assert found.rate == pytest.approx(measured(strip(1)).rate, abs=0.2)


def test_atrial_pacing_leaves_qrs_and_qt():
    found = measured(paced(ahead=120))
    assert found.reasons == {"pr": "atrial pacing"}


def scattered(rr_scatter: float, p_moves: bool) -> Record:
    """Beats of one shape at regular or irregular distances; P before each, or at its own rate."""
    rng = np.random.default_rng(4)
    parameters = draw_exact(11, 2)
    rr = 380 * (1 + rr_scatter * rng.uniform(-1, 1, 14))
    peaks = (100 + np.cumsum(rr)).astype(int)
    peaks = peaks[peaks < 4700]
    eight = rng.normal(0, 5, (8, 5000))
    atria = np.arange(40, 4900, 271) if p_moves else peaks - 80
    for places, rows in ((atria, [0]), (peaks, [1, 2, 3, 4, 5])):
        waves = parameters.waves[rows] - (parameters.waves[0, 1] if rows == [0] else 0)
        time = np.arange(5000)
        for place in places:
            eight += parameters.field[rows].T @ bumps(waves + int(place), time)
    return Record(from_eight(eight))


def test_atrial_fibrillation_leaves_qrs_and_qt_but_no_pr():
    found = measured(scattered(rr_scatter=0.35, p_moves=True))
    assert found.reasons == {"pr": "atrial fibrillation"}


def test_p_waves_at_their_own_rate_give_no_pr():
    found = measured(scattered(rr_scatter=0.0, p_moves=True))
    assert found.reasons == {"pr": "P wave not locked to QRS"}


def test_an_irregular_rhythm_with_p_before_each_beat_keeps_its_pr():
    found = measured(scattered(rr_scatter=0.3, p_moves=False))
    assert not found.reasons


def test_a_flat_t_wave_gives_no_qt():
    parameters = draw_exact(11, 6)
    field = parameters.field.copy()
    field[4] = 0.0
    field[5] *= 30.0 / np.abs(field[5]).max()
    found = measure(median_beat(exact_beat(replace(parameters, field=field))))
    assert set(found.reasons) == {"qt"}
    assert found.reasons["qt"] == "flat T wave: 30 µV at most, 50 are needed"
    assert found.t == pytest.approx(field[5, 6], abs=0.01)


def beat_with(onset: int, peak: int, offset: int, uv: float) -> Measurement:
    """An exact beat with one more wave, samples from the R peak."""
    record = exact_beat(draw_exact(11, 7))
    wave = bumps(np.array([[onset, peak, offset]]) + 250, np.arange(600))
    direction = draw_exact(11, 7).field[5] / draw_exact(11, 7).field[5, 6]
    signal = record.signal + from_eight(uv * direction[:, None] * wave).astype(np.float32)
    return measure(median_beat(replace(record, signal=signal, beat=signal)))


def test_a_biphasic_t_wave_is_flagged():
    marks = draw_exact(11, 7).waves
    end = int(marks[5, 2])
    found = beat_with(end - 30, end - 5, end + 20, -0.6 * draw_exact(11, 7).labels["t"])
    assert "biphasic T wave in V5" in found.flags
    assert not beat_with(0, 1, 2, 0.0).flags


def test_a_u_wave_that_rises_out_of_t_is_flagged():
    end = int(draw_exact(11, 7).waves[5, 2])
    found = beat_with(end - 35, end + 15, end + 60, 0.55 * draw_exact(11, 7).labels["t"])
    assert "U wave fused with T" in found.flags


def test_a_t_wave_that_does_not_die_down_ends_by_its_tangent():
    end, height = int(draw_exact(11, 7).waves[5, 2]), draw_exact(11, 7).labels["t"]
    clear = beat_with(0, 1, 2, 0.0)
    tailed = beat_with(end - 50, end - 20, end + 90, 0.5 * height)
    assert "T wave without a clear end" not in clear.flags
    assert clear.qt < clear.qt_tangent + 30.0
    assert "T wave without a clear end" in tailed.flags
    assert tailed.qt == pytest.approx(tailed.qt_tangent + 30.0)


@pytest.mark.parametrize("lead", ["V3", "V5"])
@pytest.mark.parametrize(("drift_uv", "noise_uv"), [(0.0, 3.0), (0.0, 10.0), (150.0, 5.0)])
def test_a_chest_lead_without_a_qrs_complex_is_flagged(drift_uv, noise_uv, lead):
    record = replace(exact_record(draw_exact(11, 7), 5.0), beat=None)
    signal = record.signal.copy()
    time = np.arange(signal.shape[1])
    noise = np.random.default_rng(0).normal(0.0, noise_uv, len(time))
    signal[LEADS.index(lead)] = drift_uv * np.sin(time / 800) + noise
    fault = f"lead {lead} is without a QRS complex"
    found = measured(replace(record, signal=signal))
    assert fault in found.flags
    assert found.reasons == (dict.fromkeys("rjt", fault) if lead == "V5" else {})
    assert fault not in measured(record).flags


@pytest.mark.filterwarnings("error")
def test_a_given_beat_without_chest_leads_is_measured_without_a_warning():
    beat = median_beat(strip(7)).signal.copy()
    beat[6:] = 0.0
    found = measured(Record(np.zeros((12, 5000)), beat=beat))  # its strip shows nothing
    assert "lead V1 is missing" in found.flags
    assert not any("QRS" in flag for flag in found.flags)
    assert found.qrs > 0.0


def test_a_t_wave_in_the_next_p_wave_is_flagged():
    # At 125/min the next P of this ECG begins before T has ended.
    parameters = replace(draw_exact(11, 7), rr_samples=240.0)
    record = replace(exact_record(parameters, 5.0), beat=None)
    assert "T wave overlaps the next P wave" in measured(record).flags


def test_a_p_wave_longer_than_any_is_no_p_wave(monkeypatch):
    beat = median_beat(exact_record(draw_exact(0, 1)))
    assert not isnan(measure(beat).pr)
    monkeypatch.setattr("ecglens.ecg.measurement.LONGEST_P_MS", 60.0)
    found = measure(beat)
    assert isnan(found.pr)
    assert "P wave without clear edges" in found.reasons["pr"]
    assert isnan(found.segments.p_on)


@pytest.mark.parametrize("pr", [215, 225])  # samples of 2 ms
def test_a_p_wave_that_begins_before_it_is_searched_for_gives_no_pr(pr):
    slow = replace(draw_exact(0, 0), rr_samples=650.0)
    found = measured(replace(exact_record(with_pr(slow, pr), 5.0), beat=None))
    assert isnan(found.pr)
    assert "no P wave found" in found.reasons["pr"]
    longest = measured(replace(exact_record(with_pr(slow, 195), 5.0), beat=None))
    assert longest.pr == pytest.approx(390.0, abs=20.0)


@pytest.mark.parametrize("index", [0, 3, 4])
def test_at_180_a_minute_the_t_wave_before_is_not_taken_for_p(index):
    fast = replace(draw_exact(0, index), rr_samples=166.7)
    found = measured(replace(exact_record(fast, 5.0), beat=None))
    assert isnan(found.pr)
    assert found.reasons["pr"] == "no T wave found, without which P cannot be told from one"
    assert not isnan(found.qrs)
