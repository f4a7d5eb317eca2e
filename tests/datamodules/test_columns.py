"""A user's own folder: csv, parquet and numpy files of every layout that the settings describe."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import hydra
import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Records, open_records, prepare
from ecglens.ecg import INDEPENDENT, INDEPENDENT_INDEX, LEADS, Record, from_eight
from ecglens.registry import config_folder
from ecglens.store import Store
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

LUDB = [*islice(open_records("ludb", Path(__file__).parents[1] / "data" / "ludb"), 3)]
UV = [record.signal.astype(float) for record in LUDB]
ALL = [*LEADS]
HALF_UV = 0.5


def opened(path: Path, **settings: Any) -> Records:
    return open_records("columns", path, **{"fs_hz": 500, "unit": "mV", **settings})


def frame(index: int) -> pd.DataFrame:
    """An ECG in mV beside its time."""
    table = pd.DataFrame(UV[index].T / 1e3, columns=pd.Index(ALL))
    table.insert(0, "time", np.arange(len(table)) / 500)
    return table


def same(records: Iterable[Record], count: int) -> bool:
    """These are the first ECGs, in µV, in the house's order."""
    pairs = zip(list(records), UV[:count], strict=True)
    return all(np.abs(record.signal - uv).max() < HALF_UV for record, uv in pairs)


def test_csv_files_with_a_line_of_names_need_no_more_than_rate_and_unit(tmp_path: Path) -> None:
    (tmp_path / "ward").mkdir()
    frame(0).to_csv(tmp_path / "7.csv", index=False)
    shuffled = frame(1)[["V6", "time", *reversed(ALL[:-1])]]
    shuffled.columns = [name.upper() for name in shuffled.columns]
    shuffled.to_csv(tmp_path / "ward" / "8.csv", index=False, sep=";")
    records = list(opened(tmp_path))
    assert [record.id for record in records] == ["7", "ward/8"]
    assert same(records, 2)
    assert {record.fs for record in records} == {500.0}


@pytest.mark.parametrize(
    ("unit", "factor"), [("uV", 1.0), ("µV", 1.0), ("μV", 1.0), ("mV", 1e-3), ("V", 1e-6)]
)
def test_the_unit_is_that_of_the_settings(tmp_path: Path, unit: str, factor: float) -> None:
    np.save(tmp_path / "a.npy", UV[0].T * factor)
    assert same(opened(tmp_path, pattern="*.npy", unit=unit, leads=ALL), 1)


@pytest.mark.parametrize("separator", [",", ";", "\t", "  "])
def test_text_without_names_takes_them_from_the_settings(tmp_path: Path, separator: str) -> None:
    rows = [separator.join(f"{value:.3f}" for value in row) for row in frame(0).to_numpy()]
    (tmp_path / "a.txt").write_text("\n".join(rows))
    names = ["time", *ALL]
    records = opened(tmp_path, pattern="*.txt", header=False, leads=names)
    assert same(records, 1)


def test_a_first_line_of_numbers_alone_is_no_line_of_names(tmp_path: Path) -> None:
    frame(0).to_csv(tmp_path / "a.csv", index=False, header=False)
    names = ["time", *ALL]
    records = opened(tmp_path, leads=names)
    assert list(records) == []
    assert "data.header=false" in records.excluded[0].reason
    assert same(opened(tmp_path, leads=names, header=False), 1)
    numbered = frame(0).set_axis(pd.RangeIndex(13), axis=1)  # as pandas names them
    numbered.to_csv(tmp_path / "a.csv", index=False)
    assert same(opened(tmp_path, leads=names), 1)


def test_rows_of_one_id_that_are_apart_are_no_recording(tmp_path: Path) -> None:
    parts = [frame(index)[:2000].assign(ecg=id) for index, id in enumerate("aba")]
    pd.concat(parts).to_csv(tmp_path / "all.csv", index=False)
    records = opened(tmp_path, ecg="ecg")
    assert [record.id for record in records] == ["b"]
    assert records.excluded[0].name == "a"
    assert "one after the other" in records.excluded[0].reason


def test_ids_that_became_numbers_are_told_by_their_decimal_point(tmp_path: Path) -> None:
    np.save(tmp_path / "101.npy", UV[0].T)
    (tmp_path / "t.csv").write_text("id,h\n101.0,1\n")
    settings = {"pattern": "*.npy", "leads": ALL, "table": "t.csv", "columns": {"h": "h"}}
    with pytest.raises(ValueError, match=r"got '101\.0'; write ids without a decimal point"):
        len(opened(tmp_path, **settings).reader)


def test_names_of_the_settings_stand_before_those_of_the_file(tmp_path: Path) -> None:
    table = frame(0)[["time", *INDEPENDENT]]
    table.columns = [f"channel {place}" for place in range(9)]
    table.to_csv(tmp_path / "a.csv", index=False)
    [record] = opened(tmp_path, leads=["t", *INDEPENDENT])
    assert np.abs(record.signal - from_eight(UV[0][[*INDEPENDENT_INDEX]])).max() < HALF_UV
    with_names = opened(tmp_path)
    assert list(with_names) == []
    assert "expected names of leads, got channel 0, " in with_names.excluded[0].reason


def test_leads_that_contradict_the_names_of_the_file_are_refused(tmp_path: Path) -> None:
    frame(0)[[*reversed(ALL)]].to_csv(tmp_path / "a.csv", index=False)
    records = opened(tmp_path, leads=ALL)
    assert list(records) == []
    assert "in the order of data.leads, got V6 for I in the names" in records.excluded[0].reason
    assert same(opened(tmp_path, leads=[*reversed(ALL)]), 1)


def test_leads_may_be_the_rows(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", UV[0].astype(">f8"))  # as instruments write it
    np.savetxt(tmp_path / "b.csv", UV[1][list(INDEPENDENT_INDEX)], delimiter=",", fmt="%.2f")
    settings = {"leads_in": "rows", "unit": "uV", "header": False}
    assert same(opened(tmp_path, pattern="*.npy", leads=ALL, **settings), 1)
    [record] = opened(tmp_path, leads=[*INDEPENDENT], **settings)
    assert np.abs(record.signal - from_eight(UV[1][[*INDEPENDENT_INDEX]])).max() < HALF_UV


def test_one_table_may_hold_all_ecgs(tmp_path: Path) -> None:
    tables = [frame(index).assign(exam=f"00{index}", note="x") for index in range(3)]
    pd.concat(tables).to_csv(tmp_path / "all.csv", index=False)
    pd.concat(tables).to_parquet(tmp_path / "all.parquet")
    for pattern in ("*.csv", "*.parquet"):
        records = list(opened(tmp_path, pattern=pattern, ecg="exam"))
        assert [record.id for record in records] == ["000", "001", "002"]
        assert same(records, 3)


def test_arrays_may_hold_many_ecgs(tmp_path: Path) -> None:
    whole = np.stack(UV).astype(np.float32)
    np.save(tmp_path / "a.npy", whole)
    np.savez(tmp_path / "a.npz", first=UV[0], second=UV[1])
    settings = {"leads": ALL, "leads_in": "rows", "unit": "uV"}
    one = list(opened(tmp_path, pattern="*.npy", **settings))
    assert [record.id for record in one] == ["0", "1", "2"]
    records = opened(tmp_path, pattern="*.npy", unit="uV")
    assert list(records) == []
    nameless = records.excluded[0]
    assert "expected names of leads, got 0, 1, 2," in nameless.reason
    assert "data.leads_in=rows for (lead, time)" in nameless.reason
    named = list(opened(tmp_path, pattern="*.npz", **settings))
    assert [record.id for record in named] == ["first", "second"]
    np.save(tmp_path / "b.npy", whole[:1])
    two = list(opened(tmp_path, pattern="*.npy", **settings))
    assert [record.id for record in two] == ["a/0", "a/1", "a/2", "b/0"]
    assert same(one, 3)
    assert same(named, 2)
    assert same(two[:3], 3)


def test_parquet_and_npz_files_of_one_ecg_are_named_by_the_file(tmp_path: Path) -> None:
    frame(0).to_parquet(tmp_path / "x.parquet")
    np.savez_compressed(tmp_path / "y.npz", UV[0].T / 1e3)
    [first] = opened(tmp_path, pattern="*.parquet")
    [second] = opened(tmp_path, pattern="*.npz", leads=ALL)
    assert (first.id, second.id) == ("x", "y")
    assert same([first], 1)
    assert same([second], 1)


def test_labels_and_patients_come_from_a_table(tmp_path: Path) -> None:
    for index in range(3):
        frame(index).to_csv(tmp_path / f"{index}.csv", index=False)
    table = "exam,LVEF_percent,PR,who\n0,55,160,anna\n1,,148,anna\n9,30,150,bert\n"
    (tmp_path / "labels.csv").write_text(table)
    records = opened(
        tmp_path,
        table="labels.csv",
        id_column="exam",
        patient_column="who",
        columns={"lvef": "LVEF_percent", "pr": "PR"},
    )
    first, second = records
    assert first.labels == {"lvef": 55, "pr": 160}
    assert np.isnan(second.labels["lvef"])
    assert [record.patient for record in (first, second)] == ["anna", "anna"]
    prepared = prepare(records, Store(tmp_path / "store"), workers=1)
    np.testing.assert_array_equal(prepared.label("lvef"), [55, np.nan])
    np.testing.assert_array_equal(prepared.label("pr"), [160, 148])
    assert list(prepared.table["patient"]) == ["anna", "anna"]
    assert prepared.excluded == [("2", "no row in labels.csv")]


def test_a_table_by_its_whole_path_is_no_ecg(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "ecgs").mkdir()
    frame(0).to_csv(tmp_path / "ecgs" / "0.csv", index=False)
    (tmp_path / "ecgs" / "labels.csv").write_text("id,PR\n0,160\n")
    monkeypatch.chdir(tmp_path)
    table = str(tmp_path / "ecgs" / "labels.csv")
    records = opened(Path("ecgs"), table=table, columns={"pr": "PR"})
    assert [record.id for record in records] == ["0"]
    assert records.excluded == []


@pytest.mark.parametrize("patient_column", [None, "who"])
def test_an_ecg_without_a_row_is_excluded_by_name(tmp_path: Path, patient_column: Any) -> None:
    for index in range(3):
        frame(index).to_csv(tmp_path / f"{index}.csv", index=False)
    (tmp_path / "labels.csv").write_text("id,PR,who\n0,160,anna\n2,150,\n")
    settings = {"table": "labels.csv", "columns": {"pr": "PR"}, "patient_column": patient_column}
    records = opened(tmp_path, **settings)
    found = [record.id for record in records]
    assert ("1", "no row in labels.csv") in records.excluded
    assert found == (["0"] if patient_column else ["0", "2"])
    assert (("2", "no patient in labels.csv") in records.excluded) == bool(patient_column)


def test_a_table_of_other_ecgs_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    frame(0).to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "labels.csv").write_text("id,who\na.csv,anna\n")
    reader = opened(tmp_path, table="labels.csv", patient_column="who").reader
    step = "; write the names without the ending"
    with pytest.raises(ValueError, match=rf"of labels\.csv the ids .* 'a', got 'a\.csv'{step}$"):
        len(reader)
    (tmp_path / "labels.csv").write_text("id,who\nb.csv,anna\n")
    with pytest.raises(ValueError, match=r"'a', got 'b\.csv'$"):
        len(opened(tmp_path, table="labels.csv", patient_column="who").reader)


def test_rows_that_count_the_ecgs_of_an_array_from_1_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.stack(UV))
    settings = {"pattern": "*.npy", "leads": ALL, "leads_in": "rows", "table": "t.csv"}
    rows = "".join(f"{place},50\n" for place in range(1, len(UV) + 1))
    (tmp_path / "t.csv").write_text(f"id,age\n{rows}")
    said = rf"counted from 0 to {len(UV) - 1}, got 1 to {len(UV)}; count from 0$"
    with pytest.raises(ValueError, match=said):
        len(opened(tmp_path, columns={"age": "age"}, **settings).reader)


def test_blocks_from_before_ecgs_without_a_row_were_excluded_are_not_read(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.stack(UV))
    settings = {"pattern": "*.npy", "leads": ALL, "leads_in": "rows", "table": "t.csv"}
    labels = {}
    for rows in ("0,50\n1,60\n", "0,50\n1,60\n2,\n"):
        (tmp_path / "t.csv").write_text(f"id,age\n{rows}")
        reader = opened(tmp_path, columns={"age": "age"}, **settings).reader
        labels[rows] = reader.origin(2, 3)["labels"]
    assert len({*labels.values()}) == 2


def test_damaged_files_are_named_and_cost_no_other(tmp_path: Path) -> None:
    good = frame(0).to_csv(index=False)
    lines = good.splitlines(keepends=True)
    (tmp_path / "0.csv").write_text(good)
    broken = {
        "empty": ("", "empty.csv, got a damaged one"),
        "names": (lines[0], "names.csv, got a damaged one"),
        "short": ("".join(lines[:9]), ""),
        "text": (good.replace(lines[5], lines[5].replace(",", ",x", 3)), "numbers in each lead"),
        "comma": (good.replace(".", ","), "with a decimal point, not a comma"),
        "shifted": (good.replace(lines[7], "1," + lines[7]), "shifted.csv, got a damaged one"),
        "cut": (good[:-40], "NaN"),
        "nan": (good.replace(lines[3], ",".join(["0"] + ["nan"] * 12) + "\n"), "12 NaN"),
        "inf": (good.replace(lines[3], ",".join(["0"] + ["inf"] * 12) + "\n"), "infinite"),
        "lead": (good.replace("V3", "X"), "missing: V3"),
        "twice": (good.replace("V3", "V2"), "each lead once"),
        "huge": (good.replace(lines[3], ",".join(["1e9"] * 13) + "\n"), "±500 mV"),
        "unit": (pd.read_csv(tmp_path / "0.csv").mul(1e3).to_csv(index=False), "±500 mV"),
    }
    for name, (text, _) in broken.items():
        (tmp_path / f"{name}.csv").write_text(text)
    (tmp_path / "bytes.csv").write_bytes(bytes(range(256)))
    records = opened(tmp_path)
    assert [record.id for record in records] == ["0", "short"]  # 8 samples: refused as a beat
    reasons = dict(records.excluded)
    assert reasons.keys() == broken.keys() - {"short"} | {"bytes"}
    for name in broken.keys() - {"short"}:
        assert broken[name][1] in reasons[name], name
        assert "\n" not in reasons[name]


@pytest.mark.heavy
def test_damaged_arrays_are_named_and_cost_no_other(tmp_path: Path) -> None:
    np.save(tmp_path / "0.npy", UV[0])
    np.savez(tmp_path / "1.npz", UV[1])
    whole = (tmp_path / "0.npy").read_bytes()
    (tmp_path / "cut.npy").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "magic.npy").write_bytes(b"no numpy" + whole)
    np.save(tmp_path / "pickle.npy", np.array([{"a": 1}], object), allow_pickle=True)
    np.save(tmp_path / "flat.npy", UV[0][0])
    np.save(tmp_path / "complex.npy", UV[0] * 1j)
    np.save(tmp_path / "eleven.npy", UV[0][:11])
    (tmp_path / "half.npz").write_bytes((tmp_path / "1.npz").read_bytes()[:5000])
    np.savez_compressed(tmp_path / "bomb.npz", np.zeros((12, 2**22)))
    records = opened(tmp_path, pattern="*.np[yz]", leads=ALL, leads_in="rows", unit="uV")
    assert [record.id for record in records] == ["0", "1"]
    words = {"cut": "damaged", "half": "damaged", "magic": "damaged", "pickle": "Python objects",
             "flat": "(5000,)", "complex": "complex128", "eleven": "expected 12 rows",
             "bomb": "384 MB unpacked"}  # fmt: skip
    reasons = dict(records.excluded)
    assert reasons.keys() == words.keys()
    for name, word in words.items():
        assert word in reasons[name], (name, reasons[name])


def test_damaged_tables_of_many_ecgs_are_named_by_the_file(tmp_path: Path) -> None:
    tables = [frame(index).assign(exam=index) for index in range(2)]
    pd.concat(tables).to_csv(tmp_path / "a.csv", index=False)
    tables[1].to_csv(tmp_path / "b.csv", index=False)
    frame(2).to_csv(tmp_path / "c.csv", index=False)
    frame(2).assign(exam="").to_csv(tmp_path / "d.csv", index=False)
    records = opened(tmp_path, ecg="exam")
    assert [record.id for record in records] == ["0", "1"]
    reasons = dict(records.excluded)
    assert "this one again" in reasons["1"]
    assert "in c.csv the column exam" in reasons["c"]
    assert "exam empty in one" in reasons["d"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"unit": "volt"}, r"data\.unit to be one of 'uV', 'µV', 'μV', 'mV', 'V', got 'volt'"),
        ({"leads": ["I", "II"]}, "missing: III"),
        ({"leads_in": "rows"}, r"data\.leads, since no line of the files names the columns"),
        ({"header": False}, r"data\.leads, since no line"),
        ({"ecg": "id", "header": False, "leads": ALL}, r"data\.ecg with data\.header"),
        ({"pattern": "/my/*.csv"}, r"data\.pattern below data\.path, got '/my/\*\.csv'"),
        ({"pattern": ""}, r"data\.pattern below data\.path, got ''"),
        ({"pattern": "."}, r"data\.pattern below data\.path, got '\.'"),
        ({"pattern": "../*.csv"}, r"data\.pattern below data\.path, got '\.\./\*\.csv'"),
        ({"table": "none.csv"}, r"data\.table a file, got .*none\.csv"),
        ({"columns": {"age": "Age"}}, r"data\.table, which has data\.columns"),
        ({"table": "t.csv", "columns": {"id": "Age"}}, "another name for a label than id"),
        ({"table": "t.csv", "columns": {"a; b": "Age"}}, "another name for a label than a; b"),
    ],
)
def test_settings_that_do_not_fit_are_refused_at_the_door(
    tmp_path: Path, settings: dict[str, Any], words: str
) -> None:
    (tmp_path / "t.csv").write_text("id,Age\n")
    with pytest.raises(ValueError, match=words):
        opened(tmp_path, **settings)


def test_a_folder_is_no_file_of_ecgs(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match=r"expected files \*\* below .*, got none"):
        len(opened(tmp_path, pattern="**", leads=ALL).reader)


def test_rate_and_unit_must_be_given_and_files_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"fs_hz, unit, got none; .* from Python as fs_hz="):
        open_records("columns", tmp_path)
    with pytest.raises(ValueError, match=r"files \*\.csv below .*, got none"):
        len(opened(tmp_path).reader)
    with pytest.raises(ValueError, match=r"in data\.path a folder, got .*nowhere"):
        opened(tmp_path / "nowhere")


def test_the_origin_follows_what_is_read_of_an_ecg_its_row_and_the_settings(tmp_path: Path) -> None:
    whole = np.stack(UV)
    np.save(tmp_path / "a.npy", whole)
    (tmp_path / "t.csv").write_text("id,age\n0,50\n1,60\n")
    settings: dict[str, Any] = {
        "pattern": "*.npy", "leads": ALL, "leads_in": "rows", "unit": "uV", "table": "t.csv",
        "columns": {"age": "age"},
    }  # fmt: skip
    reader = opened(tmp_path, **settings).reader
    kept = [reader.origin(place, place + 1) for place in range(3)]
    whole[0, 0, 0] += 1
    np.save(tmp_path / "a.npy", whole)
    (tmp_path / "t.csv").write_text("id,age\n0,50\n1,61\n")
    changed = [reader.origin(place, place + 1) for place in range(3)]
    assert [old == new for old, new in zip(kept, changed, strict=True)] == [False, False, True]
    assert opened(tmp_path, **settings | {"fs_hz": 250}).reader.origin(2, 3) != changed[2]
    assert opened(tmp_path, **settings | {"unit": "mV"}).reader.origin(2, 3) != changed[2]


def test_the_order_of_columns_changes_no_origin(tmp_path: Path) -> None:
    """A finding keeps settings by name: a run whose columns were given otherwise finds its own."""
    np.save(tmp_path / "a.npy", np.stack(UV))
    (tmp_path / "t.csv").write_text("id,b,h\n0,1,50\n1,2,60\n2,3,70\n")
    settings: dict[str, Any] = {"pattern": "*.npy", "leads": ALL, "leads_in": "rows"}
    one, other = (
        opened(
            tmp_path, **settings, unit="uV", table="t.csv", columns={each: each for each in names}
        )
        for names in ("bh", "hb")
    )
    assert one.reader.origin(0, 3) == other.reader.origin(0, 3)
    assert [each.labels for each in one] == [each.labels for each in other]


def test_the_yaml_is_filled_in_on_the_command_line(tmp_path: Path) -> None:
    frame(0).to_csv(tmp_path / "7.csv", index=False)
    (tmp_path / "labels.csv").write_text("id,Age\n7,61\n")
    GlobalHydra.instance().clear()
    with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
        overrides = ["data=columns", f"data.path={tmp_path}", "data.fs_hz=500", "data.unit=mV"]
        overrides += ["data.table=labels.csv", "data.columns={age: Age}"]
        config = hydra.compose("train", overrides)
    GlobalHydra.instance().clear()
    data = OmegaConf.to_container(config.data, resolve=True, throw_on_missing=True)
    assert isinstance(data, dict)
    about = ("split", "may_leave_machine")  # not for the reader
    given = {str(key): value for key, value in data.items() if key not in about}
    [record] = open_records(**given)
    assert same([record], 1)
    assert record.labels == {"age": 61.0}


def test_what_a_spreadsheet_saved_otherwise_is_said_with_what_to_do(tmp_path: Path) -> None:
    comma = "write numbers with a decimal point, not a comma"
    frame(0).to_csv(tmp_path / "semicolon.csv", index=False, sep=";", decimal=",")
    frame(0).to_csv(tmp_path / "tab.csv", index=False, sep="\t", decimal=",")
    frame(0).to_csv(tmp_path / "wide.csv", index=False, encoding="utf-16")
    plain = frame(0).to_csv(index=False).encode("utf-16-le")
    (tmp_path / "unmarked.csv").write_bytes(plain)
    latin = frame(0).rename(columns={"time": "Größe"})
    latin.to_csv(tmp_path / "latin.csv", index=False, encoding="latin-1")
    records = opened(tmp_path)
    assert list(records) == []
    reasons = dict(records.excluded)
    assert reasons["semicolon"].endswith(f"in I; {comma}")
    assert reasons["tab"].endswith(f"in I; {comma}")
    for name, got in (("wide", "UTF-16"), ("unmarked", "UTF-16"), ("latin", "another encoding")):
        expected = f"expected text in UTF-8 in {name}.csv, got {got}; save it as UTF-8"
        assert reasons[name] == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"id;PR\n0;160,5\n", "got '160,5' for '0'; write numbers with a decimal point"),
        ("id,PR\n0,160\n".encode("utf-16"), "expected text in UTF-8 in t.csv, got UTF-16"),
        ("id,PR,Größe\n0,160,1\n".encode("latin-1"), "UTF-8 in t.csv, got another encoding"),
    ],
)
def test_a_table_saved_otherwise_is_refused_with_what_to_do(
    tmp_path: Path, text: bytes, words: str
) -> None:
    frame(0).to_csv(tmp_path / "0.csv", index=False)
    (tmp_path / "t.csv").write_bytes(text)
    reader = opened(tmp_path, table="t.csv", columns={"pr": "PR"}).reader
    with pytest.raises(ValueError, match=words):
        len(reader)


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    for name in ("columns", "wfdb", "code15"):
        settings = {"fs_hz": 500, "unit": "mV"} if name == "columns" else {}
        with pytest.raises(ValueError, match=r"a folder, got .*nowhere, which does not exist"):
            open_records(name, tmp_path / "nowhere", **settings)
    with pytest.raises(ValueError, match=r"got nowhere, which does not exist in /"):
        open_records("wfdb", "nowhere")


def test_a_signal_file_that_is_missing_is_named(tmp_path: Path) -> None:
    header = Path(__file__).parents[1] / "data" / "ludb" / "data" / "1.hea"
    (tmp_path / "1.hea").write_bytes(header.read_bytes())
    records = open_records("wfdb", tmp_path)
    assert list(records) == []
    (excluded,) = records.excluded
    assert excluded.reason.startswith("expected the file 1.dat of this ECG, got none; copy it")
