"""Each label is named for what it is: measured, marked by hand, reported or exact."""

from pathlib import Path
from typing import Any

import pytest
from ecglens.datamodules import EcgData, Target, open_records
from ecglens.datamodules.labels.sources import maker_of, maker_words, value_words
from ecglens.datamodules.records import MAKERS, Reader, data_sets, reader_class
from ecglens.store import Store

DATA = Path(__file__).parents[1] / "data"
LUDB = {"name": "ludb", "path": str(DATA / "ludb")}
ALL_TEST = {"train": 0.0, "val": 0.0, "test": 1.0}


def of(store: Path, source: dict[str, Any], target: Target) -> dict[str, Any]:
    """Counts of the ECGs of a source, all of them in the test part."""
    settings = {**source, "split": ALL_TEST}
    return EcgData(settings, "median", target, 4, 0, Store(store)).counts


def opened(source: str, path: Path | None = None) -> Reader:
    return open_records(source, path).reader


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("source", "column", "maker"),
    [
        ({"name": "exact", "n": 4}, "pr", "exact"),
        ({"name": "deepfake", "n": 4}, "qrs", "ecglens"),
        (LUDB, "qrs", "hand"),
        (LUDB, "r", "ecglens"),
    ],
)
def test_a_column_of_labels_is_counted_by_its_maker(
    tmp_path: Path, source: dict[str, Any], column: str, maker: str
) -> None:
    counts = of(tmp_path, source, Target(column, "", column))
    assert counts["labels_by"] == {column: {maker: counts["test"]}}
    assert counts["label_source"] == f"{column}, {MAKERS[maker]}"


def test_classes_have_the_maker_of_their_codes(tmp_path: Path) -> None:
    mixed = {"name": "exact", "n": 8, "kinds": {"sinus": 0.5, "af": 0.5}}
    target = Target("rhythm", "", kind="binary", classes=("af", "normal"))
    assert of(tmp_path, mixed, target)["labels_by"] == {"af": {"exact": 8}, "normal": {"exact": 8}}


def test_a_table_of_the_user_is_the_maker_of_its_labels(tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("id,pr\n1,160\n9,170\n")
    target = Target("pr", "ms", "pr", table=str(table))
    assert of(tmp_path, LUDB, target)["labels_by"] == {"pr": {"table": 2}}


@pytest.mark.parametrize(
    ("source", "label", "maker"),
    [
        ("ptbxl", "qt", "12sl"),
        ("ptbxl", "stated_AFIB", "report"),
        ("ptbxl", "age", "data_set"),
        ("cinc", "snomed_164889003", "data_set"),
    ],
)
def test_a_reader_knows_who_made_what_comes_with_its_ecgs(
    source: str, label: str, maker: str
) -> None:
    assert maker_of(opened(source, DATA / source), label) == maker


@pytest.mark.parametrize("source", data_sets())
def test_every_reader_names_known_makers(source: str) -> None:
    named = getattr(reader_class(source), "labels_by", {})
    assert {*named.values()} <= {*MAKERS}


def test_only_an_exact_value_is_called_true() -> None:
    assert value_words("158 ms", {"exact": 4}) == "true 158 ms"
    others = [value_words("158 ms", {maker: 4}) for maker in MAKERS if maker != "exact"]
    assert not [words for words in others if "true" in words]
    assert value_words("158 ms", {"ecglens": 4}) == "ECGLens measured 158 ms"


def test_a_value_of_several_makers_or_none_is_a_label() -> None:
    assert value_words("158 ms", {"hand": 3, "ecglens": 1}) == "label 158 ms"
    assert value_words("158 ms", {}) == "label 158 ms"
    assert maker_words({"ecglens": 1, "hand": 3}) == (
        "marked by hand (n = 3), measured by ECGLens (n = 1)"
    )
