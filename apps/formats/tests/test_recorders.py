"""What holds for the readers of all recorders, by the checks of every reader of ECGLens."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from ecglens.datamodules import open_records
from ecglens.datamodules.formats import files
from ecglens.ecg import INDEPENDENT, quality
from pydicom.uid import UID

from tests.attacks.bounded import bounded
from tests.datamodules.broken import own_data_sets
from tests.datamodules.test_broken import check_damages, check_links
from tests.datamodules.test_missing_lead import RECORD, check_setting, without, zeros
from tests.datamodules.test_plausible import check_labels
from tests.datamodules.test_reader_versions import check_golden, reader_of

from .data_sets import DATA_SETS
from .recorders import DATA, SOURCES
from .test_muse import MEDIAN, RHYTHM, File

GOLDEN = json.loads((Path(__file__).parent / "golden_readers.json").read_text("utf-8"))
REAL = ("aecg", "dicom", "philips")  # no file of MUSE can be shared
DICOM, AECG = DATA / "dicom" / "waveform_ecg.dcm", DATA / "aecg" / "Example.xml"
DEFLATED = "1.2.840.10008.1.2.1.99"  # a transfer syntax (DICOM PS3.5)
# What the tests let a file take, and what a bomb unpacks to.
ALLOWED, BOMB = 2**26, 2**28
pytestmark = pytest.mark.filterwarnings("ignore:Invalid value for VR UI")


def test_no_reader_is_forgotten() -> None:
    known = {*map(reader_of, GOLDEN)}
    assert known | {"mixed"} == own_data_sets("ecglens_formats")  # it reads by other readers
    one_file = {"code15"}  # it has many ECGs: test_code15
    assert known == {*SOURCES, *map(reader_of, DATA_SETS)} | one_file


@pytest.mark.parametrize("kind", SOURCES)
def test_the_numbers_of_a_reader_change_only_with_its_version(kind: str, tmp_path: Path) -> None:
    if kind not in REAL:
        SOURCES[kind].make(tmp_path, ["1", "2"])
    source = DATA / kind if kind in REAL else tmp_path
    check_golden(kind, kind, open_records(kind, source), GOLDEN)


@pytest.mark.parametrize("kind", SOURCES)
def test_whatever_is_wrong_with_a_file_is_named_and_costs_no_other(
    kind: str, tmp_path: Path
) -> None:
    check_damages(kind, SOURCES[kind], tmp_path)


def test_links_to_folders_are_followed_once_and_never_in_a_circle(tmp_path: Path) -> None:
    check_links("dicom", SOURCES["dicom"], tmp_path)


@pytest.mark.parametrize("name", REAL)
def test_no_label_of_a_real_recorder_is_implausible(name: str, tmp_path: Path) -> None:
    check_labels(name, DATA / name, tmp_path)


@pytest.mark.parametrize("kind", SOURCES)
def test_the_setting_of_missing_leads_is_part_of_what_the_numbers_depend_on(
    kind: str, tmp_path: Path
) -> None:
    check_setting(kind, SOURCES[kind], tmp_path)


def test_strips_are_consistent() -> None:
    sound = [record for name in REAL for record in open_records(name, DATA / name)]
    assert len(sound) == 5
    assert [record.id for record in sound if quality(record).inconsistent] == []


def test_not_in_the_file_and_off_in_the_file_are_the_same(tmp_path: Path) -> None:
    off = without(RECORD.signal, "V3")
    for name, gone in (("all", replace(RHYTHM, signal=off)), ("eleven", RHYTHM)):
        leads = [lead for lead in INDEPENDENT if name == "all" or lead != "V3"]
        waves = (replace(gone, leads=tuple(leads)),)
        (tmp_path / f"{name}.xml").write_text(str(File(waves=waves)), "latin-1")
    first, second = open_records("muse", tmp_path, missing_lead="zero")
    assert zeros(first.signal) == zeros(second.signal) == {"V3"}
    strict = open_records("muse", tmp_path)
    assert list(strict) == []
    assert all("missing: V3;" in reason for _, reason in strict.excluded)


def test_a_given_beat_without_a_lead_that_the_strip_has_is_not_taken(tmp_path: Path) -> None:
    for name, leads in (("1", INDEPENDENT), ("2", INDEPENDENT[:-1])):
        file = File(waves=(RHYTHM, replace(MEDIAN, leads=leads)))
        (tmp_path / f"{name}.xml").write_text(str(file), "latin-1")
    whole, lacking = open_records("muse", tmp_path)
    assert whole.beat is not None
    assert (lacking.beat, lacking.marks) == (None, None)


@pytest.mark.heavy
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a limit of Linux")
def test_a_deflated_dicom_that_fills_the_memory_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ALLOWED_BYTES", ALLOWED)
    for name in ("bomb", "sound"):
        found = pydicom.dcmread(DATA / "dicom" / "Example.dcm")
        found.file_meta.TransferSyntaxUID = UID(DEFLATED)
        if name == "bomb":
            found.add_new(0x00420011, "OB", bytes(BOMB))
        found.save_as(tmp_path / f"{name}.dcm", enforce_file_format=False)
    assert (tmp_path / "bomb.dcm").stat().st_size < BOMB / 500
    records = open_records("dicom", tmp_path)
    assert [record.id for record in records] == ["sound.dcm"]
    assert dict(records.excluded)["bomb.dcm"].startswith(
        "expected a file that is read in 64 MB of memory, got bomb.dcm, which needs more"
    )


def samples(folder: Path) -> None:
    found = pydicom.dcmread(DICOM)
    found.WaveformSequence[0].NumberOfWaveformSamples = 2**32 - 1
    found.save_as(folder / "bomb.dcm", enforce_file_format=False)


def length(folder: Path) -> None:
    content = DICOM.read_bytes()
    at = content.index(b"\x00\x54\x10\x10")  # waveform data: its length is claimed behind
    (folder / "bomb.dcm").write_bytes(content[: at + 8] + b"\xf0\xff\xff\xff" + content[at + 12 :])


def deep(folder: Path) -> None:
    text = AECG.read_text("utf-8")
    end = text.rindex("</")
    nested = "<component>" * 100_000 + "</component>" * 100_000
    (folder / "bomb.xml").write_text(text[:end] + nested + text[end:], "utf-8")


@pytest.mark.parametrize("write", [samples, length])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_file_that_claims_more_than_memory_is_left_out_with_a_reason(
    write: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    monkeypatch.setattr(files, "ALLOWED_BYTES", 2**26)
    with bounded():
        records = open_records("dicom", tmp_path)
        assert list(records) == []
    ((_, reason),) = records.excluded
    assert "\n" not in reason


def test_deep_xml_costs_neither_stack_nor_memory(tmp_path: Path) -> None:
    deep(tmp_path)
    with bounded():
        records = open_records("aecg", tmp_path)
        found = len(list(records))
    assert found + len(records.excluded) == 1
