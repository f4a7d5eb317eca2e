"""The files of the 2025 study: strips as text with a table, median beats in HDF5."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import h5py
import numpy as np
import pytest
from ecglens.datamodules import FileReader, open_records, prepare
from ecglens.datamodules.preparation.blocks import TOO_SHORT
from ecglens.ecg import INDEPENDENT_INDEX, Record, median_beat
from ecglens.store import Store

LUDB = [*islice(open_records("ludb", Path(__file__).parents[3] / "tests" / "data" / "ludb"), 3)]
TABLE = """patid;VentRate;qt;pr;qrs;STJ_v5;T_PeakAmpl_v5;R_PeakAmpl_v5;ecgclass
0;61;402;150;88;-9;310;1200;NormalECG
10;72;390;;96;14;-210;900;BorderlineECG
2;80;380;162;90;20;250;1500;NormalECG
"""
ATTRIBUTES = {"VentRate": 61, "qt": 402, "qrs": 88, "STJ_v5": -9, "patid": 4}


def eight(index: int) -> np.ndarray:
    """I, II, V1…V6 in whole µV."""
    return np.round(LUDB[index].signal[list(INDEPENDENT_INDEX)]).astype(int)


def beat(index: int) -> np.ndarray:
    return np.round(median_beat(LUDB[index]).signal).astype(np.int16)


def write_median(file: Path, signal: np.ndarray, attributes: Mapping[str, object]) -> None:
    with h5py.File(file, "w") as content:
        content["median"] = signal
        content["median"].attrs.update(attributes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "files"
    path.mkdir()
    (path / "truth.csv").write_text(TABLE)
    for index, patid in enumerate(("0", "2", "10")):
        np.savetxt(path / f"{patid}.asc", eight(index).T, fmt="%d")
    return path


def test_a_file_by_name_is_that_file(folder: Path) -> None:
    reader = open_records("deepfake_files", folder).reader
    assert isinstance(reader, FileReader)
    (third,) = reader.only(["10"]).read(0, 1)
    *_, last = reader.read(0, 3)
    assert isinstance(third, Record)
    assert isinstance(last, Record)
    assert (third.id, last.id) == ("10", "10")
    np.testing.assert_array_equal(third.signal, last.signal)


def test_strips_are_completed_to_twelve_leads_in_microvolts(folder: Path) -> None:
    records = list(open_records("deepfake_files", folder))
    assert [record.id for record in records] == ["0", "2", "10"]
    for index, record in enumerate(records):
        assert record.fs == 500
        np.testing.assert_array_equal(record.signal[list(INDEPENDENT_INDEX)], eight(index))
        np.testing.assert_array_equal(record.signal[2], eight(index)[1] - eight(index)[0])
        assert record.labels == {}


def test_measurements_come_from_the_table_by_patid(folder: Path) -> None:
    first, second, third = open_records("deepfake_files", folder, table="truth.csv")
    names = ("rate", "qt", "pr", "qrs", "j", "t", "r")
    assert first.labels == dict(zip(names, (61, 402, 150, 88, -9, 310, 1200), strict=True))
    assert second.labels["rate"] == 80
    assert third.labels["t"] == -210
    assert np.isnan(third.labels["pr"])


def test_a_table_of_fewer_measurements_gives_those(folder: Path) -> None:
    (folder / "truth.csv").write_text("patid,avgrrinterval,pr\n0,900,151\n")
    first, second, _ = open_records("deepfake_files", folder, table="truth.csv")
    assert (first.labels, second.labels) == ({"pr": 151.0}, {})


def test_a_median_beat_is_prepared_as_it_is_with_its_measurements(tmp_path: Path) -> None:
    write_median(tmp_path / "4.h5", beat(0).T, ATTRIBUTES)
    write_median(tmp_path / "5.h5", beat(1).T, {})
    records = open_records("deepfake_files", tmp_path)
    first, second = records
    assert first.labels["rate"] == 61
    assert np.isnan(first.labels["pr"])  # 12SL gave none
    assert second.labels == {}
    prepared = prepare(records, Store(tmp_path / "store"), workers=1)
    np.testing.assert_array_equal(prepared.x(np.arange(2)), [beat(0), beat(1)])
    assert prepared.label("qt")[0] == 402
    assert prepared.label("qt")[1] == pytest.approx(LUDB[1].labels["qt"], abs=20)  # measured
    assert prepared.without("pr") == [("4", "not in the labels that came with the record")]
    assert prepared.without("rate") == [("5", "a given median beat without its strip")]
    assert prepared.segments(np.arange(2)).any(axis=1).all()


def test_a_median_beat_is_no_strip(tmp_path: Path) -> None:
    write_median(tmp_path / "4.h5", beat(0).T, ATTRIBUTES)
    records = open_records("deepfake_files", tmp_path)
    strips = prepare(records, Store(tmp_path / "store"), "rhythm", workers=1)
    assert strips.excluded == [("4", TOO_SHORT.format(1.2))]


def test_damaged_files_are_named_and_cost_no_other(folder: Path) -> None:
    whole = (folder / "0.asc").read_text()
    rows = whole.splitlines(keepends=True)
    (folder / "20.asc").write_text("".join(rows[:-1]))
    (folder / "21.asc").write_text("")
    (folder / "22.asc").write_text(whole.replace("-", "x", 1))
    (folder / "23.asc").write_bytes(bytes(range(256)))
    (folder / "24.asc").write_text("nan" + whole[whole.index(" ") :])
    (folder / "25.asc").write_text("".join(f"{row.strip()} 1\n" for row in rows))
    (folder / "26.asc").write_text("1000000000" + whole[whole.index(" ") :])
    (folder / "27.h5").write_bytes(b"\x89HDF\r\n\x1a\n and no more")
    write_median(folder / "28.h5", beat(0), {})
    write_median(folder / "29.h5", beat(0).T, {"qt": "long"})
    with h5py.File(folder / "30.h5", "w") as content:
        content["rhythm"] = beat(0)
    write_median(folder.parent / "elsewhere.h5", beat(0).T, {})
    with h5py.File(folder / "31.h5", "w") as content:
        content["median"] = h5py.ExternalLink("../elsewhere.h5", "median")
    with h5py.File(folder / "32.h5", "w") as content:
        raw = [("../elsewhere.raw", 0, 600 * 12 * 2)]
        content.create_dataset("median", (600, 12), "i2", external=raw)
    write_median(folder / "33.h5", beat(0).T, {"qt": np.inf})
    write_median(folder / "34.h5", np.full((600, 12), b"1"), {})
    (folder / "below").mkdir()
    (folder / "below" / "0.asc").write_text(whole)
    records = open_records("deepfake_files", folder)
    assert [record.id for record in records] == ["0", "2", "10"]
    words = {"0": "this one again", "20": "(4999, 8)", "21": "21.asc, got a damaged one",
             "22": "22.asc, got a damaged one", "23": "23.asc, got a damaged one", "24": "NaN",
             "25": "(5000, 9)", "26": "±500 mV", "27": "open file", "28": "(12, 600)",
             "29": "29.h5, got a damaged one", "30": "no median in the file itself",
             "31": "no median in the file itself", "32": "no numbers in median itself",
             "33": "qt is infinite", "34": "not numbers"}  # fmt: skip
    reasons = dict(records.excluded)
    assert reasons.keys() == words.keys()
    for name, word in words.items():
        assert word in reasons[name], name
        assert "\n" not in reasons[name]


def test_a_folder_or_table_that_is_not_there_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"in data\.table a csv file, got .*none\.csv"):
        open_records("deepfake_files", folder, table="none.csv")
    with pytest.raises(ValueError, match=r"a folder, got .*nowhere, which does not exist"):
        open_records("deepfake_files", tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"\.asc or \.h5 files below .*empty, got none"):
        len(open_records("deepfake_files", tmp_path / "empty").reader)


def test_the_origin_follows_the_file_and_the_row_of_an_ecg(folder: Path) -> None:
    before = open_records("deepfake_files", folder, table="truth.csv").reader
    kept = [before.origin(0, 1), before.origin(1, 2)]
    (folder / "truth.csv").write_text(TABLE.replace("0;61;", "0;62;"))
    assert before.origin(0, 1) != kept[0]
    assert before.origin(1, 2) == kept[1]
    (folder / "2.asc").write_text((folder / "10.asc").read_text())
    assert before.origin(1, 2) != kept[1]
