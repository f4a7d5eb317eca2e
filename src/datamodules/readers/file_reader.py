"""Base of the readers of files: names, hashes, and exclusion of a bad file with its reason."""

import hashlib
import json
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property, partial
from pathlib import Path
from typing import ClassVar

import numpy as np

from ...ecg import Record
from ...store import printable, sha256_of
from ..formats.conventions import MissingLead, kept
from ..formats.files import LARGEST_BYTES, files_below, limited_memory, one_line, remembered
from ..preparation.workers import reading
from ..records import Excluded

# Range of an electrocardiograph, with electrode offsets of ± 300 mV (IEC 60601-2-25). Values beyond
# it are in another unit than the file says.
LARGEST_UV = 5e5


@dataclass(frozen=True)
class FileKinds:
    """Files that readers of an installed package read: an entry point of `ecglens.files`.

    `words` names them in messages. `reader_of` returns the name of the data set whose reader reads
    a file, "" for any other file; it is asked about every file that ECGLens does not know.
    """

    words: str
    reader_of: Callable[[Path], str]


@dataclass(frozen=True)
class FileReader(ABC):
    """ECGs in the files below `path`, in a fixed order.

    A subclass defines `record`, which reads one ECG. By default every file with one of `endings` is
    an ECG, except the `tables`, which ECGs share; a subclass may define other `names` and `files`.
    An error in one ECG excludes that ECG, with the reason.

    Paths outside `path` (../elsewhere) in a list or a header of the data are refused. Links below
    `path` are followed: large data lie on several disks, and whoever may create a link here may
    read here.

    An ECG without one of the leads I, II, V1…V6 is excluded; with `missing_lead` "zero" it is kept
    with that lead at zero (formats.missing_lead).
    """

    path: Path
    missing_lead: MissingLead = field(default="exclude", kw_only=True)
    version: ClassVar[int]
    generated: ClassVar[bool] = False
    # Makers of the labels that come with the ECGs, by patterns of their names (records.MAKERS).
    labels_by: ClassVar[Mapping[str, str]] = {}
    endings: ClassVar[tuple[str, ...]] = ()
    # Settings that decide which files and rows there are: the hashes of these tell them.
    in_files: ClassVar[tuple[str, ...]] = ("path",)
    # Paths below `path` of the tables that `record` reads.
    tables: ClassVar[tuple[str, ...]] = ()

    @cached_property
    def names(self) -> Sequence[str]:
        """Names of the ECGs, all different; ValueError when there is none at `path`."""
        return files_below(self.path, self.endings, self.tables)

    def only(self, names: Sequence[str]) -> "FileReader":
        """Reader of the ECGs with these names alone; nothing else at `path` is opened."""
        some = copy(self)
        vars(some).pop("_first", None)  # places of the ids of all ECGs
        vars(some)["names"] = list(names)
        return some

    def files(self, name: str) -> Sequence[Path]:
        """Files that decide this ECG, without tables that ECGs share."""
        return [self.path / name]

    def rows(self, names: Sequence[str]) -> str:
        """Hash of what the tables say about these ECGs; empty without tables.

        By default it is the hash of whole `tables`, so that any change prepares every ECG again. A
        reader of a large table returns the hash of the rows of these ECGs (`hash_of_rows`).
        """
        files = [self.path / table for table in self.tables]
        digest = remembered(repr(self), "tables", files, partial(_contents, files))
        return digest.hex()[:16] if files else ""

    @abstractmethod
    def record(self, name: str) -> Record:
        """This ECG in µV; OSError or ValueError with a one-line reason if it cannot be read."""

    def id(self, name: str) -> str:
        """Id of the record with this name."""
        return name

    def __len__(self) -> int:
        return len(self.names)

    def read(self, start: int, stop: int) -> Iterator[Record | Excluded]:
        """ECGs start … stop − 1, or the reasons why one is excluded."""
        for place in range(start, min(stop, len(self.names))):
            name = self.names[place]
            reading(name)
            id = printable(self.id(name))
            try:
                if id != self.id(name):
                    raise ValueError("expected a file name in UTF-8, no control signs; rename it")
                if self._again(place):
                    raise ValueError("expected a different id for each ECG, got this one again")
                for file in self.files(name):
                    self._check(file)
                with limited_memory(Path(name).name):
                    record = kept(in_range(self.record(name)), self.missing_lead)
            except (OSError, ValueError) as problem:
                yield Excluded(id, one_line(problem))
            except Exception as problem:  # noqa: BLE001 - libraries raise any error on a damaged file
                kind = type(problem).__name__
                reason = f"expected a readable record, got a damaged one ({kind}: {problem})"
                yield Excluded(id, one_line(reason))
            else:
                yield record

    def origin(self, start: int, stop: int) -> dict[str, str]:
        """Hashes of the files of these ECGs, independent of their path, and of `rows`; settings."""
        digest = hashlib.sha256()
        for place in range(start, min(stop, len(self.names))):
            name = self.names[place]
            said = f"{name}\x1f{'again' * self._again(place)}\x1f"
            digest.update(said.encode(errors="surrogateescape"))
            files = self.files(name)
            digest.update(remembered(repr(self), place, files, partial(self._hashes, files)))
        rows = self.rows(self.names[start:stop])
        found = {"files": digest.hexdigest()[:16], "missing_lead": self.missing_lead}
        # A reader's own settings, where they are not the defaults.
        own = [one for one in fields(self) if one.name not in (*found, *self.in_files)]
        for one in own:
            usual = one.default if one.default_factory is MISSING else one.default_factory()
            said, default = (
                json.dumps(each, sort_keys=True, default=str)
                for each in (getattr(self, one.name), usual)
            )
            if said != default:
                found[one.name] = said
        return {**found, "rows": rows} if rows else found

    def _hashes(self, files: Sequence[Path]) -> bytes:
        return b"".join(os.fsencode(file.name) + b"\x1f" + self._hash(file) for file in files)

    def _hash(self, file: Path) -> bytes:
        try:
            self._check(file)
            return bytes.fromhex(sha256_of(file))
        except (OSError, ValueError) as problem:  # `read` reports it
            return repr(type(problem)).encode()

    def _check(self, file: Path, largest: float = LARGEST_BYTES) -> None:
        below = file.parts[len(self.path.parts) :]
        if not file.is_relative_to(self.path) or ".." in below:
            raise ValueError(f"expected files below data.path, got {file}")
        try:
            state = file.stat()
        except FileNotFoundError:
            raise ValueError(
                f"expected the file {file.name} of this ECG, got none; copy it beside the others"
            ) from None
        if not stat.S_ISREG(state.st_mode):  # reading a pipe would block, a device never ends
            raise ValueError(f"expected a file, got something else: {file.name}")
        if state.st_size > largest:
            raise ValueError(
                f"expected at most {int(largest) >> 20} MB in {file.name}, "
                f"got {state.st_size >> 20}"
            )

    def _again(self, place: int) -> bool:
        """True if an earlier ECG has the same id."""
        return self._first[self.id(self.names[place])] != place

    @cached_property
    def _first(self) -> dict[str, int]:
        """First place of each id."""
        first: dict[str, int] = {}
        for place, name in enumerate(self.names):
            first.setdefault(self.id(name), place)
        return first


def _contents(files: Sequence[Path]) -> bytes:
    """Hash of the contents of these files, which may be of any size."""
    digest = hashlib.sha256()
    for file in files:
        try:
            digest.update(bytes.fromhex(sha256_of(file)))
        except OSError as problem:  # `record` raises it for each ECG
            digest.update(repr(type(problem)).encode())
    return digest.digest()


def in_range(record: Record) -> Record:
    """Record unchanged; ValueError for values beyond the range of electrocardiographs."""
    largest = float(np.abs(record.signal).max())
    if largest > LARGEST_UV:
        raise ValueError(
            f"expected a signal within ±{LARGEST_UV / 1e3:.0f} mV, got {largest / 1e3:.3g} mV; "
            "the unit or the gain is wrong"
        )
    return record
