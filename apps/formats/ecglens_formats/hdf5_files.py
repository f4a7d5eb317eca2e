"""Files in the format of HDF5, read by h5py."""

from math import prod

import h5py
from ecglens.datamodules import LARGEST_BYTES


def numbers_in(file: h5py.File, name: str) -> h5py.Dataset:
    """Dataset of this name, not read yet; ValueError when its numbers are in another file.

    Links, external and virtual datasets of HDF5 can point to any file on the disk.
    """
    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        raise ValueError(f"no {name} in the file itself")
    found = file[name]
    if not isinstance(found, h5py.Dataset) or found.external or found.is_virtual:
        raise ValueError(f"no numbers in {name} itself")
    if found.dtype.kind not in "iuf":
        raise ValueError(f"{found.dtype} in {name}, not numbers")
    # To read one number, the whole chunk around it is unpacked.
    if (chunk := prod(found.chunks or ()) * found.dtype.itemsize) > LARGEST_BYTES:
        raise ValueError(f"chunks of {chunk >> 20} MB in {name}, more than {LARGEST_BYTES >> 20}")
    return found
