"""GE MUSE XML: fictitious files written here, since no real one can be shared."""

from base64 import b64encode
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from ecglens.datamodules import open_records
from ecglens.ecg import INDEPENDENT, Record, Segments, draw_exact, exact_record

UV_PER_BIT = 4.88
EXACT = exact_record(draw_exact(seed=2, index=0))
MARKS = EXACT.marks or Segments()


@dataclass(frozen=True)
class Wave:
    """One waveform of a MUSE file; `units` µV per digit are said as `said` of `unit`."""

    kind: str
    signal: np.ndarray
    fs: str = "500"
    exponent: str = "0"
    leads: tuple[str, ...] = INDEPENDENT
    unit: str = "MICROVOLTS"
    said: str = f"{UV_PER_BIT}"
    size: str = "2"

    def __str__(self) -> str:
        rows = "".join(self.lead(name) for name in self.leads)
        return (
            f"<Waveform><WaveformType>{self.kind}</WaveformType><SampleBase>{self.fs}</SampleBase>"
            f"<SampleExponent>{self.exponent}</SampleExponent>{rows}</Waveform>"
        )

    def lead(self, name: str) -> str:
        row = INDEPENDENT.index(name) if name in INDEPENDENT else 0
        digits = np.round(eight(self.signal)[row] / UV_PER_BIT).astype("<i2")
        return (
            f"<LeadData><LeadSampleCountTotal>{len(digits)}</LeadSampleCountTotal>"
            f"<LeadAmplitudeUnitsPerBit>{self.said}</LeadAmplitudeUnitsPerBit>"
            f"<LeadAmplitudeUnits>{self.unit}</LeadAmplitudeUnits><LeadID>{name}</LeadID>"
            f"<LeadSampleSize>{self.size}</LeadSampleSize>"
            f"<WaveFormData>\n{b64encode(digits.tobytes()).decode()}\n</WaveFormData></LeadData>"
        )


def eight(signal: np.ndarray) -> np.ndarray:
    return signal[[0, 1, 6, 7, 8, 9, 10, 11]]


def samples(point: float) -> str:
    """A fiducial point as MUSE writes it: a sample of the median beat."""
    return f"{point:.0f}"


MEASURED = {
    "VentricularRate": f"{EXACT.labels['rate']:.0f}",
    "PRInterval": f"{EXACT.labels['pr']:.0f}",
    "QRSDuration": f"{EXACT.labels['qrs']:.0f}",
    "QTInterval": f"{EXACT.labels['qt']:.0f}",
    "POnset": samples(MARKS.p_on),
    "POffset": samples(MARKS.p_off),
    "QOnset": samples(MARKS.qrs_on),
    "QOffset": samples(MARKS.qrs_off),
    "TOffset": samples(MARKS.t_off),
    "ECGSampleBase": "500",
    "ECGSampleExponent": "0",
}
PERSON = {"PatientID": "F-1", "PatientAge": "63", "AgeUnits": "YEARS", "Gender": "FEMALE"}
RHYTHM, MEDIAN = Wave("Rhythm", EXACT.signal), Wave("Median", np.asarray(EXACT.beat))


@dataclass(frozen=True)
class File:
    """A whole MUSE file."""

    measured: dict[str, str] = field(default_factory=lambda: MEASURED)
    person: dict[str, str] = field(default_factory=lambda: PERSON)
    waves: tuple[Wave, ...] = (MEDIAN, RHYTHM)

    def __str__(self) -> str:
        def section(name: str, values: dict[str, str]) -> str:
            rows = "".join(f"<{key}>{value}</{key}>" for key, value in values.items())
            return f"<{name}>{rows}</{name}>" if values else ""

        return (
            '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
            '<!DOCTYPE RestingECG SYSTEM "restecg.dtd">\n<RestingECG>'
            + section("PatientDemographics", self.person)
            + section("RestingECGMeasurements", self.measured)
            + "".join(map(str, self.waves))
            + "</RestingECG>"
        )


def read(file: File, folder: Path) -> Record:
    (folder / "1.xml").write_text(str(file), "latin-1")
    (record,) = open_records("muse", folder)
    return record


def why_not(content: str, folder: Path) -> str:
    (folder / "1.xml").write_text(content, "latin-1")
    records = open_records("muse", folder)
    assert list(records) == []
    ((_, reason),) = records.excluded
    assert "\n" not in reason
    return reason


def test_eight_leads_are_read_to_half_a_digit_and_completed(tmp_path: Path) -> None:
    record = read(File(), tmp_path)
    assert record.fs == 500.0
    assert np.abs(eight(record.signal) - eight(EXACT.signal)).max() <= UV_PER_BIT / 2 + 0.01
    i, ii, iii, avr, avl, avf = record.signal[:6]
    np.testing.assert_allclose(iii, ii - i, atol=0.01)
    np.testing.assert_allclose(avr, -(i + ii) / 2, atol=0.01)
    np.testing.assert_allclose(avl, i - ii / 2, atol=0.01)
    np.testing.assert_allclose(avf, ii - i / 2, atol=0.01)


def test_the_median_beat_and_the_fiducial_points_come_with_the_record(tmp_path: Path) -> None:
    record = read(File(), tmp_path)
    assert record.beat is not None
    assert np.abs(eight(record.beat) - eight(np.asarray(EXACT.beat))).max() <= UV_PER_BIT / 2 + 0.01
    assert record.marks is not None
    assert np.isnan(record.marks.t_on)
    assert replace(record.marks, t_on=MARKS.t_on) == MARKS


def test_labels_and_person_are_the_file_s_own(tmp_path: Path) -> None:
    record = read(File(), tmp_path)
    expected = {
        name: float(MEASURED[word])
        for name, word in (
            ("pr", "PRInterval"),
            ("qrs", "QRSDuration"),
            ("qt", "QTInterval"),
            ("rate", "VentricularRate"),
        )
    }
    assert record.labels == {**expected, "age": 63.0, "sex": 1.0}
    assert (record.id, record.patient) == ("1.xml", "F-1")


@pytest.mark.parametrize("words", [{}, {"PRInterval": ""}, {"PRInterval": "0"}])
def test_an_interval_that_12sl_did_not_find_is_nan_beside_others(
    words: dict[str, str], tmp_path: Path
) -> None:
    without = {key: value for key, value in MEASURED.items() if key not in ("PRInterval", "POnset")}
    record = read(File(measured={**without, **words, "POffset": "0"}), tmp_path)
    assert np.isnan(record.labels["pr"])
    assert record.labels["qt"] == float(MEASURED["QTInterval"])
    assert record.marks is not None
    assert np.isnan(record.marks.p_on)
    assert record.marks.qrs_on == MARKS.qrs_on


def test_a_file_without_measurements_or_person_or_median_is_read(tmp_path: Path) -> None:
    record = read(File(measured={}, person={}, waves=(RHYTHM,)), tmp_path)
    assert record.labels == {}
    assert record.patient == ""
    assert record.beat is None
    assert record.marks is None


def test_the_rate_is_a_base_and_a_power_of_ten(tmp_path: Path) -> None:
    assert read(File(waves=(replace(RHYTHM, fs="25", exponent="1"),)), tmp_path).fs == 250.0
    assert read(File(waves=(replace(RHYTHM, fs="5000", exponent="-1"),)), tmp_path).fs == 500.0


def test_marks_at_another_rate_than_the_beat_are_converted(tmp_path: Path) -> None:
    points = {key: str(2 * int(value)) for key, value in MEASURED.items() if "set" in key}
    record = read(File(measured={**MEASURED, **points, "ECGSampleBase": "1000"}), tmp_path)
    assert record.marks is not None
    assert record.marks.qrs_on == MARKS.qrs_on


def test_marks_without_their_rate_are_left_out(tmp_path: Path) -> None:
    measured = {key: value for key, value in MEASURED.items() if key != "ECGSampleBase"}
    record = read(File(measured=measured), tmp_path)
    assert record.marks is None
    assert record.beat is not None


def test_a_median_that_is_not_around_500_ms_is_not_the_beat(tmp_path: Path) -> None:
    late = np.roll(np.asarray(EXACT.beat), 90, axis=1)
    assert read(File(waves=(RHYTHM, replace(MEDIAN, signal=late))), tmp_path).beat is None


def test_millivolts_are_a_thousand_times_as_much(tmp_path: Path) -> None:
    usual = read(File(), tmp_path).signal
    wave = replace(RHYTHM, unit="MILLIVOLTS", said="0.00488")
    np.testing.assert_allclose(read(File(waves=(wave,)), tmp_path).signal, usual, atol=0.01)


def test_extra_leads_are_left_aside_by_name(tmp_path: Path) -> None:
    usual = read(File(), tmp_path).signal
    wave = replace(RHYTHM, leads=("X", *INDEPENDENT, "V4R"))
    np.testing.assert_array_equal(read(File(waves=(wave,)), tmp_path).signal, usual)


@pytest.mark.parametrize(
    ("age", "unit", "years"), [("6", "MONTHS", 0.5), ("7", "DAYS", 7 / 365.25)]
)
def test_ages_have_units(age: str, unit: str, years: float, tmp_path: Path) -> None:
    record = read(File(person={"PatientAge": age, "AgeUnits": unit}), tmp_path)
    assert record.labels["age"] == pytest.approx(years)


def test_an_age_in_an_unknown_unit_is_nan(tmp_path: Path) -> None:
    person = {"PatientAge": "60", "AgeUnits": "SCORES"}
    assert np.isnan(read(File(person=person), tmp_path).labels["age"])


@pytest.mark.parametrize(
    ("waves", "reason"),
    [
        ((MEDIAN,), "a waveform Rhythm, got ['median']"),
        ((), "a waveform Rhythm, got none"),
        ((replace(RHYTHM, unit="FURLONGS"),), "lead I a unit of uV, mV, V or nV, got 'FURLONGS'"),
        ((replace(RHYTHM, said=""),), "LeadAmplitudeUnitsPerBit above 0, got nan"),
        ((replace(RHYTHM, said="-4.88"),), "LeadAmplitudeUnitsPerBit above 0, got -4.88"),
        ((replace(RHYTHM, said="4880"),), "within ±500 mV"),
        ((replace(RHYTHM, fs=""),), "expected in 1.xml, Rhythm SampleBase and SampleExponent"),
        ((replace(RHYTHM, fs="-500"),), "SampleBase and SampleExponent"),
        ((replace(RHYTHM, fs="50"),), "a sampling rate of at least 100 Hz, got 50"),
        ((replace(RHYTHM, size="4"),), "samples of 2 bytes, got 4"),
        ((replace(RHYTHM, leads=INDEPENDENT[:-1]),), "missing: V6; data.missing_lead=zero"),
        ((replace(RHYTHM, leads=(*INDEPENDENT, "V1")),), "each lead once, got V1 again"),
        ((replace(RHYTHM, leads=()),), "leads of one length, got none"),
    ],
)
def test_what_the_file_does_not_say_rightly_excludes_it(
    waves: tuple[Wave, ...], reason: str, tmp_path: Path
) -> None:
    assert reason in why_not(str(File(waves=waves)), tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<LeadSampleCountTotal>5000", "<LeadSampleCountTotal>4999", "4999 samples, got 5000"),
        ("<WaveFormData>\n", "<WaveFormData>A", "got a damaged one"),
        ("</RestingECG>", "", "readable 1.xml, got a damaged one"),
        ("RestingECG>", "Other>", "expected <RestingECG> in 1.xml, got <Other>"),
    ],
)
def test_damage_is_named(old: str, new: str, reason: str, tmp_path: Path) -> None:
    content = str(File())
    assert old in content
    assert reason in why_not(content.replace(old, new), tmp_path)


def test_leads_of_different_lengths_are_no_strip(tmp_path: Path) -> None:
    shorter = replace(RHYTHM, signal=EXACT.signal[:, :4000]).lead("I")
    content = str(File(waves=(RHYTHM,))).replace(RHYTHM.lead("I"), shorter)
    assert "leads of one length, got {'I': 4000, 'II': 5000" in why_not(content, tmp_path)


def test_an_entity_bomb_is_an_exclusion(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><RestingECG>&b;</RestingECG>'
    assert "expected XML without entities in 1.xml" in why_not(bomb, tmp_path)
