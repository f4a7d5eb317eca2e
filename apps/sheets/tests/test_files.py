"""Which reader reads a file that a user names, and which ECGs of it."""

import shutil
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from ecglens.ecg import LEADS
from ecglens_sheets import open_files, setting_of

from tests.cli.conftest import ROOT

DATA = ROOT / "tests" / "data"
FILES = {
    "ludb/data/1.hea": ("wfdb", "1"),
    "ludb/data/1.dat": ("wfdb", "1"),
    "cinc/E07500.mat": ("wfdb", "E07500"),
}


def ids_of(given):
    """Reader and ids of all ECGs."""
    return [(each.records.name, record.id) for each in given for record in each.records]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=*.npy", "*.npy"),
        ("a=[I", "[I"),
        ("a=500", 500),
        ("a={b: c}", {"b": "c"}),
        ("a=2026-13-45", "2026-13-45"),
    ],
)
def test_a_setting_is_yaml_and_what_is_none_a_text(text, value):
    assert setting_of(text) == ("a", value)


@pytest.mark.parametrize(("file", "expected"), FILES.items())
def test_a_file_is_read_by_the_reader_of_its_format_and_nothing_beside_it(file, expected):
    assert ids_of(open_files([DATA / file], "", {})) == [expected]


def test_columns_are_read_with_their_rate_and_unit(tmp_path):
    signal = np.random.default_rng(0).normal(size=(12, 2500))
    for name in ("a", "b"):
        np.savetxt(tmp_path / f"{name}.csv", signal.T, delimiter=",", comments="",
                   header="I,II,III,aVR,aVL,aVF,V1,V2,V3,V4,V5,V6")  # fmt: skip
    settings = {"fs_hz": 250, "unit": "mV"}
    (one,) = open_files([tmp_path / "b.csv"], "", settings)
    (record,) = one.records
    assert (record.id, record.fs) == ("b", 250.0)
    np.testing.assert_allclose(record.signal, 1e3 * signal, rtol=1e-5)
    assert ids_of(open_files([tmp_path], "", settings)) == [("columns", "a"), ("columns", "b")]


def test_signals_that_a_header_of_another_name_has_are_no_ecgs(tmp_path):
    header = (DATA / "ludb" / "data" / "1.hea").read_text()
    shutil.copy(DATA / "ludb" / "data" / "1.dat", tmp_path / "signals.dat")
    (tmp_path / "1.hea").write_text(header.replace("1.dat", "signals.dat"))
    (tmp_path / "2.dat").touch()  # of no header: named
    (tmp_path / "3.hea").write_text("3 12 500 5000\n/ 16\n")  # damaged: it alone is left out
    (given,) = open_files([tmp_path], "", {})
    assert [each.id for each in given.records] == ["1"]
    assert [name for name, _ in given.records.excluded] == ["2", "3"]


def test_the_table_of_labels_in_a_folder_of_columns_is_no_ecg(tmp_path, monkeypatch):
    strip = pd.DataFrame(
        np.random.default_rng(0).normal(0, 0.2, (5000, 12)), columns=pd.Index(LEADS)
    )
    for name in ("1", "2"):
        strip.to_csv(tmp_path / f"{name}.csv", index=False)
    (tmp_path / "labels.csv").write_text("id,age\n1,44\n2,45\n")
    settings = {"fs_hz": 500, "unit": "mV", "columns": {"age": "age"}}
    monkeypatch.chdir(tmp_path.parent)
    for table in ("labels.csv", str(tmp_path / "labels.csv")):
        (given,) = open_files([Path(tmp_path.name)], "", {**settings, "table": table})
        assert [each.labels for each in given.records] == [{"age": 44.0}, {"age": 45.0}]


def test_an_array_of_several_ecgs_is_several_ecgs(tmp_path):
    np.save(tmp_path / "many.npy", np.random.default_rng(0).normal(size=(3, 2500, 12)))
    leads = ["I", "II", "III", "aVR", "aVL", "aVF", *(f"V{n}" for n in range(1, 7))]
    found = open_files([tmp_path / "many.npy"], "", {"fs_hz": 250, "unit": "mV", "leads": leads})
    assert [name for _, name in ids_of(found)] == ["0", "1", "2"]


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "w1").mkdir()
    leads = ["I", "II", "III", "aVR", "aVL", "aVF", *(f"V{n}" for n in range(1, 7))]
    settings = {"fs_hz": 250, "unit": "mV", "leads": leads}
    for place, count in (("7.npy", 2), ("w1/7.npy", 3)):
        np.save(tmp_path / place, rng.normal(size=(count, 2500, 12)))
    ids = [name for _, name in ids_of(open_files([tmp_path], "", settings))]
    assert ids == ["7/0", "7/1", "w1/7/0", "w1/7/1", "w1/7/2"]
    alone = open_files([tmp_path / "7.npy"], "", settings)
    assert len(ids_of(alone)) == 2  # and none of the folder below


def test_no_file_is_hidden_by_another_of_its_name(tmp_path):
    x = np.random.default_rng(0).normal(size=(2500, 12))
    leads = ["I", "II", "III", "aVR", "aVL", "aVF", *(f"V{n}" for n in range(1, 7))]
    np.save(tmp_path / "b.npy", x)
    np.savetxt(tmp_path / "a.csv", x, delimiter=",", header=",".join(leads), comments="")
    (tmp_path / "b.json").write_text("{}")
    (tmp_path / "b").mkdir()
    settings = {"fs_hz": 250, "unit": "mV", "leads": leads}
    given = open_files([tmp_path / "a.csv", tmp_path / "b.npy"], "", settings)
    assert [name for _, name in ids_of(given)] == ["a", "b"]


def test_two_folders_with_an_ecg_of_one_name_are_refused_but_no_ecg_is_read_twice(tmp_path):
    for ward in ("w1", "w2"):
        (tmp_path / ward).mkdir()
        for ending in ("hea", "dat"):
            content = (DATA / "ludb" / "data" / f"1.{ending}").read_bytes()
            renamed = content.replace(b"1.dat", b"7.dat").replace(b"1 12", b"7 12", 1)
            (tmp_path / ward / f"7.{ending}").write_bytes(renamed if ending == "hea" else content)
    both = [tmp_path / "w1", tmp_path / "w2"]
    with pytest.raises(ValueError, match=r"got '7' in .*w1 and in .*w2; give the folder"):
        open_files(both, "", {})
    assert ids_of(open_files([tmp_path], "", {})) == [("wfdb", "w1/7"), ("wfdb", "w2/7")]
    once = [both[0] / "7.hea", both[0] / "7.dat", both[0]]
    assert ids_of(open_files(once, "", {})) == [("wfdb", "7")]


@pytest.mark.heavy
def test_a_reader_can_be_named():
    found = ids_of(open_files([DATA / "ludb"], "ludb", {}))
    assert ("ludb", "1") in found
    path = "ecglens_formats.ludb.Ludb"
    assert [name for _, name in ids_of(open_files([DATA / "ludb"], path, {}))] == [
        name for _, name in found
    ]


@pytest.mark.parametrize(
    ("settings", "leaves"), [({}, [False, True]), ({"may_leave_machine": True}, [True, True])]
)
def test_ecgs_may_leave_the_machine_if_their_data_set_or_the_user_says_so(settings, leaves):
    given = open_files([DATA / "ludb" / "data" / "1.hea"], "", settings)
    given += open_files([DATA / "ludb"], "ludb", settings)
    assert [each.may_leave for each in given] == leaves


@pytest.mark.parametrize(
    ("path", "reader", "settings", "words"),
    [
        ("nowhere.dcm", "", {}, "found nothing at"),
        ("ludb/README", "", {}, r"expected WFDB \(.hea\), .* columns .*; got README"),
        ("networks/names", "", {}, "expected in .* files of WFDB"),
        ("ludb/data/1.hea", "", {"fs_hz": 500}, "--set with a setting of the reader, got fs_hz"),
        ("ludb/data/1.hea", "", {"path": "ludb"}, "--set with a setting of the reader, got path"),
        ("ludb/data/1.hea", "lubd", {}, "expected a data source .ludb, "),
        ("ludb/data/1.hea", "", {"missing_lead": 3}, "missing_lead"),
    ],
)
def test_wrong_use_is_one_line(path, reader, settings, words, tmp_path):
    place = DATA / path
    if path == "networks/names":
        place = tmp_path
        (tmp_path / "notes.txt").write_text("no ECG\n")
    with pytest.raises(ValueError, match=words):
        open_files([place], reader, settings)


def test_files_that_are_passed_over_are_counted(tmp_path, capsys) -> None:
    for ending in (".hea", ".dat"):
        shutil.copy(DATA / "ludb" / "data" / f"1{ending}", tmp_path)
    for name in ("one.scp", "two.scp", "empty.xml", "A0001.mat", "table.csv", "LICENSE.txt"):
        (tmp_path / name).touch()
    (given,) = open_files([tmp_path], "", {})
    assert len([*given.records]) == 1
    said = capsys.readouterr().err
    assert "1 .csv, 1 .mat, 2 .scp, 1 .xml (first: A0001.mat)" in said
    assert "--reader cpsc2018" in said
    assert "columns need --set fs_hz=" in said
    with pytest.raises(ValueError, match="--reader cpsc2018"):
        open_files([tmp_path / "A0001.mat"], "", {})


def test_a_part_of_code15_is_its_own_exams_alone(tmp_path):
    strip = np.random.default_rng(0).normal(0, 0.2, (4096, 12)).astype(np.float32)
    for part, exams in ((0, [1, 2]), (1, [11, 12])):
        with h5py.File(tmp_path / f"exams_part{part}.hdf5", "w") as content:
            content["exam_id"], content["tracings"] = exams, np.stack([strip, strip])
    given = open_files([tmp_path / "exams_part1.hdf5"], "code15", {})
    assert ids_of(given) == [("code15", "11"), ("code15", "12")]
