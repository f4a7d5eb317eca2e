"""Files at addresses such as s3://bucket/ecg.hea, read by fsspec; files here as they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import fsspec
import numpy as np
from ecglens.datamodules import record_files

# Endings of files that begin a record; .dat and .mat belong to their header.
RECORDS = (".hea", ".wfdb", ".dcm", ".xml")


def is_address(path: str) -> bool:
    """True for an address of fsspec, such as s3://, in place of a path."""
    return "://" in path


@contextmanager
def local_copy(path: str) -> Iterator[Path]:
    """The file at a path; of an address a copy of it, with the signals of a WFDB header."""
    if not is_address(path):
        yield Path(path).expanduser()
        return
    system, inside = fsspec.core.url_to_fs(path)
    with TemporaryDirectory(prefix="ecglens-") as folder:
        above, file = PurePosixPath(inside).parent, Path(folder) / PurePosixPath(inside).name
        system.get_file(inside, str(file))
        for signal in record_files(file.with_suffix(""))[1:] if file.suffix == ".hea" else ():
            if signal.parent == file.parent:  # the reader refuses any other
                system.get_file(str(above / signal.name), str(signal))
        yield file


def records_below(address: str) -> list[str]:
    """Addresses of the records below an address; a file, or a path, is itself.

    Raises ValueError where there is none.
    """
    system, inside = fsspec.core.url_to_fs(address)
    if not is_address(address) or system.isfile(inside):
        return [address]
    found = sorted(each for each in system.find(inside) if each.endswith(RECORDS))
    if not found:
        raise ValueError(f"expected records ({', '.join(RECORDS)}) below {address}, found none")
    return [system.unstrip_protocol(each) for each in found]


def array_header(content: Any) -> tuple[tuple[int, ...], np.dtype]:
    """Shape and type of an array in NumPy's format; ValueError unless it is numbers row by row."""
    version = "_".join(map(str, np.lib.format.read_magic(content)))
    shape, fortran, dtype = getattr(np.lib.format, f"read_array_header_{version}")(content)
    if dtype.hasobject or fortran:
        raise ValueError("another order than row by row" if fortran else "objects, no numbers")
    return shape, dtype


class RemoteArray:
    """Rows of a .npy file at an address, each read when it is asked for."""

    def __init__(self, address: str) -> None:
        system, inside = fsspec.core.url_to_fs(address)
        self._file = system.open(inside, "rb")
        self.shape, self.dtype = array_header(self._file)
        self._begin = self._file.tell()
        if system.size(inside) < self._begin + int(np.prod(self.shape)) * self.dtype.itemsize:
            raise ValueError("a file that is cut off")

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, place: int) -> np.ndarray:
        size = int(np.prod(self.shape[1:])) * self.dtype.itemsize
        self._file.seek(self._begin + place * size)
        return np.frombuffer(self._file.read(size), self.dtype).reshape(self.shape[1:])
