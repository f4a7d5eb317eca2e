"""Small files of ECGs that claim or unpack to more than memory cost themselves alone."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pydicom
import pytest
from ecglens.datamodules import open_records
from ecglens.datamodules.formats import files

from ..datamodules.wfdb_records import edit, write_record
from .bounded import HUGE, bounded

DICOM = Path(__file__).parents[1] / "data" / "dicom" / "waveform_ecg.dcm"
AECG = Path(__file__).parents[1] / "data" / "aecg" / "Example.xml"


def samples(folder: Path) -> None:
    edit(write_record(folder, "bomb"), " 5000", f" {HUGE}")


def dicom(folder: Path) -> None:
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


def hdf5(folder: Path) -> None:
    (folder / "exams.csv").write_text("exam_id,patient_id\n1,1\n")
    with h5py.File(folder / "exams_part0.hdf5", "w") as file:
        file.create_dataset("exam_id", (HUGE,), np.int64, chunks=(2**10,), compression="gzip")
        file.create_dataset("tracings", (HUGE, 4096, 12), np.float32, chunks=(1, 4096, 12))


BOMBS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "samples of WFDB": ("wfdb", samples),
    "samples of DICOM": ("dicom", dicom),
    "length of DICOM": ("dicom", length),
    "rows of HDF5": ("code15", hdf5),
}


@pytest.mark.parametrize("kind", BOMBS)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_file_that_claims_more_than_memory_is_left_out_with_a_reason(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, write = BOMBS[kind]
    write(tmp_path)
    monkeypatch.setattr(files, "ALLOWED_BYTES", 2**26)
    with bounded():
        records = open_records(reader, tmp_path)
        assert list(records) == []
    ((_, reason),) = records.excluded
    assert "\n" not in reason


def test_deep_xml_costs_neither_stack_nor_memory(tmp_path: Path) -> None:
    deep(tmp_path)
    with bounded():
        records = open_records("aecg", tmp_path)
        found = len(list(records))
    assert found + len(records.excluded) == 1
