"""A data set: a folder of NumPy files."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from ecglens.datamodules import FileReader
from ecglens.ecg import Record


@dataclass(frozen=True)
class Folder(FileReader):
    """ECGs as NAME.npy, (12, time) in µV; NAME up to the first "_" is the patient."""

    fs_hz: float = 500.0
    version: ClassVar[int] = 1  # raise it when the records change
    endings: ClassVar[tuple[str, ...]] = (".npy",)

    def record(self, name: str) -> Record:
        """The ECG in the file of this name."""
        signal = np.load(self.path / name)
        return Record(signal, self.fs_hz, id=self.id(name), patient=name.split("_")[0])
