"""Small files of ECGs that claim or unpack to more than memory cost themselves alone."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from ecglens.datamodules import open_records
from ecglens.datamodules.formats import files

from ..datamodules.wfdb_records import edit, write_record
from .bounded import HUGE, bounded


def samples(folder: Path) -> None:
    edit(write_record(folder, "bomb"), " 5000", f" {HUGE}")


def hdf5(folder: Path) -> None:
    (folder / "exams.csv").write_text("exam_id,patient_id\n1,1\n")
    with h5py.File(folder / "exams_part0.hdf5", "w") as file:
        file.create_dataset("exam_id", (HUGE,), np.int64, chunks=(2**10,), compression="gzip")
        file.create_dataset("tracings", (HUGE, 4096, 12), np.float32, chunks=(1, 4096, 12))


BOMBS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "samples of WFDB": ("wfdb", samples),
    "rows of HDF5": ("code15", hdf5),
}


@pytest.mark.parametrize("kind", BOMBS)
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
