"""Small files that unpack to more memory than a sound one needs are named, and cost no other."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from ecglens.datamodules import open_records
from ecglens.ecg import LEADS, Record
from pyarrow import parquet

from .broken import EXACT
from .wfdb_records import edit, waves, write_record

BOMB = 2**28  # what the bombs unpack to


def excluded(name: str, folder: Path, **settings: object) -> tuple[list[str], dict[str, str]]:
    records = open_records(name, folder, **settings)
    return [record.id for record in records], dict(records.excluded)


def test_a_parquet_file_of_one_long_word_is_named(tmp_path: Path) -> None:
    rows = pd.DataFrame(EXACT.T, columns=pd.Index(LEADS))
    rows.to_parquet(tmp_path / "sound.parquet")
    word = pa.DictionaryArray.from_arrays(
        pa.array([0] * len(rows)), ["x" * (2 * BOMB // len(rows))]
    )
    table = pa.Table.from_pandas(rows).append_column("note", word)
    parquet.write_table(table, tmp_path / "bomb.parquet", store_schema=False)
    assert (tmp_path / "bomb.parquet").stat().st_size < BOMB / 100
    settings = {"pattern": "*.parquet", "fs_hz": 500, "unit": "uV"}
    used, reasons = excluded("columns", tmp_path, **settings)
    assert used == ["sound"]
    assert "more than 256 MB unpacked" in reasons["bomb"]


def test_a_signal_that_begins_late_in_a_wfdb_header_is_named(tmp_path: Path) -> None:
    write_record(tmp_path, "sound", waves())
    edit(write_record(tmp_path, "bomb", waves()), "bomb.dat 16 ", f"bomb.dat 16:{BOMB // 16} ")
    used, reasons = excluded("wfdb", tmp_path)
    assert used == ["sound"]
    assert (
        f"at most 256 MB, got 12 5000 signals by samples, the latest {BOMB // 16}"
        in (reasons["bomb"])
    )


def test_an_array_of_many_ecgs_may_be_larger_than_what_is_read_at_once(tmp_path: Path) -> None:
    rows = 2**28 // (12 * 5000 * 2) + 10
    shape = (rows, 12, 5000)
    whole = np.lib.format.open_memmap(tmp_path / "a.npy", "w+", np.int16, shape)  # mostly a hole
    whole[7] = EXACT
    whole.flush()
    assert (tmp_path / "a.npy").stat().st_size > 2**28
    settings = {"pattern": "*.npy", "leads": LEADS, "leads_in": "rows", "fs_hz": 500, "unit": "uV"}
    reader = open_records("columns", tmp_path, **settings).reader
    assert len(reader) == rows
    (record,) = reader.read(7, 8)
    assert isinstance(record, Record)
    np.testing.assert_array_equal(record.signal, whole[7])
