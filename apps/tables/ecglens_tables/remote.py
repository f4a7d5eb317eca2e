"""Files at addresses such as s3://bucket/ecg.hea, read by fsspec; files here as they are."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Any

import fsspec
import numpy as np
from ecglens.datamodules import record_files

# Endings that begin a record; .dat and .mat belong to their header.
RECORDS = (".hea", ".dcm", ".xml", ".csv", ".parquet", ".npy")


def is_address(path: str) -> bool:
    """True for an address of fsspec, such as s3://, in place of a path."""
    return "://" in path


@contextmanager
def opened_address(path: str) -> Iterator[IO[bytes]]:
    """The file at a path or address, to read."""
    system, inside = _system(path)
    with system.open(inside, "rb") as content:
        yield content


def _system(path: str) -> tuple[Any, str]:
    """File system of an address. Raises ImportError with what to install, ValueError otherwise."""
    try:
        return fsspec.core.url_to_fs(path if is_address(path) else str(Path(path).expanduser()))
    except ImportError as problem:
        raise ImportError(
            f"{problem}; for s3:// pip install './apps/tables[s3]' in a copy of the source"
        ) from problem


@contextmanager
def local_copy(path: str) -> Iterator[Path]:
    """The file at a path; of an address a copy of it, with the signals of a WFDB header."""
    if not is_address(path):
        yield Path(path).expanduser()
        return
    system, inside = _system(path)
    with TemporaryDirectory(prefix="ecglens-") as folder:
        file = Path(folder) / PurePosixPath(inside).name
        system.get_file(inside, str(file))
        if file.suffix == ".hea":
            above = PurePosixPath(inside).parent
            for signal in record_files(file.with_suffix(""))[1:]:
                if signal.parent == file.parent:
                    system.get_file(str(above / signal.name), str(signal))
        yield file


def records_below(path: str) -> list[str]:
    """Addresses of the records below an address; a file of one ECG is itself."""
    if not is_address(path):
        return [path]
    system, inside = _system(path)
    if system.isfile(inside):
        return [path]
    found = sorted(each for each in system.find(inside) if each.endswith(RECORDS))
    if not found:
        raise ValueError(f"expected records ({', '.join(RECORDS)}) below {path}, found none")
    return [system.unstrip_protocol(each) for each in found]


def array_header(content: Any) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, Fortran order and type of an array in NumPy's format; ValueError for objects."""
    version = "_".join(map(str, np.lib.format.read_magic(content)))
    shape, fortran, dtype = getattr(np.lib.format, f"read_array_header_{version}")(content)
    if dtype.hasobject:
        raise ValueError("objects in place of numbers")
    return shape, fortran, dtype


class RemoteArray:
    """Rows of a .npy file at an address, each read when it is asked for."""

    def __init__(self, path: str) -> None:
        system, inside = _system(path)
        self._file = system.open(inside, "rb")
        self.shape, fortran, self.dtype = array_header(self._file)
        if fortran:
            raise ValueError(f"expected an array row by row in {path}, got one in Fortran order")
        self._begin = self._file.tell()
        self.ndim = len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, place: int) -> np.ndarray:
        size = int(np.prod(self.shape[1:])) * self.dtype.itemsize
        self._file.seek(self._begin + place * size)
        return np.frombuffer(self._file.read(size), self.dtype).reshape(self.shape[1:])


def array_at(path: str) -> tuple[Any, Sequence[str] | None]:
    """Array of a .npy file at an address; ValueError for another file."""
    if not path.endswith(".npy"):
        raise ValueError(f"expected a .npy file at an address, got {path}")
    try:
        return RemoteArray(path), None
    except (OSError, AttributeError) as problem:
        raise ValueError(f"expected an array at {path}, got {problem}") from problem
