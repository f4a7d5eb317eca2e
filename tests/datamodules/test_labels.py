"""Labels of any column, of a table joined by id, and who is left out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import Prepared, Split, Target
from ecglens.datamodules.cohort import Cohort
from ecglens.datamodules.labels.target import Labels
from ecglens.datamodules.split import Folds

from .sources import Measured

NAN = np.nan
READER = Measured(8)  # says nothing of who made its labels
IDS = ["001", "002", "3", "4", "5", "6", "8", "9"]
COLUMNS = {
    "id": IDS,
    "patient": ["a", "a", "b", "c", "d", "e", "f", "g"],
    "lvef": [30.0, 55.0, NAN, 60.0, 41.0, 52.0, 60.0, 41.0],
    "lvh": [1.0, 0.0, 0.0, NAN, 1.0, 0.0, 1.0, 1.0],
    "dx_af": [1.0, 0.0, NAN, 1.0, 1.0, NAN, 0.0, 0.0],
    "dx_avb1": [0.0, 1.0, NAN, 0.0, 0.0, NAN, 1.0, 1.0],
    "pr": [160.0, 170.0, 180.0, 190.0, 200.0, 210.0, 220.0, 230.0],
    "pr_sd": [1.0, 12.0, 3.0, np.inf, 10.0, NAN, 2.0, 2.0],
    "fold": [1.0, 1.0, 2.0, 9.0, 10.0, NAN, 9.0, 10.0],
    "given": ["lvef; lvh"] * 7 + [""],
    "flags": [""] * 8,
    "reasons": [json.dumps({"lvef": "no echo"})] + ["{}"] * 7,
}


@pytest.fixture
def prepared(tmp_path: Path) -> Prepared:
    """Eight ECGs of seven patients in one block."""
    block = tmp_path / "block"
    block.mkdir()
    pd.DataFrame(COLUMNS).to_csv(block / "table.csv", index=False)
    (block / "excluded.json").write_text(json.dumps([["7", "shorter than 4 s"]]))
    np.save(block / "x.npy", np.zeros((8, 12, 600), np.float32))
    np.save(block / "segments.npy", np.zeros((8, 600), np.int8))
    return Prepared((block,))


def table(folder: Path, text: str, name: str = "echo.csv") -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def echo(path: str, **settings: Any) -> Labels:
    return Labels(Target("ef", "%", "ef", table=path, id="record", **settings))


def test_a_column_of_the_records_is_the_label(prepared: Prepared) -> None:
    labels = Labels(Target("lvef", "%", "lvef"))
    assert labels.of(prepared).tolist()[:2] == [[30.0], [55.0]]
    assert labels.without(prepared) == [("3", "did not come with the record")]
    assert labels.source(prepared, READER) == (
        "lvef, given with the data set (n = 6), measured by ECGLens (n = 1)"
    )
    assert Labels(Target("pr", "ms", "pr")).source(prepared, READER) == "pr, measured by ECGLens"


def test_a_label_that_is_too_uncertain_is_left_out_and_named_once(prepared: Prepared) -> None:
    all_of_them, sure = (Labels(Target("pr", "ms", "pr", max_sd=sd)) for sd in (None, 10.0))
    assert not all_of_them.without(prepared)
    reason = "pr is uncertain: SD above 10 ms"
    assert sure.without(prepared) == [("002", reason), ("4", reason)]
    # Row 6 has a label whose uncertainty is not known: it came with the record.
    expected = [160.0, NAN, 180.0, NAN, *COLUMNS["pr"][4:]]
    np.testing.assert_array_equal(sure.of(prepared)[:, 0], expected)
    assert sure.settings == {**all_of_them.settings, "max_sd": 10.0}


def test_a_label_without_an_uncertainty_cannot_be_too_uncertain(prepared: Prepared) -> None:
    with pytest.raises(ValueError, match="got 'lvef_sd'"):
        Labels(Target("lvef", "%", "lvef", max_sd=5.0)).of(prepared)
    for wrong in ({"kind": "binary"}, {"table": "echo.csv"}, {"max_sd": -1.0}):
        with pytest.raises(ValueError, match="max_sd"):
            Target("lvef", "", "lvef", **{"max_sd": 5.0, **wrong})


def test_a_label_of_a_table_that_nobody_can_have_is_refused(
    prepared: Prepared, tmp_path: Path
) -> None:
    path = table(tmp_path, "id,age\n3,\n001,300\n7,-1\n")
    for unit in ("years", ""):
        wrong = Labels(Target("age", unit, "age", table=path))
        with pytest.raises(ValueError, match=r"age of 0 to 122 years, got 300 in echo\.csv; leave"):
            _ = wrong.settings  # before anything is prepared
    months = Labels(Target("age", "months", "age", table=path)).of(prepared)
    assert np.nansum(months) == 300


def test_a_table_is_joined_by_the_ids_as_they_are_written(
    prepared: Prepared, tmp_path: Path
) -> None:
    labels = echo(table(tmp_path, "record,ef\n3,50\n001,35.5\n002,\n1,99\n"))
    known = labels.of(prepared)[:, 0]
    assert np.array_equal(known, [35.5, NAN, 50.0] + [NAN] * 5, equal_nan=True)
    assert dict(labels.without(prepared)) == {
        "002": "ef is empty in echo.csv",
        **dict.fromkeys(["4", "5", "6", "8", "9"], "no row in echo.csv"),
    }
    assert labels.given(prepared) == 0
    assert labels.source(prepared, READER).startswith("ef in echo.csv, joined by record (sha256 ")


def test_a_parquet_table_gives_the_same_labels(prepared: Prepared, tmp_path: Path) -> None:
    pd.DataFrame({"record": ["001", "3"], "ef": [35.5, 50.0]}).to_parquet(tmp_path / "echo.parquet")
    same = echo(table(tmp_path, "record,ef\n001,35.5\n3,50\n"))
    found = echo(str(tmp_path / "echo.parquet"))
    assert np.array_equal(found.of(prepared), same.of(prepared), equal_nan=True)


def test_the_content_of_the_table_is_part_of_the_settings_and_its_place_is_not(
    tmp_path: Path,
) -> None:
    first = echo(table(tmp_path, "record,ef\n1,50\n"))
    moved = echo(table(tmp_path, "record,ef\n1,50\n", "moved.csv"))
    other = echo(table(tmp_path, "record,ef\n1,51\n", "other.csv"))
    assert first.settings == moved.settings
    assert other.settings != first.settings
    column, binary = Target("x", "", "ef"), Target("x", "", "ef", kind="binary")
    assert len({json.dumps(Labels(each).settings) for each in (column, binary)}) == 2
    assert Labels(column).settings != first.settings


WRONG: Mapping[str, tuple[str, str]] = {
    "no such column": ("record,age\n1,50\n", "the column ef once, got record, age"),
    "a word": ("record,ef\n1,low\n", "expected numbers in column 'ef' of echo.csv, got 'low'"),
    "an id twice": ("record,ef\n1,50\n1,60\n", "got '1' twice"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_table_is_refused_before_any_ecg_is_read(kind: str, tmp_path: Path) -> None:
    text, said = WRONG[kind]
    with pytest.raises(ValueError, match=said) as refused:
        echo(table(tmp_path, text)).settings  # noqa: B018
    assert "\n" not in str(refused.value)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"target\.table a csv or parquet file, got .*no\.csv"):
        echo(str(tmp_path / "no.csv")).settings  # noqa: B018


def test_a_table_of_other_ecgs_is_refused_with_ids_of_both(
    prepared: Prepared, tmp_path: Path
) -> None:
    labels = echo(table(tmp_path, "record,ef\n1,50\n2,60\n"))
    with pytest.raises(ValueError, match=r"record of echo\.csv .* such as '001', got '1', '2'"):
        labels.of(prepared)


def test_a_binary_target_takes_0_and_1_alone(prepared: Prepared) -> None:
    known = Labels(Target("lvh", "", "lvh", kind="binary")).of(prepared)[:, 0]
    assert np.array_equal(known, COLUMNS["lvh"], equal_nan=True)
    with pytest.raises(ValueError, match=r"0 and 1 in lvef, .*got 30; target\.kind=regression"):
        Labels(Target("lvef", "", "lvef", kind="binary")).of(prepared)


def test_a_binary_target_is_said_in_logits() -> None:
    assert Target("lvh", "", "lvh", kind="binary").unit == "logit"
    with pytest.raises(ValueError, match=r"expected no unit or logit, .*, got '%'"):
        Target("lvh", "%", "lvh", kind="binary")


def test_ecgs_are_where_their_folds_say_and_one_without_is_named(prepared: Prepared) -> None:
    cohort = Cohort(prepared, Labels(Target("pr", "ms", "pr")), Folds())
    placed = {name: [IDS[row] for row in rows] for name, rows in cohort.parts.items()}
    assert placed == {"train": ["001", "002", "3"], "val": ["4", "8"], "test": ["5", "9"]}
    assert cohort.counts["without_label"] == [["6", "no part: fold is missing"]]
    assert cohort.training_labels.tolist() == [160.0, 170.0, 180.0]
    assert cohort.counts["excluded"] == [["7", "shorter than 4 s"]]
    fewer = Cohort(prepared, Labels(Target("pr", "ms", "pr")), Folds(first=2))
    assert len(fewer.parts["train"]) == 2
    assert fewer.counts["without_label"] == cohort.counts["without_label"]


def test_an_ecg_without_label_and_without_fold_is_named_once(prepared: Prepared) -> None:
    cohort = Cohort(prepared, Labels(Target("lvef", "%", "lvef")), Folds(val=()))
    named = dict(cohort.counts["without_label"])
    assert named == {"3": "did not come with the record", "6": "no part: fold is missing"}
    both = Cohort(
        prepared, Labels(Target("lvef", "%", "lvef")), Folds(column="lvef", val=(60,), test=(41,))
    )
    assert both.counts["without_label"] == [["3", "did not come with the record"]]


def test_a_part_with_one_class_alone_is_refused(prepared: Prepared) -> None:
    lvh = Labels(Target("lvh", "", "lvh", kind="binary"))
    folds = Folds(val=(), test=(10,))
    with pytest.raises(ValueError, match=r"0 and 1 of lvh in train and test, .* not both in test"):
        Cohort(prepared, lvh, folds).parts  # noqa: B018
    assert Cohort(prepared, lvh, Split(train=0.0, val=0.0, test=1.0)).parts["test"].size == 7


def test_a_part_with_one_ecg_alone_is_refused(prepared: Prepared) -> None:
    folds = Folds(column="lvef", val=(52,), test=(41,))
    with pytest.raises(ValueError, match=r"2 ECGs with pr in train, val and test, got 1 in val"):
        Cohort(prepared, Labels(Target("pr", "ms", "pr")), folds).parts  # noqa: B018


def several(*classes: str, **settings: Any) -> Target:
    return Target("some", "", kind="binary", classes=classes, **settings)


def test_classes_stand_side_by_side_and_an_ecg_without_any_is_named(prepared: Prepared) -> None:
    labels = Labels(several("af", "avb1", "lbbb"))
    af, avb1, lbbb = labels.of(prepared).T
    assert np.array_equal(af, COLUMNS["dx_af"], equal_nan=True)
    assert np.array_equal(avb1, [NAN, 1, NAN, NAN, NAN, NAN, 1, 1], equal_nan=True)
    assert np.isnan(lbbb).all()
    assert dict(labels.without(prepared)) == dict.fromkeys("36", "no diagnosis came with it")
    assert labels.given(prepared) == 6
    assert labels.source(prepared, READER) == "af, avb1 from labels dx_…; never coded: lbbb"
    alone = Labels(several("avb1"))
    assert dict(alone.without(prepared))["001"] == "its codes leave every class open"


def test_classes_may_be_columns_of_a_table(prepared: Prepared, tmp_path: Path) -> None:
    path = table(tmp_path, "record,af,lbbb\n001,1,\n002,,\n3,0,1\n")
    labels = Labels(several("lbbb", "af", table=path, id="record"))
    expected = [[NAN, 1], [NAN, NAN], [1, 0]]
    assert np.array_equal(labels.of(prepared)[:3], expected, equal_nan=True)
    assert dict(labels.without(prepared))["002"] == "lbbb and af is empty in echo.csv"
    assert labels.source(prepared, READER).startswith(
        "lbbb, af in echo.csv, joined by record (sha256 "
    )


def test_which_class_is_explained_is_no_part_of_the_settings() -> None:
    first, other = several("af", "avb1"), several("af", "avb1", explain="avb1")
    assert (first.explained, first.index, other.explained, other.index) == ("af", 0, "avb1", 1)
    assert Labels(first).settings == Labels(other).settings
    assert Labels(first).settings != Labels(several("avb1", "af")).settings


def test_a_class_without_labels_is_not_explained_but_may_be_learnt(prepared: Prepared) -> None:
    split = Split(train=1.0, val=0.0, test=0.0)
    known = Cohort(prepared, Labels(several("af", "lbbb")), split)
    assert known.parts["train"].size == 6
    assert known.class_counts == {
        "af": {"yes": 3, "no": 3, "unknown": 0},
        "lbbb": {"yes": 0, "no": 0, "unknown": 6},
    }
    explained = Labels(several("af", "lbbb", explain="lbbb"))
    with pytest.raises(ValueError, match=r"labels of lbbb, .* got those of af; .*target\.explain"):
        Cohort(prepared, explained, split).parts  # noqa: B018
    # A set that is only judged on need not know what is explained.
    assert Cohort(prepared, explained, Split(0.0, 0.0, 1.0)).parts["test"].size == 6


def test_a_class_that_nothing_names_is_refused(prepared: Prepared) -> None:
    labels = Labels(several("af", "lbb"))
    with pytest.raises(ValueError, match=r"diagnoses \(normal, af, .*columns .*, got lbb$"):
        Cohort(prepared, labels, Split(train=1.0, val=0.0, test=0.0)).parts  # noqa: B018
    assert Cohort(prepared, labels, Split(0.0, 0.0, 1.0)).parts["test"].size == 6
