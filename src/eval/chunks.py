"""Arrays made and kept chunk by chunk, so that a killed run resumes where it was."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..store import Step, Store, atomic_path

# Chunks in a folder: 64 ECGs, all that a default run explains. Fewer would be more folders, and
# more would be made again when a larger set of ECGs begins with these.
BLOCK = 4

Make = Callable[[int], Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class Chunks:
    """Arrays of `count` chunks in one folder per block, with the settings that made each block."""

    settings: Sequence[Mapping[str, Any]]
    folders: Sequence[Path]
    count: int

    def read(self, number: int, name: str) -> np.ndarray:
        """One array of the chunk of this number."""
        block, place = divmod(number, BLOCK)
        finished = _file(self.folders[block], place)
        path = finished if finished.exists() else _file(Store.unfinished(finished.parent), place)
        with np.load(path) as kept:
            return kept[name]

    def all(self, name: str, axis: int = 0) -> np.ndarray:
        """An array of every chunk, joined along the axis of the ECGs."""
        return np.concatenate([self.read(number, name) for number in range(self.count)], axis)


@dataclass(frozen=True)
class Block:
    """Settings, chunks and folder of one block; whether it was finished when it was looked at."""

    settings: Mapping[str, Any]
    numbers: range
    folder: Path
    finished: bool

    def part(self, number: int) -> Path:
        """File of the chunk of this number while the block is unfinished."""
        return _file(Store.unfinished(self.folder), number - self.numbers.start)


@dataclass(frozen=True)
class Keeper:
    """Store of chunks, their number, and a function that counts the finished ones."""

    store: Store
    count: int
    done: Callable[[int], object]

    def chunks(self, step: Step, settings: Sequence[Mapping[str, Any]], make: Make) -> Chunks:
        """The chunks of these settings of each block; `make` gives the arrays of missing ones."""
        folders = []
        for block in self._blocks(step, settings):
            if block.finished:
                self.done(len(block.numbers))
            build = partial(self._build, block.numbers, make)
            folders.append(self.store.folder(step, block.settings, build))
        return Chunks(settings, folders, self.count)

    def _blocks(self, step: Step, settings: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
        for own, numbers in zip(settings, blocks_of(self.count), strict=False):
            yield Block(own, numbers, self.store.path(step, own), self.store.has(step, own))

    def _build(self, numbers: range, make: Make, part: Path) -> None:
        for place, number in enumerate(numbers):
            _write_missing(_file(part, place), number, make)
            self.done(1)


@dataclass(frozen=True)
class Share(Keeper):
    """Keeper that makes some of the chunks and leaves their folders unfinished.

    It takes no lock: what it writes is found by the keeper that finishes the folder.
    """

    numbers: Collection[int]

    def chunks(self, step: Step, settings: Sequence[Mapping[str, Any]], make: Make) -> Chunks:
        """As Keeper.chunks; only the chunks of this share are made."""
        folders = []
        for block in self._blocks(step, settings):
            folders.append(block.folder)
            for number in () if block.finished else self.numbers:
                if number in block.numbers:
                    _write_missing(block.part(number), number, make)
        return Chunks(settings, folders, self.count)


@dataclass(frozen=True)
class Look(Keeper):
    """Keeper that makes nothing and collects the numbers of the `missing` chunks."""

    missing: set[int] = field(default_factory=set)

    def chunks(self, step: Step, settings: Sequence[Mapping[str, Any]], make: Make) -> Chunks:
        """As Keeper.chunks, without an array that is missing."""
        folders = []
        for block in self._blocks(step, settings):
            folders.append(block.folder)
            if not block.finished:
                self.missing.update(each for each in block.numbers if not block.part(each).exists())
        return Chunks(settings, folders, self.count)


def blocks_of(count: int) -> list[range]:
    """The numbers of the chunks in each folder."""
    return [range(at, min(at + BLOCK, count)) for at in range(0, count, BLOCK)]


def write_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Write named arrays as one npz file, atomically."""
    with atomic_path(path) as temporary:
        np.savez(temporary, **arrays)  # pyright: ignore[reportArgumentType]


def _write_missing(path: Path, number: int, make: Make) -> None:
    if not path.exists():
        write_arrays(path, **make(number))


def _file(folder: Path, place: int) -> Path:
    return folder / f"{place:05d}.npz"
