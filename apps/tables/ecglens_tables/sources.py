"""ECGs of any number that can be read piece by piece: files, lists of paths, arrays, loaders."""

import zipfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from ecglens.datamodules import Batch, Excluded, Given, Reader, check_paths, open_files
from ecglens.ecg import Record
from ecglens.store import fingerprint, keep_private, printable

from .remote import array_at, array_header, is_address, local_copy, opened_address, records_below

ARRAYS = (".npy", ".npz")
MAY_LEAVE = "may_leave_machine"


class Source(Protocol):
    """ECGs in a fixed order."""

    def __len__(self) -> int: ...

    def read(self, start: int, stop: int) -> Iterator[Any]:
        """ECGs start … stop − 1, as `write_part` takes them."""
        ...

    def key(self, start: int, stop: int) -> str:
        """What names these ECGs; their content is not looked at."""
        ...


@dataclass(frozen=True)
class Files:
    """ECGs of readers, one reader after the other."""

    given: Sequence[Given]

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(len(each.records.reader) for each in self.given))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def read(self, start: int, stop: int) -> Iterator[Record | Excluded]:
        """ECGs as their reader gives them."""
        for reader, first, last in self._pieces(start, stop):
            yield from reader.read(first, last)

    def key(self, start: int, stop: int) -> str:
        """Hash of the names of these ECGs."""
        names = []
        for reader, first, last in self._pieces(start, stop):
            known = getattr(reader, "names", None)
            names += [f"{reader!r} {first} {last}"] if known is None else known[first:last]
        return fingerprint({"names": names})

    def _pieces(self, start: int, stop: int) -> Iterator[tuple[Reader, int, int]]:
        place = bisect_right(self._ends, start)
        while start < stop:
            begin = self._ends[place - 1] if place else 0
            last = min(stop, self._ends[place])
            yield self.given[place].records.reader, start - begin, last - begin
            start, place = last, place + 1


@dataclass(frozen=True)
class Paths:
    """ECGs at these paths or addresses, each a file of one ECG; `ids` name them."""

    paths: Sequence[str]
    ids: Sequence[str]
    reader: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    as_trained: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, start: int, stop: int) -> Iterator[tuple[str, Any] | Excluded]:
        """Each ECG under its id, or the reason why it cannot be read."""
        for path, name in zip(self.paths[start:stop], self.ids[start:stop], strict=True):
            try:
                with local_copy(path) as file:
                    (one,) = open_files([file], self.reader, self.settings, self.as_trained)
                    found = list(one.records.reader.read(0, 2))
                if len(found) != 1:
                    raise ValueError(f"expected one ECG in {file.name}, got several")
                (ecg,) = found
                yield Excluded(name, ecg.reason) if isinstance(ecg, Excluded) else (name, ecg)
            except (OSError, ValueError) as problem:
                yield Excluded(name, printable(" ".join(str(problem).split())))

    def key(self, start: int, stop: int) -> str:
        """Hash of paths and ids."""
        return fingerprint(
            {"paths": list(self.paths[start:stop]), "ids": list(self.ids[start:stop])}
        )


@dataclass(frozen=True)
class Rows:
    """What the network reads, as the rows of an array (ECG, 12, time) in µV at 500 Hz."""

    x: Any
    ids: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.x)

    def read(self, start: int, stop: int) -> Iterator[tuple[str, np.ndarray]]:
        """Each ECG under its id, or its number from 0."""
        for place in range(start, stop):
            yield str(place if self.ids is None else self.ids[place]), self.x[place]

    def key(self, start: int, stop: int) -> str:
        """Hash of shape, type, place and ids."""
        ids = None if self.ids is None else [str(each) for each in self.ids[start:stop]]
        about = {"shape": list(self.x.shape), "dtype": str(self.x.dtype)}
        return fingerprint({**about, "rows": [start, stop], "ids": ids})


def source_of(
    given: Sequence[str | Path],
    *,
    listed: bool = False,
    reader: str = "",
    settings: Mapping[str, Any] | None = None,
    as_trained: Mapping[str, Any] | None = None,
) -> Source:
    """ECGs of files, folders, one array, or a list of paths, here or at addresses (s3://…).

    `listed` says that the one file given is a list: CSV or parquet with the column `path`, and `id`
    if the path is not the id. An array (.npy, or .npz with `x` and `id`) holds what the network
    reads, unless `settings` say its rate (`fs_hz`). The others are as in `datamodules.open_files`.
    Raises ValueError for what cannot be opened.
    """
    settings, as_trained = settings or {}, as_trained or {}
    one = str(given[0]) if len(given) == 1 else ""
    if not settings.get(MAY_LEAVE, False):
        keep_private()  # where they come from is not known
    if listed:
        if not one:
            raise ValueError(f"expected one list of paths, got {len(given)} files")
        return _listed(one, reader, settings, as_trained)
    if Path(one).suffix in ARRAYS and "fs_hz" not in settings:
        return _array(one)
    if any(is_address(str(each)) for each in given):
        paths = [path for each in given for path in records_below(str(each))]
        return Paths(paths, paths, reader, settings, as_trained)
    check_paths([Path(each) for each in given])
    return Files(open_files([Path(each) for each in given], reader, settings, as_trained))


def _listed(
    file: str, reader: str, settings: Mapping[str, Any], as_trained: Mapping[str, Any]
) -> Paths:
    with opened_address(file) as content:
        try:
            read = pd.read_parquet if Path(file).suffix == ".parquet" else pd.read_csv
            table = read(content) if read is pd.read_parquet else read(content, dtype=str)
        except (ValueError, OSError) as problem:
            raise ValueError(f"expected a list of paths in {file}, got {problem}") from problem
    if "path" not in table:
        raise ValueError(
            f"expected in {file} the column path, got {', '.join(map(str, table)) or 'none'}"
        )
    paths = table["path"].astype(str)
    ids = pd.Index(table["id" if "id" in table else "path"].astype(str))
    if not ids.is_unique:
        raise ValueError(
            f"expected in {file} a different id for each ECG, got {ids[ids.duplicated()][0]} twice"
        )
    # From where the list lies, as a list that is copied with its ECGs.
    base = file.rpartition("/")[0] if is_address(file) else Path(file).expanduser().parent
    own = [p if is_address(p) or p.startswith("/") else f"{base}/{p}" for p in paths]
    return Paths(own, ids.tolist(), reader, settings, as_trained)


def _array(file: str) -> Rows:
    x, ids = array_at(file) if is_address(file) else _mapped(Path(file).expanduser())
    if x.ndim != 3:
        raise ValueError(
            f"expected in {file} an array (ECG, 12, time) in µV at 500 Hz, got shape {x.shape}; "
            "recordings at another rate need --set fs_hz=… --set unit=…"
        )
    if ids is not None and (len(ids) != len(x) or len({*map(str, ids)}) < len(x)):
        raise ValueError(f"expected in {file} a different id for each of {len(x)} ECGs")
    return Rows(x, ids)


def _mapped(file: Path) -> tuple[np.ndarray, Sequence[str] | None]:
    """Array, memory-mapped also inside a .npz, and the ids beside it."""
    try:
        if file.suffix == ".npy":
            return np.load(file, mmap_mode="r"), None
        with np.load(file) as content:
            names = content.files
            ids = content["id"] if "id" in names else None
        if "x" not in names and len(names) > 1:
            raise ValueError(f"the arrays {', '.join(names)}, none of which is x")
        return _member(file, "x" if "x" in names else names[0]), ids
    except (ValueError, OSError, zipfile.BadZipFile) as problem:
        raise ValueError(f"expected an array in {file}, got {problem}") from problem


def _member(file: Path, name: str) -> np.ndarray:
    """An array of a .npz without compression, memory-mapped."""
    with zipfile.ZipFile(file) as archive:
        member = archive.getinfo(f"{name}.npy")
        if member.compress_type != zipfile.ZIP_STORED:
            raise ValueError("a compressed one; save it by numpy.savez")
        with archive.open(member) as content:
            shape, fortran, dtype = array_header(content)
            header = content.tell()
    with file.open("rb") as raw:
        raw.seek(member.header_offset + 26)  # lengths of the name and of the extra field
        lengths = int.from_bytes(raw.read(2), "little") + int.from_bytes(raw.read(2), "little")
    offset = member.header_offset + 30 + lengths + header
    return np.memmap(file, dtype, "r", offset, shape, "F" if fortran else "C")


def from_loader(batches: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """ECGs of a DataLoader whose batches are (ids, x), or those of ECGLens (Batch).

    Raises ValueError for other batches.
    """
    for batch in batches:
        if isinstance(batch, Batch):
            ids, x = batch.record, batch.x
        elif isinstance(batch, tuple | list) and len(batch) == 2 and len(batch[0]) == len(batch[1]):
            ids, x = batch
        else:
            raise ValueError(
                f"expected batches of (ids, x) with an id for each ECG, got {type(batch).__name__}"
            )
        for name, ecg in zip(np.asarray(ids).tolist(), np.asarray(x), strict=True):
            yield str(name), ecg
