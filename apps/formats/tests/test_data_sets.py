"""What holds for the readers of published data sets, by the checks of every reader of ECGLens."""

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from ecglens.datamodules import Records, open_records

from tests.datamodules.test_broken import check_damages, check_links
from tests.datamodules.test_missing_lead import check_setting
from tests.datamodules.test_reader_versions import check_golden, reader_of

from . import test_code15
from .data_sets import DATA_SETS

GOLDEN = json.loads((Path(__file__).parent / "golden_readers.json").read_text("utf-8"))
DATA = Path(__file__).parents[3] / "tests" / "data"
SAMPLED = ("cinc", "ptbxl")  # real files in tests/data
WRITTEN = [kind for kind in DATA_SETS if not kind.startswith(SAMPLED)]


def source_of(kind: str, folder: Path) -> Records:
    """Real files of this kind, or two that are written into the folder."""
    if kind in SAMPLED:
        return open_records(kind, DATA / kind)
    if kind == "code15":
        (folder / "exams.csv").write_text(test_code15.TABLE)
        exams = {1169160: test_code15.tracing(0, 10), 2873686: test_code15.tracing(1, 7)}
        test_code15.write(folder / "exams_part0.hdf5", exams)
        return open_records(kind, folder)
    DATA_SETS[kind].make(folder, ["1", "2"])
    name = DATA_SETS[kind].reader or reader_of(kind)
    return open_records(name, folder, **DATA_SETS[kind].settings)


@pytest.mark.parametrize("kind", [*SAMPLED, *WRITTEN, "code15"])
def test_the_numbers_of_a_reader_change_only_with_its_version(kind: str, tmp_path: Path) -> None:
    check_golden(kind, reader_of(kind), source_of(kind, tmp_path), GOLDEN)


@pytest.mark.heavy
@pytest.mark.parametrize("kind", DATA_SETS)
def test_whatever_is_wrong_with_a_file_is_named_and_costs_no_other(
    kind: str, tmp_path: Path
) -> None:
    check_damages(kind, DATA_SETS[kind], tmp_path)


def test_links_to_folders_are_followed_once_and_never_in_a_circle(tmp_path: Path) -> None:
    check_links("cpsc2018", DATA_SETS["cpsc2018"], tmp_path)


@pytest.mark.parametrize("kind", DATA_SETS)
def test_the_setting_of_missing_leads_is_part_of_what_the_numbers_depend_on(
    kind: str, tmp_path: Path
) -> None:
    check_setting(kind, DATA_SETS[kind], tmp_path)


def test_a_chunk_of_hdf5_that_unpacks_to_more_than_a_file_may_have_is_named(tmp_path: Path) -> None:
    (tmp_path / "exams.csv").write_text(test_code15.TABLE)
    rows = 2**28 // (4096 * 12 * 4) + 2
    with h5py.File(tmp_path / "exams_part0.hdf5", "w") as file:
        file["exam_id"] = np.arange(1, rows + 1)
        shape = (rows, 4096, 12)
        file.create_dataset("tracings", shape, np.float32, chunks=shape, compression="gzip")
    records = open_records("code15", tmp_path)
    assert [*records] == []
    (reason,) = (why for name, why in records.excluded if name == "exams_part0.hdf5")
    assert "chunks of 256 MB in tracings, more than 256" in reason
