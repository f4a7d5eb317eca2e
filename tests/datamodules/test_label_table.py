"""A table of labels: what is read, what is missing, and what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ecglens.datamodules import check_row, read_columns
from ecglens.datamodules.formats.tables import hash_of_rows, labels_of, read_labels

ROWS = "exam;LVEF;dead;ward\n007;55.5;True;A\n8;NA;false;\n9; 61 ;;B\n"


def written(folder: Path, text: str, name: str = "labels.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_labels_are_numbers_and_ids_stay_text(tmp_path: Path) -> None:
    path = written(tmp_path, ROWS)
    table = read_labels(path, "exam", {"lvef": "LVEF", "death": "dead"}, {"patient": "ward"})
    assert list(table.index) == ["007", "8", "9"]
    np.testing.assert_array_equal(table["lvef"], [55.5, np.nan, 61])
    np.testing.assert_array_equal(table["death"], [1, 0, np.nan])
    assert list(table["patient"]) == ["A", "", "B"]
    assert labels_of(table, "007") == {"lvef": 55.5, "death": 1.0}
    assert labels_of(table, "7") == {}


def test_an_ecg_without_a_row_or_without_its_patient_is_refused(tmp_path: Path) -> None:
    table = read_labels(written(tmp_path, ROWS), "exam", {}, {"patient": "ward"})
    check_row(table, "9", "labels.csv", patients=True)
    check_row(table, "8", "labels.csv", patients=False)
    with pytest.raises(ValueError, match=r"^no patient in labels\.csv$"):
        check_row(table, "8", "labels.csv", patients=True)
    with pytest.raises(ValueError, match=r"^no row in labels\.csv$"):
        check_row(table, "10", "labels.csv", patients=False)


def test_parquet_and_csv_say_the_same(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": [1, 2], "age": [50.5, np.nan], "male": [True, False]})
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_csv(tmp_path / "t.csv", index=False)
    first = read_labels(tmp_path / "t.parquet", "id", {"age": "age", "male": "male"})
    second = read_labels(tmp_path / "t.csv", "id", {"age": "age", "male": "male"})
    pd.testing.assert_frame_equal(first, second)
    assert labels_of(first, "1") == {"age": 50.5, "male": 1.0}


def test_the_mark_that_spreadsheets_write_first_is_no_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,age\n1,50\n", encoding="utf-8-sig")
    assert labels_of(read_labels(tmp_path / "t.csv", "id", {"age": "age"}), "1") == {"age": 50.0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,age\n1,50\n1,60\n", "each id once in labels.csv, got '1' twice"),
        ("id,age\n,50\n", "an id in each row of labels.csv, got 'id' empty"),
        ("id,age\n1,50\n2,old\n", "numbers in column 'age' of labels.csv, got 'old' for '2'"),
        ("id,age\n1,inf\n", "numbers in column 'age' of labels.csv, got 'inf' for '1'"),
        ('id,age\n1,"50,5"\n', "numbers in column 'age' of labels.csv, got '50,5' for '1'"),
        ("id;years\n1;50\n", "in labels.csv the column age once, got id, years"),
        ("id,age,age\n1,50,60\n", "in labels.csv the column age once, got id, age, age"),
        ("", "a readable labels.csv, got a damaged one"),
        ("id,age\n1,2,3,4\n5,6\n7,8,9,10,11\n", "a readable labels.csv, got a damaged one"),
    ],
)
def test_a_table_that_may_say_something_wrong_is_refused_in_one_line(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(ValueError, match=words) as refusal:
        read_labels(written(tmp_path, text), "id", {"age": "age"})
    assert "\n" not in " ".join(str(refusal.value).split())


def test_damaged_parquet_and_a_missing_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "t.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(ValueError, match=r"a readable t\.parquet, got a damaged one"):
        read_labels(tmp_path / "t.parquet", "id", {"age": "age"})
    with pytest.raises(FileNotFoundError, match=r"none\.csv"):
        read_labels(tmp_path / "none.csv", "id", {"age": "age"})


def test_the_hash_follows_the_rows_of_these_ecgs_alone(tmp_path: Path) -> None:
    before = read_labels(written(tmp_path, "id,age\n1,50\n2,60\n"), "id", {"age": "age"})
    after = read_labels(written(tmp_path, "id,age\n2,61\n1,50\n"), "id", {"age": "age"})
    assert hash_of_rows(before, ["1", "7"]) == hash_of_rows(after, ["1", "7"])
    assert hash_of_rows(before, ["2"]) != hash_of_rows(after, ["2"])


def test_a_table_that_was_changed_is_read_again(tmp_path: Path) -> None:
    before = read_labels(written(tmp_path, "id\tage\n1\t50\n"), "id", {"age": "age"})
    after = read_labels(written(tmp_path, "id\tage\n1\t5\n"), "id", {"age": "age"})
    assert (labels_of(before, "1"), labels_of(after, "1")) == ({"age": 50.0}, {"age": 5.0})


def test_names_of_columns_are_read_once_for_all_ecgs_and_again_after_a_change(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "id,age\n1,50\n")
    assert read_columns(path) is read_columns(path)
    written(tmp_path, "id,age,sex\n1,50,0\n")
    assert read_columns(path) == ("id", "age", "sex")
