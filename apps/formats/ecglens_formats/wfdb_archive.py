"""Reader of WFDB archives: zip files (.wfdb) with the headers and signals of WFDB records."""

import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from ecglens.datamodules import (
    LARGEST_BYTES,
    FileReader,
    age_and_sex,
    damage_named,
    read_ecg,
    record_files,
    remembered,
)
from ecglens.ecg import Record

SUFFIX, HEADER = ".wfdb", ".hea"
NESTED = (SUFFIX, ".zip")
# Name of a file in a record (header(5)), with dots; no folder, drive or hidden file.
PLAIN = re.compile(r"\w[\w.-]*")
# A record has 2 or 3 files, and an archive one record or a few.
MOST_FILES = 10_000
# ECGs in 16 bits shrink 2 to 4 times, with one of 12 leads recorded 50 times.
MOST_TIMES = 100
# Of the zip format: mark and length of the end of the directory, its longest comment, and the mark
# and length of the record before it in archives above 4 GB.
END, END_BYTES, COMMENT_BYTES, ZIP64, ZIP64_BYTES = b"PK\5\6", 22, 2**16, b"PK\6\7", 20
DIRECTORY_BYTES = 128 * MOST_FILES  # 46 bytes and a name each


@dataclass(frozen=True)
class WfdbArchive(FileReader):
    """12-lead ECGs in the archives below `path`, one or several in each (wfdb-spec, issue 21).

    A record named as its archive has the archive's name without ending, any other that and its own.
    Each record counts as a patient. Labels are age and sex if comments in the header have them.
    An archive that breaks a limit of this file is left out whole; nothing of it is unpacked.
    """

    version: ClassVar[int] = 2
    endings: ClassVar[tuple[str, ...]] = (SUFFIX,)

    @cached_property
    def names(self) -> list[str]:
        """Archive and record, as in ward/7.wfdb/7; a damaged archive alone."""
        return [*self._records(super().names)]

    def only(self, names: Sequence[str]) -> FileReader:
        """Reader of these ECGs; of an archive all of its records."""
        return super().only([*self._records(names)])

    def id(self, name: str) -> str:
        """Name of the record, as in ward/7, below that of its archive if it is another."""
        if _is_archive(name):
            return name
        archive, _, record = name.rpartition("/")
        above = Path(archive).with_suffix("")
        return (above if above.name == record else above / record).as_posix()

    def files(self, name: str) -> list[Path]:
        """The archive."""
        return [self.path / (name if _is_archive(name) else name.rpartition("/")[0])]

    def record(self, name: str) -> Record:
        """Record in µV, with age and sex; ValueError with the reason for a damaged archive."""
        (file,) = self.files(name)
        with TemporaryDirectory(prefix="ecglens-") as folder:
            found = read_ecg(_unpacked(file, name.rpartition("/")[2], Path(folder)))
        id, labels = self.id(name), age_and_sex(found.notes.get("age"), found.notes.get("sex"))
        return Record(found.signal, found.fs, id, id, labels)

    def _records(self, names: Sequence[str]) -> Iterator[str]:
        """Names of records, in place of the archives that have them."""
        for name in names:
            records = [name]
            if _is_archive(name):
                file = self.path / name
                try:
                    self._check(file)
                    with _opened(file) as archive:
                        records = [f"{name}/{each}" for each in _headers(archive)]
                except (OSError, ValueError):  # `record` raises it again
                    pass
            yield from records

    def _hash(self, file: Path) -> bytes:
        """Once for all records of an archive."""
        return remembered(repr(self), str(file), [file], partial(super()._hash, file))


def _is_archive(name: str) -> bool:
    """True for the name of an archive; that of a record ends otherwise (`_wrong`)."""
    return Path(name).suffix.lower() == SUFFIX


def _headers(archive: ZipFile) -> list[str]:
    """Names of the records."""
    names = sorted(each for each in archive.namelist() if each.endswith(HEADER))
    return [each.removesuffix(HEADER) for each in names]


def _unpacked(file: Path, record: str, folder: Path) -> Path:
    """Path of a record without ending, whose files were unpacked into the folder."""
    with _opened(file) as archive:
        header = folder / f"{record}{HEADER}"
        _unpack(archive, header)
        named = record_files(folder / record)[1:]
        # A text that record_files takes for no header could still be one to the package.
        if not named:
            raise ValueError(
                f"expected in {header.name} of {file.name} a line for each signal, beginning with "
                "its file, got none; pack the record again"
            )
        for signal in named:
            if signal.parent != folder or signal.name not in archive.namelist():
                raise ValueError(
                    f"expected in {file.name} the file {signal.name!r} that {header.name} names, "
                    "got none; pack it beside the header"
                )
            _unpack(archive, signal)
    return folder / record


def _unpack(archive: ZipFile, to: Path) -> None:
    with damage_named(f"{to.name} in {Path(str(archive.filename)).name}"):
        info = archive.getinfo(to.name)
        with archive.open(info) as packed:  # read() would inflate all that there is
            content = packed.read(info.file_size + 1)
        if len(content) != info.file_size:
            raise ValueError(f"{len(content)} bytes, {info.file_size} in its directory")
    to.write_bytes(content)


def _opened(file: Path) -> ZipFile:
    """Archive within all limits, of which nothing is unpacked yet; ValueError for any other."""
    _check_directory(file)
    with damage_named(file.name):
        archive = ZipFile(file)
    try:
        _check_members(file, archive.infolist())
    except ValueError:
        archive.close()
        raise
    return archive


def _check_directory(file: Path) -> None:
    """Raise ValueError unless the file ends as a zip archive with a directory of bounded size.

    zipfile reads a directory of any size into memory before it can be looked at.
    """
    with file.open("rb") as content:
        content.seek(-min(file.stat().st_size, COMMENT_BYTES + END_BYTES + ZIP64_BYTES), 2)
        tail = content.read()
    short = tail[-END_BYTES:]
    without_comment = short.startswith(END) and short.endswith(b"\0\0")
    at = len(tail) - END_BYTES if without_comment else tail.rfind(END)
    if at < 0 or len(tail) < at + END_BYTES:
        raise ValueError(
            f"expected a zip archive with WFDB records in {file.name}, got one that is cut off or "
            "another file; copy it again"
        )
    directory = int.from_bytes(tail[at + 12 : at + 16], "little")
    large = tail[max(at - ZIP64_BYTES, 0) : at].startswith(ZIP64)
    if large or directory > DIRECTORY_BYTES:
        raise ValueError(_too_many(file, "more"))


def _too_many(file: Path, got: object) -> str:
    return f"expected at most {MOST_FILES} files in {file.name}, got {got}; pack fewer records"


def _check_members(file: Path, members: Sequence[ZipInfo]) -> None:
    """Raise ValueError for a member that is no file of a record, and for too much content."""
    if len(members) > MOST_FILES:
        raise ValueError(_too_many(file, len(members)))
    names = [each.orig_filename for each in members]
    for name, each in zip(names, members, strict=True):
        if wrong := _wrong(name, each):
            raise ValueError(
                f"expected in {file.name} plain files of WFDB records, got {wrong}; pack the "
                "records again"
            )
    if len({name.lower() for name in names}) < len(names):  # some disks know no case
        twice = next(each for each in names if [*map(str.lower, names)].count(each.lower()) > 1)
        raise ValueError(
            f"expected each file once in {file.name}, got {twice} twice; pack the records again"
        )
    if not any(name.endswith(HEADER) for name in names):
        raise ValueError(f"expected in {file.name} a WFDB header (.hea), got none; pack it too")
    size, packed = sum(each.file_size for each in members), file.stat().st_size
    most = min(LARGEST_BYTES, MOST_TIMES * packed)
    if size > most:
        raise ValueError(
            f"expected at most {most} bytes when {file.name} is unpacked, got {size}: it was made "
            "to fill the memory, or is too long; pack fewer records, or shorter ones"
        )


def _wrong(name: str, member: ZipInfo) -> str:
    """What is wrong with a member; empty for a file that can be unpacked."""
    kind = stat.S_IFMT(member.external_attr >> 16)  # 0 where no Unix wrote it
    if not PLAIN.fullmatch(name):
        return f"the name {name!r}"
    if kind not in (0, stat.S_IFREG):
        return f"{name}, a link or something else than a file"
    if member.flag_bits & 1:
        return f"{name}, which is encrypted"
    if {*map(str.lower, Path(name).suffixes)} & {*NESTED}:
        return f"{name}, an archive within the archive"
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return f"{name}, packed by a method other than deflate"
    return ""
