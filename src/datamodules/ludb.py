"""The Lobachevsky University Database in its original layout, with its manual annotation."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from ..ecg import Record, in_order
from .manual_marks import global_intervals, read_marks
from .records import Excluded
from .wfdb_files import read_signals


@dataclass(frozen=True)
class Ludb:
    """The records of LUDB 1.0.1 (Kalyakulina 2020, doi 10.1109/ACCESS.2020.3029211) in µV.

    `path` is the folder with RECORDS and data/. Labels pr, qrs and qt are the manual marks as
    global intervals (see manual_marks); amplitudes, rate and the mask of waves are measured, and so
    is everything in a record without marks. Each record is a patient of its own.
    """

    path: Path
    version: ClassVar[int] = 1
    generated: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not (self.path / "RECORDS").is_file():
            raise ValueError(
                f"expected in data.path the folder of LUDB with its file RECORDS, got {self.path}"
            )

    @cached_property
    def names(self) -> list[str]:
        """The records by their place in the folder, such as data/7."""
        return (self.path / "RECORDS").read_text().split()

    def __len__(self) -> int:
        return len(self.names)

    def origin(self, start: int, stop: int) -> dict[str, str]:
        """A hash of all files of these records, wherever they lie."""
        digest = hashlib.sha256()
        for name in self.names[start:stop]:
            for file in sorted((self.path / name).parent.glob(f"{Path(name).name}.*")):
                digest.update(f"{name}{file.suffix}\x1f".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
        return {"files": digest.hexdigest()[:16]}

    def read(self, start: int, stop: int) -> Iterator[Record | Excluded]:
        """The records start … stop − 1."""
        for name in self.names[start:stop]:
            try:
                yield self._record(self.path / name)
            except (OSError, ValueError) as problem:
                yield Excluded(Path(name).name, " ".join(str(problem).split()))

    def _record(self, path: Path) -> Record:
        found = read_signals(path)
        fs = float(found.fs or 0)
        microvolts = np.asarray(found.p_signal, np.float32).T * 1000  # LUDB is in mV
        return Record(
            in_order(microvolts, found.sig_name or ()),
            fs=fs,
            id=path.name,
            patient=path.name,
            labels=global_intervals(read_marks(path, fs), fs),
        )
