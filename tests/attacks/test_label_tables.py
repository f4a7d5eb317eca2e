"""A table of labels that unpacks to more than memory holds is one line."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from ecglens.datamodules import read_labels
from pyarrow import parquet

ROWS = 20_000


def parquet_bomb(file: Path) -> None:
    """50 kB in which each of many rows has the same id of 100 kB: 2 GB as text."""
    places = pa.array([0] * ROWS, pa.int32())
    ids = pa.DictionaryArray.from_arrays(places, pa.array(["7" * 100_000]))
    parquet.write_table(pa.table({"id": ids, "pr": [1.0] * ROWS}), file, compression="zstd")


def csv_bomb(file: Path) -> None:
    """10 MB in which each of many rows is two characters, and an object of Python in memory."""
    file.write_text("id,pr\n" + ",\n" * 5_000_000)


@pytest.mark.parametrize(
    ("name", "write"), [("labels.parquet", parquet_bomb), ("labels.csv", csv_bomb)]
)
def test_a_table_that_fills_the_memory_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, write: Callable[[Path], None]
) -> None:
    write(tmp_path / name)
    assert (tmp_path / name).stat().st_size < 2**24
    # 3 GB otherwise: too much for the machine of a test.
    monkeypatch.setattr("ecglens.datamodules.formats.files.ALLOWED_BYTES", 2**28)
    with pytest.raises(ValueError, match=rf"256 MB of memory, got {name}, which needs more"):
        read_labels(tmp_path / name, "id", {"pr": "pr"})
