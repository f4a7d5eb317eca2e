"""ECGs of any number, read piece by piece: files, lists of paths, arrays, loaders."""

import errno
import hashlib
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ecglens.datamodules import MAY_LEAVE, Batch, Excluded, FileReader, Reader
from ecglens.ecg import Record
from ecglens.store import Shard, check_unpacked, fingerprint, keep_private, printable
from ecglens_sheets import Given, KnownNetwork, check_paths, open_files
from pyarrow import csv
from torch import Tensor

from .networks import opened
from .remote import RemoteArray, array_header, is_address, local_copy, records_below


@dataclass(frozen=True)
class Reading:
    """How files are read: name or import path of a reader, its settings, and those of training."""

    reader: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    as_trained: Mapping[str, Any] = field(default_factory=dict)

    def open(self, paths: Sequence[Path]) -> list[Given]:
        """The ECGs at these paths, by ecglens_sheets.open_files."""
        return open_files(paths, self.reader, self.settings, self.as_trained)

    def key(self, names: Sequence[str], content: Sequence[str]) -> str:
        """Hash of these settings, of what names some ECGs, and of the content of the outermost."""
        said = [self.reader, sorted(map(str, {**self.as_trained, **self.settings}.items()))]
        return fingerprint({"reading": said, "names": list(names), "content": content})


@dataclass(frozen=True, eq=False)
class Files:
    """ECGs of readers, one reader after the other."""

    given: Sequence[Given]
    reading: Reading

    def __len__(self) -> int:
        return sum(len(each.records.reader) for each in self.given)

    def read(self, start: int, stop: int) -> Iterator[Record | Excluded]:
        """ECGs start … stop − 1, as their reader gives them."""
        for reader, first, last in self._pieces(start, stop):
            yield from reader.read(first, last)

    def key(self, start: int, stop: int) -> str:
        """Hash of what names these ECGs, and of the first and the last."""
        names: list[str] = []
        for reader, first, last in self._pieces(start, stop):
            known = getattr(reader, "names", None)
            names += [f"{reader!r} {first} {last}"] if known is None else known[first:last]
        return self.reading.key(names, outermost(self, start, stop))

    @property
    def all_ids(self) -> Iterator[str]:
        """Ids of all ECGs; ValueError for readers that know them only from the ECGs."""
        for reader in (each.records.reader for each in self.given):
            if not isinstance(reader, FileReader):
                raise ValueError(
                    "expected ECGs whose ids are known before they are read, for scores, got "
                    f"{type(reader).__name__}; give a list of paths, or an array"
                )
            yield from (printable(reader.id(name)) for name in reader.names)

    def _pieces(self, start: int, stop: int) -> Iterator[tuple[Reader, int, int]]:
        for reader in (each.records.reader for each in self.given):
            first, last = max(start, 0), min(stop, len(reader))
            if first < last:
                yield reader, first, last
            start, stop = start - len(reader), stop - len(reader)


# Errors of the network or of this machine, after which an ECG can still be read.
OF_THE_MACHINE = (
    *(errno.ETIMEDOUT, errno.ECONNREFUSED, errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE),
    *(errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENOSPC, errno.EMFILE, errno.ENFILE),
)


@dataclass(frozen=True, eq=False)
class Paths:
    """ECGs at these paths or addresses, each a file of one ECG; `ids` name them.

    A path begins at `base`, where the list lies, so that it is copied with its ECGs.
    """

    paths: pa.Array
    ids: pa.Array
    reading: Reading
    base: str = ""

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def all_ids(self) -> Iterator[str]:
        """Ids of all ECGs."""
        return (each.as_py() for each in self.ids)

    def _at(self, path: str) -> str:
        alone = not self.base or is_address(path) or Path(path).is_absolute()
        return path if alone else f"{self.base}/{path}"

    def _words(self, start: int, stop: int) -> tuple[list[str], list[str]]:
        span = start, stop - start
        return self.paths.slice(*span).to_pylist(), self.ids.slice(*span).to_pylist()

    def read(self, start: int, stop: int) -> Iterator[tuple[str, Record | Excluded]]:
        """ECGs start … stop − 1 under their ids, or the reasons why one cannot be read."""
        for path, name in zip(*self._words(start, stop), strict=True):
            try:
                with local_copy(self._at(path)) as file:
                    given = [each.records.reader for each in self.reading.open([file])]
                    found = [ecg for reader in given for ecg in reader.read(0, 2)]
                if len(found) != 1:
                    raise ValueError(f"expected one ECG in {path}, got several")
                yield name, found[0]
            except (OSError, ValueError) as problem:
                if isinstance(problem, OSError) and problem.errno in OF_THE_MACHINE:
                    raise  # not of this ECG: the same command resumes
                yield name, Excluded(name, printable(" ".join(str(problem).split())))

    def key(self, start: int, stop: int) -> str:
        """Hash of what names these ECGs, and of the first and the last."""
        paths, ids = self._words(start, stop)
        return self.reading.key([*paths, *ids], outermost(self, start, stop))


@dataclass(frozen=True, eq=False)
class Array:
    """What the network reads, as the rows of an array (ECG, 12, time) in µV at 500 Hz."""

    x: np.ndarray | RemoteArray
    ids: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def all_ids(self) -> Iterator[str]:
        """Ids of all ECGs, or their numbers from 0."""
        return map(str, range(len(self)) if self.ids is None else self.ids)

    def read(self, start: int, stop: int) -> Iterator[tuple[str, np.ndarray]]:
        """ECGs start … stop − 1 under their ids, or their numbers from 0."""
        for place in range(start, stop):
            yield str(place if self.ids is None else self.ids[place]), self.x[place]

    def key(self, start: int, stop: int) -> str:
        """Hash of shape, type, place and ids, and of the first and the last of these ECGs."""
        ids = [] if self.ids is None else [str(each) for each in self.ids[start:stop]]
        about = [*self.x.shape, str(self.x.dtype), start, stop]
        content = outermost(self, start, stop)
        return fingerprint({"array": about, "ids": ids, "content": content})


@dataclass(frozen=True)
class Read:
    """ECGs of a source, whose reader has checked them."""

    ecgs: Iterable[Any]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.ecgs)


Source = Files | Paths | Array


def outermost(source: Source, start: int, stop: int) -> list[str]:
    """Hashes of the first and the last of some ECGs, or why one has none.

    Files of equal names in another folder, and arrays of one shape, are told apart by two ECGs,
    without reading a million.
    """
    found = []
    for place in sorted({start, stop - 1}) if start < stop else ():
        for ecg in source.read(place, place + 1):
            content = ecg[1] if isinstance(ecg, tuple) else ecg
            if isinstance(content, Excluded):
                found.append(content.reason)
                continue
            x = content.signal if isinstance(content, Record) else content
            found.append(hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest())
    return found


@lru_cache(maxsize=1)  # for the parts of one loop
def key_of_all(source: Source) -> str:
    """Hash of what names the ECGs of all parts, and of the first and the last."""
    return source.key(0, len(source))


def share(shard: Shard, count: int) -> tuple[int, int]:
    """The ECGs of a part, from the first to the one after the last."""
    return (shard.number - 1) * count // shard.of, shard.number * count // shard.of


def source_of(
    given: Sequence[str | Path],
    reading: Reading = Reading(),
    *,
    listed: bool = False,
    network: str | Path | KnownNetwork | None = None,
) -> Files | Paths | Array:
    """ECGs of files, folders, one array, or a list of paths, here or at addresses (s3://…).

    Recordings are prepared as those that `network` was trained on; it is given as to write_part.
    `listed` says that the one file given is a list: CSV or parquet with the column `path`, and `id`
    where the path is not the id. An array (.npy, or .npz with `x` and `id`) holds what the network
    reads, unless the settings say its rate (`fs_hz`). Other files are read as by
    ecglens_sheets.open_files. Raises ValueError for what cannot be opened.
    """
    if network is not None:
        reading = replace(reading, as_trained=opened(network).reading)
    names = [str(each) if is_address(str(each)) else str(Path(each).expanduser()) for each in given]
    if not reading.settings.get(MAY_LEAVE, False):
        keep_private()  # where they come from is not known
    if listed and len(names) > 1:
        raise ValueError(f"expected one list of paths, got {len(names)} files")
    if listed:
        return _listed(names[0], reading)
    if Path(names[0]).suffix in (".npy", ".npz") and "fs_hz" not in reading.settings:
        if unread := [f"--reader {reading.reader}"] * bool(reading.reader) + [
            f"--set {name}" for name in reading.settings if name != MAY_LEAVE
        ]:
            raise ValueError(
                f"expected for an array in µV at 500 Hz no settings of a reader, got "
                f"{', '.join(unread)}; recordings need --set fs_hz=… --set unit=…"
            )
        if len(names) > 1:
            raise ValueError(
                f"expected one array, got {len(names)} arguments; make a table of each, or stack "
                "the arrays"
            )
        return _array(names[0])
    if any(map(is_address, names)):
        paths = pa.array([path for name in names for path in records_below(name)])
        return Paths(paths, paths, reading)
    files = [Path(name) for name in names]
    check_paths(files)
    found = Files(reading.open(files), reading)
    seen: dict[str, Path] = {}
    for one in (each.records.reader for each in found.given if found.given[1:]):
        if not isinstance(one, FileReader):
            continue
        # Parts are written apart: two rows of one id would not be noticed.
        for id in {*map(one.id, one.names)}:
            if id in seen:
                raise ValueError(
                    f"expected a different id for each ECG, got {id!r} in {seen[id]} and, in "
                    f"another format, in {one.path}; make a table of each"
                )
            seen[id] = one.path
    return found


def _listed(file: str, reading: Reading) -> Paths:
    """The ECGs of a list, whose words stay in memory of arrow: a million take 50 MB."""
    system, inside = fsspec.core.url_to_fs(file)
    text = dict.fromkeys(("path", "id"), pa.string())  # an id may be "NA"; an empty one is none
    words = csv.ConvertOptions(column_types=text, null_values=[""], strings_can_be_null=True)
    try:
        with system.open(inside, "rb") as content:
            parquet = file.endswith(".parquet")
            table = pq.read_table(content) if parquet else csv.read_csv(content, None, None, words)
    except (pa.ArrowException, OSError) as problem:
        raise ValueError(f"expected a list of paths in {file}, got {problem}") from problem
    if "path" not in table.column_names:
        raise ValueError(f"expected in {file} the column path, got {', '.join(table.column_names)}")
    own = "id" if "id" in table.column_names else "path"
    if not len(table):
        raise ValueError(f"expected in {file} a path for each ECG, got none")
    try:
        paths, ids = (table[name].cast(pa.string()).combine_chunks() for name in ("path", own))
    except pa.ArrowException as problem:
        kinds = f"{table['path'].type} and {table[own].type}"
        raise ValueError(f"expected in {file} path and id as text, got {kinds}") from problem
    if len(ids.unique()) < len(ids) or ids.null_count or paths.null_count:
        ((name, times),) = Counter(ids.to_pylist()).most_common(1)
        said = f"{name!r} {times} times" if times > 1 else "an empty one"
        raise ValueError(f"expected in {file} a path and an id of its own for each ECG, got {said}")
    base = file.rpartition("/")[0] if is_address(file) else str(Path(file).parent)
    return Paths(paths, ids, reading, base)


def _array(file: str) -> Array:
    """Array of a .npy or .npz file, memory-mapped also inside an archive; ids beside it."""
    ids = None
    try:
        if is_address(file):
            x = RemoteArray(file)
        elif file.endswith(".npy"):
            x = np.load(file, mmap_mode="r")
        else:
            with open(file, "rb") as packed:
                check_unpacked(packed, Path(file))
            with np.load(file) as content:
                ids = content["id"].astype(str) if "id" in content.files else None
            x = _member(Path(file), "x.npy")
    except (ValueError, OSError, KeyError, zipfile.BadZipFile) as problem:
        raise ValueError(f"expected an array in {file}, got {problem}") from problem
    if len(x.shape) != 3 or not len(x):
        raise ValueError(
            f"expected in {file} an array x (ECG, 12, time) in µV at 500 Hz, got shape {x.shape}; "
            "recordings at another rate need --set fs_hz=… --set unit=…"
        )
    if ids is not None and (ids.shape != (len(x),) or len({*ids}) != len(x)):
        raise ValueError(
            f"expected in {file} a different id for each of {len(x)} ECGs, got ids of shape "
            f"{ids.shape}, {len(np.unique(ids))} of them different"
        )
    if ids is not None and not all(map(str.strip, ids)):
        raise ValueError(f"expected an id for each ECG in {file}, got an empty one")
    return Array(x, ids)


def _member(file: Path, name: str) -> np.ndarray:
    """An array of a .npz without compression, memory-mapped."""
    with zipfile.ZipFile(file) as archive:
        member = archive.getinfo(name)
        if member.compress_type != zipfile.ZIP_STORED:
            raise ValueError("a compressed one; numpy.savez does not compress")
        with archive.open(member) as content, file.open("rb") as raw:
            shape, dtype = array_header(content)
            raw.seek(member.header_offset + 26)  # lengths of the name and of the extra field
            lengths = sum(np.frombuffer(raw.read(4), "<u2").tolist())
            offset = member.header_offset + 30 + lengths + content.tell()
    return np.memmap(file, dtype, "r", offset, shape)


def from_loader(batches: Iterable[Any]) -> Iterator[tuple[str, np.ndarray | Tensor]]:
    """ECGs of a DataLoader whose batches are (ids, x), or those of ECGLens (Batch).

    Raises ValueError for other batches.
    """
    for batch in batches:
        if isinstance(batch, Batch):
            batch = batch.record, batch.x
        if not isinstance(batch, tuple | list) or len(batch) != 2:
            got = type(batch).__name__
            raise ValueError(f"expected batches of (ids, x) with an id for each ECG, got {got}")
        for name, ecg in zip(np.asarray(batch[0]).tolist(), batch[1], strict=True):
            yield str(name), ecg
