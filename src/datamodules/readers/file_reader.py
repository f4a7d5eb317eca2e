"""What all readers of files share: naming, hashing, and one bad file never ends the work."""

import hashlib
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import ClassVar

import numpy as np

from ...ecg import Record
from ..formats.file_hashes import remembered
from ..formats.files import LARGEST_BYTES, files_below, one_line
from ..formats.missing_lead import MissingLead, kept
from ..records import Excluded

# The range of an electrocardiograph, electrode offsets of ± 300 mV included (IEC 60601-2-25). What
# is beyond it is in another unit than the file says.
LARGEST_UV = 5e5


@dataclass(frozen=True)
class FileReader(ABC):
    """ECGs in the files below `path`, one after the other, in an order that never changes.

    A subclass says which ECGs there are, in which files each lies and how it is read: all files of
    its `endings`, an ECG each, unless it says otherwise. Whatever goes wrong with one ECG excludes
    that one, with the reason.

    A file is named from `path` downwards: a list or a header that came with the data and says
    ../elsewhere is refused. A link below `path` is followed wherever it leads, because large data
    lie on several disks and who may link here may read here.

    An ECG without one of the leads I, II, V1…V6 is left out; with `missing_lead` "zero" it is kept
    with that lead at zero (see missing_lead.kept).
    """

    path: Path
    missing_lead: MissingLead = field(default="exclude", kw_only=True)
    version: ClassVar[int]
    generated: ClassVar[bool] = False
    # Makers of the labels that come with the ECGs (provenance.MAKERS), by patterns of their names.
    labels_by: ClassVar[Mapping[str, str]] = {}
    endings: ClassVar[tuple[str, ...]] = ()

    @cached_property
    def names(self) -> Sequence[str]:
        """The ECGs, each by a name of its own; ValueError when there is nothing at `path`."""
        return files_below(self.path, self.endings)

    def files(self, name: str) -> Sequence[Path]:
        """Every file that decides what this ECG is, shared tables left out."""
        return [self.path / name]

    @abstractmethod
    def record(self, name: str) -> Record:
        """This ECG in µV; OSError or ValueError, with a line that says why, when it cannot be."""

    def id(self, name: str) -> str:
        """The id of the record of this name."""
        return name

    def __len__(self) -> int:
        return len(self.names)

    def read(self, start: int, stop: int) -> Iterator[Record | Excluded]:
        """The ECGs start … stop − 1."""
        for place in range(start, min(stop, len(self.names))):
            name = self.names[place]
            try:
                if self._again(place):
                    raise ValueError("expected an id of its own for each ECG, got this one again")
                for file in self.files(name):
                    self._check(file)
                record = kept(in_range(self.record(name)), self.missing_lead)
            except (OSError, ValueError) as problem:
                yield Excluded(self.id(name), one_line(problem))
            except Exception as problem:  # a library may fail with anything, on this file alone
                kind = type(problem).__name__
                reason = f"expected a readable record, got a damaged one ({kind}: {problem})"
                yield Excluded(self.id(name), one_line(reason))
            else:
                yield record

    def origin(self, start: int, stop: int) -> dict[str, str]:
        """A hash of all files of these ECGs, wherever they lie, and what a missing lead does."""
        digest = hashlib.sha256()
        for place in range(start, min(stop, len(self.names))):
            name = self.names[place]
            digest.update(f"{name}\x1f{'again' * self._again(place)}\x1f".encode())
            files = self.files(name)
            digest.update(remembered(repr(self), place, files, partial(self._hashes, files)))
        return {"files": digest.hexdigest()[:16], "missing_lead": self.missing_lead}

    def _hashes(self, files: Sequence[Path]) -> bytes:
        return b"".join(f"{file.name}\x1f".encode() + self._hash(file) for file in files)

    def _hash(self, file: Path) -> bytes:
        try:
            self._check(file)
            with file.open("rb") as content:
                return hashlib.file_digest(content, "sha256").digest()
        except (OSError, ValueError) as problem:  # `read` names it
            return repr(type(problem)).encode()

    def _check(self, file: Path) -> None:
        below = file.parts[len(self.path.parts) :]
        if not file.is_relative_to(self.path) or ".." in below:
            raise ValueError(f"expected files below data.path, got {file}")
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe would be waited for, a device never ends
            raise ValueError(f"expected a file, got something else: {file.name}")
        if found.st_size > LARGEST_BYTES:
            raise ValueError(
                f"expected at most {LARGEST_BYTES >> 20} MB in {file.name}, "
                f"got {found.st_size >> 20}"
            )

    def _again(self, place: int) -> bool:
        """True when an ECG before this one has its id."""
        return self._first[self.id(self.names[place])] != place

    @cached_property
    def _first(self) -> dict[str, int]:
        """Where each id stands first."""
        first: dict[str, int] = {}
        for place, name in enumerate(self.names):
            first.setdefault(self.id(name), place)
        return first


def in_range(record: Record) -> Record:
    """The record itself; ValueError when no electrocardiograph could have recorded it."""
    largest = float(np.abs(record.signal).max())
    if largest > LARGEST_UV:
        raise ValueError(
            f"expected a signal within ±{LARGEST_UV / 1e3:.0f} mV, got {largest / 1e3:.3g} mV; "
            "the unit or the gain in the file is wrong"
        )
    return record
