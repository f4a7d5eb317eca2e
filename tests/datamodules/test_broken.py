"""Files that are broken in every way we know: a named exclusion each, no crash, no wrong number."""

import gzip
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
from ecglens.datamodules import Excluded, FileReader, open_records, prepare
from ecglens.datamodules.readers.file_reader import LARGEST_UV
from ecglens.ecg import LEADS, Record
from ecglens.store import Store

from .broken import ANY, SOURCES, Source, own_data_sets
from .wfdb_records import write_record

# Of these half a file is a whole shorter one; what is read of it must be what stands there.
SHORTER = ("columns, csv",)
# Nothing that could be opened.
UNLISTED = {"missing", "a folder", "a link to nothing", "a pipe", "a device"}
# Generators: see their own tests.
ELSEWHERE = {"deepfake", "exact"}


def reader_of(kind: str, source: Source) -> str:
    return source.reader or kind.partition(" ")[0].strip(",")


def read(kind: str, source: Source, folder: Path) -> dict[str, Record | Excluded]:
    """What becomes of each ECG, by the stem of its file."""
    reader = open_records(reader_of(kind, source), folder, **source.settings).reader
    found = list(reader.read(0, len(reader)))
    names = [item.name if isinstance(item, Excluded) else item.id for item in found]
    return {Path(name).stem: item for name, item in zip(names, found, strict=True)}


def damaged(source: Source, folder: Path) -> dict[str, str]:
    """A folder with one whole ECG (number 1) and one for each damage; what is wrong, by number."""
    damages = {**ANY, **source.own}
    if source.raw:
        del damages["another magic number"]
    wrong = {str(number): name for number, name in enumerate(damages, 2)}
    source.make(folder, ["1", *wrong])
    for number, name in wrong.items():
        damages[name](source.place(folder, number))
    return wrong


def test_every_reader_of_files_is_here() -> None:
    here, known = {reader_of(*each) for each in SOURCES.items()} | ELSEWHERE, own_data_sets()
    assert here == known, (
        f"configs/data has {sorted(known - here)} without files to damage: add a Source for each "
        "to SOURCES in broken.py, or name it in ELSEWHERE here and say where it is tested; "
        f"{sorted(here - known)} have no yaml file any more"
    )


# Of an array that begins like a zip, numpy leaves the file open until it is collected.
@pytest.mark.heavy
@pytest.mark.filterwarnings("ignore:Exception ignored in. <_io.FileIO:pytest.PytestWarning")
@pytest.mark.parametrize("kind", SOURCES)
def test_whatever_is_wrong_with_a_file_is_named_and_costs_no_other(
    kind: str, tmp_path: Path
) -> None:
    check_damages(kind, SOURCES[kind], tmp_path)


def check_damages(kind: str, source: Source, folder: Path) -> None:
    """Of a folder with one whole ECG and all damages the whole one alone is read."""
    wrong = damaged(source, folder)
    found = read(kind, source, folder)
    whole = found.pop("1")
    assert isinstance(whole, Record), whole
    assert np.abs(whole.signal).max() < LARGEST_UV
    for number, item in found.items():
        if isinstance(item, Record):
            assert kind in SHORTER, f"{wrong[number]} was read"
            assert wrong[number] == "half of it"
            assert np.array_equal(item.signal, whole.signal[:, : item.signal.shape[1]])
        else:
            assert item.reason, wrong[number]
            assert "\n" not in item.reason
            assert len(item.reason) < 1000
    # What cannot be opened may be no ECG at all, where no list names it.
    assert {wrong[number] for number in wrong.keys() - found.keys()} <= UNLISTED


def test_packed_text_is_named_and_not_unpacked(tmp_path: Path) -> None:
    text = "\n".join(" ".join("1" * len(LEADS)) for _ in range(5000))
    (tmp_path / "1.csv.gz").write_bytes(gzip.compress(text.encode()))
    settings = {"pattern": "*.gz", "fs_hz": 500, "unit": "uV", "header": False}
    records = open_records("columns", tmp_path, leads=list(LEADS), **settings)
    assert list(records) == []
    ((_, reason),) = records.excluded
    assert "1.csv.gz" in reason


@pytest.mark.heavy
def test_a_hundred_files_with_twenty_broken_ones_list_these_twenty(tmp_path: Path) -> None:
    header, signals = SOURCES["ludb header"], SOURCES["ludb signals"]
    damages = [(header, damage) for damage in [*ANY.values(), *header.own.values()]]
    damages += [(signals, ANY[name]) for name in ("empty", "half of it", "a pipe", "missing")]
    header.make(tmp_path, [str(number) for number in range(100)])
    broken = [str(5 * number + 2) for number in range(20)]
    for number, name in enumerate(broken):
        source, damage = damages[number % len(damages)]
        damage(source.place(tmp_path, name))
    store = Store(tmp_path / "store")
    prepared = prepare(open_records("ludb", tmp_path), store, workers=2, block=32)
    assert [name for name, _ in prepared.excluded] == broken
    assert list(prepared.table["id"]) == [str(n) for n in range(100) if str(n) not in broken]


def test_the_second_of_two_ecgs_of_one_id_is_left_out(tmp_path: Path) -> None:
    SOURCES["ludb header"].make(tmp_path, ["1", "2"])
    (tmp_path / "RECORDS").write_text("data/1\ndata/2\ndata/1\n")
    records = open_records("ludb", tmp_path)
    assert [record.id for record in records] == ["1", "2"]
    (again,) = records.excluded
    assert again == ("1", "expected a different id for each ECG, got this one again")
    block = records.reader.origin(1, 3)
    (tmp_path / "RECORDS").write_text("data/2\ndata/2\ndata/1\n")
    assert open_records("ludb", tmp_path).reader.origin(1, 3) != block


def test_links_below_the_folder_lead_anywhere_and_names_do_not(tmp_path: Path) -> None:
    source, folder = SOURCES["ludb header"], tmp_path / "ludb"
    source.make(tmp_path / "elsewhere", ["1", "2"])
    folder.mkdir()
    (folder / "data").symlink_to(tmp_path / "elsewhere" / "data")
    (folder / "RECORDS").write_text("data/1\n../elsewhere/data/2\n")
    records = open_records("ludb", folder)
    assert [record.id for record in records] == ["1"]
    ((name, reason),) = records.excluded
    assert name == "2"
    assert "expected files below data.path" in reason


@pytest.mark.parametrize("kind", ["wfdb header", "columns, csv"])
def test_links_to_folders_are_followed_once_and_never_in_a_circle(
    kind: str, tmp_path: Path
) -> None:
    check_links(kind, SOURCES[kind], tmp_path)


def check_links(kind: str, source: Source, place: Path) -> None:
    """Two ECGs, one of them behind links that lead in a circle, are read once."""
    folder, other = place / "here", place / "elsewhere"
    for at, name in ((folder, "1"), (other / "deep", "2")):
        at.mkdir(parents=True)
        source.make(at, [name])
    (folder / "a_link").symlink_to(other)
    (folder / "again").symlink_to(other)  # the same ECGs by another name
    (other / "circle").symlink_to(folder)
    records = open_records(reader_of(kind, source), folder, **source.settings)
    assert sorted(Path(record.id).stem for record in records) == ["1", "2"]
    assert records.excluded == []


def test_a_file_name_that_is_not_utf8_costs_that_file_alone(tmp_path: Path) -> None:
    for name in ("sound", "odd"):
        write_record(tmp_path, name)
    place = os.fsencode(tmp_path)
    for ending in (b".hea", b".dat"):
        os.rename(place + b"/odd" + ending, place + b"/M\xfcller" + ending)
    source = open_records("wfdb", tmp_path)
    prepared = prepare(source, Store(tmp_path / "store"), workers=1)
    reasons = dict(prepared.excluded)
    assert "expected a file name in UTF-8" in reasons["M\\xfcller"]
    assert {*reasons} <= {"M\\xfcller", "sound"}  # a sine has no beats


NOBODY = 65534  # the user without rights, on Linux


@contextmanager
def without_privileges() -> Iterator[None]:
    """As nobody where the tests run as root, who may read every file."""
    own = os.geteuid()
    if own == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(own)


def test_a_file_that_may_not_be_read_is_named() -> None:
    with tempfile.TemporaryDirectory() as place:  # pytest's own folders are closed to others
        folder = Path(place)
        folder.chmod(0o755)
        SOURCES["ludb header"].make(folder, ["1", "2"])
        assert len(list(open_records("ludb", folder))) == 2
        (folder / "data" / "2.dat").chmod(0)
        records = open_records("ludb", folder)
        with without_privileges():
            assert [record.id for record in records] == ["1"]
    assert "Permission denied" in dict(records.excluded)["2"]


class Careless(FileReader):
    """Fails like a library in a file that nobody has foreseen."""

    version = 1

    @cached_property
    def names(self) -> list[str]:
        return ["1", "2"]

    def files(self, name: str) -> list[Path]:
        return []

    def record(self, name: str) -> Record:
        if name == "1":
            raise RecursionError("too deep")
        return Record(np.tile(np.sin(np.arange(5000.0)), (12, 1)), id=name)


def test_whatever_a_library_fails_with_costs_that_file_alone(tmp_path: Path) -> None:
    first, second = Careless(tmp_path).read(0, 2)
    assert first == (
        "1",
        "expected a readable record, got a damaged one (RecursionError: too deep)",
    )
    assert isinstance(second, Record)
