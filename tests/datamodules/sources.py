"""Sources made for the tests."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import nan
from pathlib import Path
from typing import ClassVar

import numpy as np
from ecglens.datamodules import Excluded, Records, open_records
from ecglens.ecg import LEADS, Record


@dataclass(frozen=True)
class Faulty:
    """Noisy exact ECGs; number 1 is unreadable, 2 is flat, 4 lasts only 5 s.

    Number 3 has no PR label, number 5 no leads V1 and V5. All of them measured, but
    for that label. Each read of a block leaves a line in `log`; a block whose start is written in
    the file `broken` fails.
    """

    n: int
    log: Path
    version: ClassVar[int] = 1
    generated: ClassVar[bool] = True

    def __len__(self) -> int:
        return self.n

    def origin(self, start: int, stop: int) -> dict[str, int]:
        return {"start": start, "stop": stop}

    def read(self, start: int, stop: int) -> Iterator[Record | Excluded]:
        with self.log.open("a") as log:
            log.write(f"{start}\n")
        broken = self.log.with_name("broken")
        if broken.exists() and broken.read_text() == str(start):
            raise RuntimeError("interrupted")
        for index, record in enumerate(open_records("exact", n=stop, noise_uv=5.0)):
            if index >= start:
                yield faulty(index, replace(record, beat=None, labels={}, marks=None))


def faulty(index: int, record: Record) -> Record | Excluded:
    match index:
        case 1:
            return Excluded(record.id, "unreadable")
        case 2:
            return replace(record, signal=np.zeros((12, 5000), np.float32))
        case 3:
            return replace(record, labels={"pr": float("nan"), "st": 12.5})
        case 4:
            return replace(record, signal=record.signal[:, :4990])
        case 5:
            signal = record.signal.copy()
            signal[[LEADS.index("V1"), LEADS.index("V5")]] = 0.0
            return replace(record, signal=signal, labels={"my own label": 1.0, "st": nan})
    return record


def faulty_records(n: int, log: Path) -> Records:
    return Records("faulty", Faulty(n, log))


@dataclass(frozen=True)
class Flat:
    """Records of zeros."""

    n: int
    version: ClassVar[int] = 1
    generated: ClassVar[bool] = True

    def __len__(self) -> int:
        return self.n

    def origin(self, start: int, stop: int) -> dict[str, int]:
        return {"start": start, "stop": stop}

    def read(self, start: int, stop: int) -> Iterator[Record | Excluded]:
        for index in range(start, stop):
            yield Record(np.zeros((12, 5000), np.float32), id=f"flat-{index}")


@dataclass(frozen=True)
class Measured:
    """Noisy exact strips without what is known of them, so that all of it is measured."""

    n: int
    version: ClassVar[int] = 1
    generated: ClassVar[bool] = True

    def __len__(self) -> int:
        return self.n

    def origin(self, start: int, stop: int) -> dict[str, int]:
        return {"start": start, "stop": stop}

    def read(self, start: int, stop: int) -> Iterator[Record | Excluded]:
        for record in open_records("exact", n=stop, noise_uv=10.0, rr_scatter=0.05):
            yield replace(record, beat=None, labels={}, marks=None, r_peaks=None)


def measured_records(n: int) -> Records:
    return Records("measured", Measured(n))
