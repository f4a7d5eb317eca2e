"""Arrays made and kept chunk by chunk, so that a killed run goes on where it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..store import Step, Store, atomic_path


@dataclass(frozen=True)
class Chunks:
    """A finished folder with one file of arrays per chunk, and the settings that made it."""

    settings: Mapping[str, Any]
    folder: Path

    def read(self, number: int, name: str) -> np.ndarray:
        """One array of the chunk of this number."""
        with np.load(_file(self.folder, number)) as kept:
            return kept[name]


@dataclass(frozen=True)
class Keeper:
    """Store of chunks, their number in a folder, and a function that counts the finished ones."""

    store: Store
    count: int
    done: Callable[[int], object]

    def chunks(
        self,
        step: Step,
        settings: Mapping[str, Any],
        make: Callable[[int], Mapping[str, np.ndarray]],
    ) -> Chunks:
        """The folder of these settings; `make` gives the arrays of each chunk that is missing."""

        def build(part: Path) -> None:
            for number in range(self.count):
                path = _file(part, number)
                if not path.exists():
                    write_arrays(path, **make(number))
                self.done(1)

        if self.store.has(step, settings):
            self.done(self.count)
        return Chunks(settings, self.store.folder(step, settings, build))


def write_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Write named arrays as one npz file, atomically."""
    with atomic_path(path) as temporary:
        np.savez(temporary, **arrays)  # pyright: ignore[reportArgumentType]


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number:05d}.npz"
