"""A table beside the ECGs decides their labels: when it changes, they are prepared again."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from ecglens.datamodules import (
    FileReader,
    Records,
    hash_of_rows,
    labels_of,
    open_records,
    prepare,
    read_labels,
)
from ecglens.ecg import Record, draw_exact, exact_record
from ecglens.store import Store


@dataclass(frozen=True)
class Labelled(FileReader):
    version: ClassVar[int] = 1
    endings: ClassVar[tuple[str, ...]] = (".npy", ".csv")
    tables: ClassVar[tuple[str, ...]] = ("labels.csv",)

    def record(self, name: str) -> Record:
        table = read_labels(self.path / "labels.csv", "id", {"pr": "pr"})
        return Record(
            np.load(self.path / name), 500.0, id=self.id(name), labels=labels_of(table, name)
        )


class ByRow(Labelled):
    def rows(self, names):
        return hash_of_rows(read_labels(self.path / "labels.csv", "id", {"pr": "pr"}), names)


class Friend(Labelled):
    labels_by = {"p*": "a friend"}  # noqa: RUF012


class Hand(Labelled):
    labels_by = "hand"  # pyright: ignore[reportAssignmentType] - a user's mistake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "ecgs"
    found.mkdir()
    for index in (1, 2):
        np.save(found / f"{index}.npy", exact_record(draw_exact(0, index)).signal)
    (found / "labels.csv").write_text("id,pr\n1.npy,160\n2.npy,170\n")
    return found


def labels(folder: Path, kind: type[FileReader] = Labelled) -> list[float]:
    prepared = prepare(Records("mine", kind(folder)), Store(folder.parent / "store"), workers=1)
    assert prepared.excluded == []
    return prepared.table["pr"].tolist()


@pytest.mark.parametrize("kind", [Labelled, ByRow])
def test_a_changed_label_is_read(folder: Path, kind: type[FileReader]) -> None:
    assert labels(folder, kind) == [160, 170]
    (folder / "labels.csv").write_text("id,pr\n1.npy,161\n2.npy,170\n")
    assert labels(folder, kind) == [161, 170]


def test_a_table_is_no_ecg(folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "labels.csv").write_text("of another folder")
    assert Labelled(folder).names == ["1.npy", "2.npy", "deep/labels.csv"]


def test_the_origin_follows_whole_tables_or_the_rows_of_these_ecgs(folder: Path) -> None:
    readers = Labelled(folder), ByRow(folder)
    before = [(each.origin(0, 1), each.origin(1, 2)) for each in readers]
    (folder / "labels.csv").write_text("id,pr\n1.npy,161\n2.npy,170\n")
    whole, by_row = [(each.origin(0, 1), each.origin(1, 2)) for each in readers]
    assert [new == old for new, old in zip(whole, before[0], strict=True)] == [False, False]
    assert [new == old for new, old in zip(by_row, before[1], strict=True)] == [False, True]
    (folder / "labels.csv").unlink()
    assert Labelled(folder).origin(0, 1) not in (whole[0], before[0][0])


def test_the_origin_of_a_reader_without_tables_has_no_rows(folder: Path) -> None:
    class Plain(Labelled):
        tables = ()
        endings = (".npy",)

    assert {*Plain(folder).origin(0, 2)} == {"files", "missing_lead"}
    assert {*replace(Labelled(folder)).origin(0, 2)} == {"files", "missing_lead", "rows"}


@pytest.mark.parametrize("kind", ["Friend", "Hand"])
def test_an_unknown_maker_of_labels_is_refused_before_any_ecg_is_read(
    folder: Path, kind: str
) -> None:
    with pytest.raises(
        ValueError, match=rf"in labels_by of .*{kind} a maker for each label, one of ecglens"
    ):
        open_records("mine", folder, _target_=f"{__name__}.{kind}")
