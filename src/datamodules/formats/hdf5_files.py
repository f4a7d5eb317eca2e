"""Files in the format of HDF5, read by h5py."""

import h5py

from .files import LARGEST_BYTES


def numbers_in(file: h5py.File, name: str) -> h5py.Dataset:
    """The dataset of this name, not read yet; ValueError when its numbers lie in another file.

    An HDF5 file may send its reader anywhere on the disk, by links, external and virtual datasets.
    """
    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"no {name} in the file itself")
    found = file[name]
    if not isinstance(found, h5py.Dataset) or found.external or found.is_virtual:
        raise ValueError(f"no numbers in {name} itself")
    if found.dtype.kind not in "iuf":
        raise ValueError(f"{found.dtype} in {name}, not numbers")
    return found


def checked_size(found: h5py.Dataset) -> h5py.Dataset:
    """The dataset itself; ValueError when it would fill the memory, however small the file is."""
    if found.nbytes > LARGEST_BYTES:
        raise ValueError(f"{found.nbytes >> 20} MB unpacked, more than {LARGEST_BYTES >> 20}")
    return found
