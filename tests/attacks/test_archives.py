"""A WFDB archive of a stranger is read within its limits, or left out with one line."""

import io
import stat
import struct
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import pytest
from ecglens.datamodules import Excluded, open_records
from ecglens.ecg import Record
from ecglens_formats import wfdb_archive
from ecglens_sheets import open_files

from ..datamodules.wfdb_records import edit, waves, write_record
from .bounded import bounded

pytestmark = pytest.mark.heavy

Members = dict[str | ZipInfo, bytes]


def record(name: str = "7", **header: str) -> Members:
    """Files of a record; `header` has what else is said in its header, by a text in it."""
    with tempfile.TemporaryDirectory() as folder:
        file = write_record(Path(folder), name)
        for old, new in header.items():
            edit(file, old, new)
        return {each.name: each.read_bytes() for each in (file, file.with_suffix(".dat"))}


def named(old: str, new: str) -> Members:
    """A record whose header names another file for its signals."""
    members = record()
    return members | {"7.hea": members["7.hea"].replace(old.encode(), new.encode())}


def member(name: str, **facts: int) -> ZipInfo:
    info = ZipInfo(name)
    for fact, value in facts.items():
        setattr(info, fact, value)
    return info


def packed(file: Path, members: Mapping[str | ZipInfo, bytes], kind: int = ZIP_STORED) -> Path:
    with ZipFile(file, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(name, content, kind)
    return file


def encrypted(file: Path) -> None:
    """Flag of a password in both headers of each member."""
    content = bytearray(packed(file, record()).read_bytes())
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = content.find(mark)
        while place >= 0:
            content[place + at] |= 1
            place = content.find(mark, place + 4)
    file.write_bytes(content)


def many(file: Path) -> None:
    packed(file, record() | {f"{number}.txt": b"" for number in range(10_000)})


def directory_of_a_gigabyte(file: Path) -> None:
    content = bytearray(packed(file, record()).read_bytes())
    content[-10:-6] = struct.pack("<I", 2**30)
    file.write_bytes(content)


def large_format(file: Path) -> None:
    """A directory whose size is said a second time, for archives above 4 GB."""
    content = packed(file, record()).read_bytes()
    second = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 2, 2, 2**40, 0)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(content) - 22, 1)
    file.write_bytes(content[:-22] + second + locator + content[-22:])


def lying(file: Path) -> None:
    """A signal that is shorter than its directory says."""
    content = bytearray(packed(file, record()).read_bytes())
    at = content.find(b"PK\1\2", content.find(b"PK\1\2") + 4)
    content[at + 24 : at + 28] = struct.pack("<I", 10**6)
    file.write_bytes(content)


def bomb(file: Path) -> None:
    """Half a gigabyte whose directory says 200 bytes."""
    packed(file, record() | {"7.dat": bytes(2**29)}, ZIP_DEFLATED)
    content = bytearray(file.read_bytes())
    at = content.find(b"PK\1\2", content.find(b"PK\1\2") + 4)
    content[at + 24 : at + 28] = struct.pack("<I", 200)
    file.write_bytes(content)


def nested(file: Path) -> None:
    inner = io.BytesIO()
    with ZipFile(inner, "w") as archive:
        archive.writestr("7.hea", b"")
    packed(file, record() | {"inner.wfdb": inner.getvalue()})


def twice(file: Path) -> None:
    """A second header under the name of the first."""
    packed(file, record() | {"8.hea": record()["7.hea"]})
    file.write_bytes(file.read_bytes().replace(b"8.hea", b"7.hea"))


def cut(file: Path) -> None:
    file.write_bytes(packed(file, record()).read_bytes()[:-100])


LINK = member("7.dat", external_attr=(stat.S_IFLNK | 0o777) << 16)
OUTSIDE = "plain files of WFDB records, got the name"
ATTACKS: dict[str, tuple[Callable[[Path], object] | Members, str]] = {
    "a path that climbs out": (record() | {"../7.hea": b""}, f"{OUTSIDE} '../7.hea'"),
    "a path from the root": (record() | {"/tmp/7.hea": b""}, f"{OUTSIDE} '/tmp/7.hea'"),
    "a path of Windows": (record() | {"C:\\7.hea": b""}, f"{OUTSIDE} 'C:\\\\7.hea'"),
    "a folder": (record() | {"ward/": b""}, f"{OUTSIDE} 'ward/'"),
    "an escape in a name": (record() | {"\x1b[2J.hea": b""}, f"{OUTSIDE} '\\x1b[2J.hea'"),
    "a link": (
        {"7.hea": record()["7.hea"], LINK: b"/etc/passwd"},
        "got 7.dat, a link or something else than a file",
    ),
    "a device": (
        record() | {member("tty", external_attr=stat.S_IFCHR << 16): b""},
        "got tty, a link or something else",
    ),
    "a bomb": (
        lambda file: packed(file, record() | {"8.dat": bytes(2**24)}, ZIP_DEFLATED),
        "it was made to fill the memory",
    ),
    "many files": (many, "expected at most 10000 files in 7.wfdb, got 10002"),
    "a directory of 1 GB": (directory_of_a_gigabyte, "expected at most 10000 files"),
    "a second directory": (large_format, "expected at most 10000 files"),
    "a directory that lies": (lying, "expected a readable 7.dat in 7.wfdb"),
    "a bomb that lies": (bomb, "expected a readable 7.dat in 7.wfdb"),
    "a password": (encrypted, "got 7.hea, which is encrypted"),
    "a name twice": (twice, "expected each file once in 7.wfdb, got 7.hea twice"),
    "names that differ in case": (record() | {"7.HEA": b""}, "expected each file once"),
    "another archive in it": (nested, "got inner.wfdb, an archive within the archive"),
    "another method": (
        lambda file: packed(file, record(), ZIP_BZIP2),
        "packed by a method other than deflate",
    ),
    "half of it": (cut, "got one that is cut off or another file; copy it again"),
    "no archive": (lambda file: file.write_bytes(b"ECG"), "got one that is cut off"),
    "nothing in it": ({}, "expected in 7.wfdb a WFDB header (.hea), got none"),
    "no signals": ({"7.hea": record()["7.hea"]}, "the file '7.dat' that 7.hea names, got none"),
    "signals outside": (named("7.dat", "../7.dat"), "the file '7.dat' that 7.hea names"),
    "signals of the system": (named("7.dat", "/dev/zero"), "the file 'zero' that 7.hea names"),
    "a name in the header with odd signs": (named("7.dat", "7+.dat"), "a line for each signal"),
    "no rate": (record(**{" 12 500 5000": " 12"}), "expected a sampling rate in 7.hea"),
    "more samples than memory": (record(**{" 5000": f" {10**12}"}), "at most 256 MB"),
    "a header that is none": ({"7.hea": b"\xff" * 100, "7.dat": b""}, "7.hea"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_archive_that_breaks_a_limit_is_left_out_in_one_line_and_alone(
    attack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, words = ATTACKS[attack]
    given, unpacked = tmp_path / "given", tmp_path / "unpacked"
    for folder in (given, unpacked):
        folder.mkdir()
    made(given / "7.wfdb") if callable(made) else packed(given / "7.wfdb", made)
    packed(given / "sound.wfdb", record("sound"))
    monkeypatch.setattr(tempfile, "tempdir", str(unpacked))
    with bounded():
        reader = open_records("wfdb_archive", given).reader
        left, sound = reader.read(0, 2)
    assert isinstance(left, Excluded)
    assert isinstance(sound, Record)
    assert words in left.reason
    assert "\n" not in left.reason
    assert "\x1b" not in left.reason
    assert [*unpacked.iterdir()] == []  # nothing is left, nor written elsewhere
    assert sorted(each.name for each in tmp_path.rglob("*")) == [
        *("7.wfdb", "given", "sound.wfdb", "unpacked")
    ]


@pytest.mark.parametrize("kind", [ZIP_STORED, ZIP_DEFLATED])
def test_every_record_of_an_archive_is_read_as_the_folder_that_was_packed(
    kind: int, tmp_path: Path
) -> None:
    packed(tmp_path / "ward.wfdb", record("ward") | record("8"), kind)
    records = {each.id: each for each in open_records("wfdb_archive", tmp_path)}
    assert [*records] == ["ward/8", "ward"]
    for each in records.values():
        np.testing.assert_allclose(each.signal[0], 1000 * waves()[:, 0], atol=1)
    (given,) = open_files([tmp_path / "ward.wfdb"], "", {})
    assert (given.records.name, len(given.records.reader), given.may_leave) == (
        *("wfdb_archive", 2),
        False,
    )


def test_nothing_is_unpacked_before_every_limit_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wfdb_archive, "_unpack", pytest.fail)
    packed(tmp_path / "7.wfdb", record() | {"8.dat": bytes(2**24)}, ZIP_DEFLATED)
    records = open_records("wfdb_archive", tmp_path)
    assert [*records] == []
    assert [name for name, _ in records.excluded] == ["7.wfdb"]
