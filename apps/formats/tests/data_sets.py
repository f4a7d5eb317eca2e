"""Whole ECGs in the format of each published data set, and what can be wrong with such a file."""

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
import scipy.io
from ecglens.ecg import INDEPENDENT_INDEX, LEADS

from tests.datamodules.broken import EXACT, HEADER, Source, changed, header, made_with


def matlab(file: Path, data: np.ndarray = EXACT / 1000) -> None:
    ecg = {"sex": "Female", "age": 61.0, "data": data}
    scipy.io.savemat(file, {"ECG": ecg}, do_compression=True)


def hdf5(file: Path, data: np.ndarray = EXACT[:, 1000:1600], name: str = "median") -> None:
    with h5py.File(file, "w") as content:
        content[name] = data.T


def asc(file: Path, data: np.ndarray = EXACT) -> None:
    eight = data[[*INDEPENDENT_INDEX]] if len(data) == len(LEADS) else data
    np.savetxt(file, eight.T, fmt="%.0f")


DATA_SETS: Mapping[str, Source] = {
    "ptbxl header": Source(
        header(place="records500/00000/{}"), "records500/00000/{}.hea", HEADER, "ptbxl"
    ),
    "cinc header": Source(header(), "{}.hea", HEADER, "cinc"),
    "mimic_iv_ecg header": Source(
        header(place="files/p1/p10/s1/{}"), "files/p1/p10/s1/{}.hea", HEADER, "mimic_iv_ecg"
    ),
    "cpsc2018": Source(
        lambda folder, name: matlab(folder / f"{name}.mat"),
        "{}.mat",
        made_with(lambda file, data: matlab(file, data / 1000))
        | {"100 MB when unpacked": lambda file: matlab(file, np.zeros((12, 2**20)))},
    ),
    "deepfake_files, asc": Source(
        lambda folder, name: asc(folder / f"{name}.asc"), "{}.asc", made_with(asc), "deepfake_files"
    ),
    "deepfake_files, h5": Source(
        lambda folder, name: hdf5(folder / f"{name}.h5"),
        "{}.h5",
        {
            "three leads": lambda file: hdf5(file, EXACT[:3, :600]),
            "another dataset": lambda file: hdf5(file, name="mean"),
            "1e9 µV": lambda file: hdf5(file, changed(1e9)[:, 900:1500]),
            "NaN": lambda file: hdf5(file, changed(np.nan)[:, 900:1500]),
        },
        "deepfake_files",
    ),
}
