"""Gaps and jumps of a strip are told, and hide no beat from the rate."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from ecglens.datamodules import open_records
from ecglens.ecg import (
    Record,
    UnusableRecord,
    draw_exact,
    exact_record,
    measure,
    median_beat,
    quality,
)

from benchmarks.ludb_marks import Marked


def strip(index: int, noise_uv: float = 10.0, scatter: float = 0.02) -> Record:
    return replace(exact_record(draw_exact(3, index), noise_uv, scatter), beat=None)


def silent(record: Record, start: int, seconds: float = 0.8) -> Record:
    signal = record.signal.copy()
    signal[:, start : start + round(seconds * 500)] = 0.0
    return replace(record, signal=signal)


def stepped(record: Record, start: int) -> Record:
    """All leads 10 mV higher or lower from here on."""
    signal = record.signal.copy()
    signal[:, start:] += np.where(np.arange(12) % 2, 1e4, -1e4)[:, None].astype(np.float32)
    return replace(record, signal=signal)


def pulsed(record: Record, start: int) -> Record:
    """A pulse of 10 mV and 0.2 s in V3."""
    signal = record.signal.copy()
    signal[8, start : start + 100] += 1e4
    return replace(record, signal=signal)


def texts(record: Record) -> list[str]:
    return [each.text for each in quality(record).interrupted]


def test_zeros_in_all_leads_are_told_with_place_and_length():
    for index in range(20):
        record = strip(index)
        assert texts(record) == []
        assert texts(silent(record, 2000)) == ["no signal in any lead for 0.8 s at 4.0 s"]
        ending = record.signal.copy()
        ending[:, -50:] = ending[:, -51:-50]  # as most records of PTB-XL end
        assert texts(replace(record, signal=ending)) == []


def test_a_jump_is_told_with_its_size():
    for index in range(20):
        (text,) = texts(stepped(strip(index, noise_uv=0.0), 2000))
        assert text.startswith("jump of 1")
        assert text.endswith(" mV at 4.0 s")
        assert float(text.split()[2]) == pytest.approx(10.0, abs=0.5)
        assert len(texts(pulsed(strip(index), 2000))) == 2  # up and down again


def test_generated_ecgs_without_noise_rest_between_their_waves_and_are_not_interrupted():
    kinds = {"sinus": 0.25, "af": 0.25, "lbbb": 0.25, "avb3": 0.25}
    sources = (
        open_records("exact", n=60),
        open_records("exact", n=60, rr_scatter=0.1),
        open_records("exact", n=60, morphology="varied", kinds=kinds),
    )
    for source in sources:
        for record in source:
            assert texts(record) == []


@pytest.mark.heavy
def test_recorded_ecgs_are_not_interrupted(ludb: dict[str, Marked]):
    assert [name for name, marked in ludb.items() if texts(marked.record)] == []


def test_a_gap_at_any_place_of_recorded_ecgs_is_told(ludb: dict[str, Marked]):
    for place, marked in enumerate(ludb.values()):
        assert len(texts(silent(marked.record, 100 * place))) == 1


@pytest.mark.heavy
@pytest.mark.parametrize("fault", [silent, stepped, pulsed])
def test_the_rate_is_that_of_the_beats_beside_an_interruption(
    fault: Callable[[Record, int], Record],
):
    for index in range(20):
        record = strip(index)
        rate = measure(median_beat(record)).rate
        found = measure(median_beat(fault(record, 1900 + 37 * index)))
        assert found.rate == pytest.approx(rate, abs=1.0)
        assert "pr" not in found.reasons


@pytest.mark.heavy
@pytest.mark.parametrize("fault", [silent, stepped, pulsed])
def test_the_rate_of_recorded_ecgs_stays_nearly_the_same(
    fault: Callable[[Record, int], Record], ludb: dict[str, Marked]
):
    moved = []
    for place, marked in enumerate(ludb.values()):
        if marked.clean:
            rate = measure(median_beat(marked.record)).rate
            moved.append(measure(median_beat(fault(marked.record, 1800 + 50 * place))).rate - rate)
    assert np.median(np.abs(moved)) < 0.5
    assert np.max(np.abs(moved)) < 4.0


def test_a_strip_of_gaps_has_no_beat():
    record = strip(0)
    signal = record.signal.copy()
    signal[:, 700:] = 0.0
    with pytest.raises(UnusableRecord):
        median_beat(replace(record, signal=signal))
