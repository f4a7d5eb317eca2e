"""Kept results beside those of a run again."""

import pandas as pd
import pytest
from ecglens_reproductions.page import differences

KEPT = pd.DataFrame(
    {"target": ["pr", "pr"], "method": ["a", "b"], "auc": [1.0, 0.001], "class": [1.0, None]}
)


def written(folder, table, name="table.csv"):
    folder.mkdir(exist_ok=True)
    table.to_csv(folder / name, index=False)
    return folder


@pytest.fixture
def kept(tmp_path):
    return written(tmp_path / "kept", KEPT)


def test_the_same_numbers_and_rounding_are_no_difference(kept, tmp_path):
    rounded = KEPT.assign(auc=[1.019, 0.02])  # 2 % of the largest number of the column
    assert differences(kept, written(tmp_path / "fresh", rounded)) == []


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("auc", [1.03, 0.001], "1 of 2 rows differ; in row 1 expected 1.0, got 1.03"),
        ("method", ["a", "c"], "in row 2 expected b, got c"),
        ("class", [1.0, 2.0], "in row 2 expected nan, got 2.0"),
    ],
)
def test_a_number_a_word_and_a_gap_that_differ_are_named(kept, tmp_path, column, values, said):
    (line,) = differences(kept, written(tmp_path / "fresh", KEPT.assign(**{column: values})))
    assert line.startswith(f"table.csv, {column}: ")
    assert line.endswith(said)


def test_numbers_of_two_targets_have_two_units(tmp_path):
    """A number in ms is not measured by the largest one in µV."""
    two = pd.DataFrame({"target": ["j", "j", "qt"], "auc": [15.0, 0.1, 0.1]})
    kept = written(tmp_path / "kept", two)
    fresh = written(tmp_path / "fresh", two.assign(auc=[15.0, 0.3, 0.12]))
    (line,) = differences(kept, fresh)
    assert "1 of 3 rows differ; in row 3 expected 0.1, got 0.12" in line


@pytest.mark.parametrize("name", ["method", "quantity"])
def test_rows_without_a_target_have_the_unit_of_their_method_or_quantity(tmp_path, name):
    """A slope per µV is not measured by a contribution, nor an AUROC by a number of ECGs."""
    two = pd.DataFrame({name: ["large", "small", "small"], "mean": [240.0, 0.8, 0.1]})
    fresh = written(tmp_path / "fresh", two.assign(mean=[240.0, 0.4, 0.11]))
    (line,) = differences(written(tmp_path / "kept", two), fresh)
    assert "1 of 3 rows differ; in row 2 expected 0.8, got 0.4" in line


def test_a_table_that_was_not_kept_is_named(kept, tmp_path):
    fresh = written(written(tmp_path / "fresh", KEPT), KEPT, "more.csv")
    assert differences(kept, fresh) == ["more.csv: written by this run, but not kept"]


def test_a_missing_table_and_missing_rows_are_named(kept, tmp_path):
    fresh = written(tmp_path / "fresh", KEPT.iloc[:1])
    assert "expected 2 rows of target, method, auc, class, got 1" in differences(kept, fresh)[0]
    (fresh / "table.csv").unlink()
    assert differences(kept, fresh) == ["table.csv: kept, but not written by this run"]


def test_a_folder_without_tables_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected kept results as CSV"):
        differences(tmp_path, tmp_path)
