"""Arrays made and kept chunk by chunk, so that a killed run resumes where it was."""

import shutil
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ..store import Step, Store, atomic_path, check_unpacked

# Chunks in a folder: 64 ECGs, all that a default run explains. Fewer would be more folders, and
# more would be made again when a larger set of ECGs begins with these.
BLOCK = 4

Make = Callable[[int], Mapping[str, np.ndarray]]


@dataclass(frozen=True, eq=False)
class BlockSettings:
    """Settings of each block, made by its number when they are first read."""

    make: Callable[[int], Mapping[str, Any]]
    blocks: int
    _made: dict[int, Mapping[str, Any]] = field(default_factory=dict, init=False, repr=False)

    def __getitem__(self, block: int) -> Mapping[str, Any]:
        if block not in self._made:
            self._made[block] = self.make(block)
        return self._made[block]

    def all(self) -> list[Mapping[str, Any]]:
        """The settings of every block, in order."""
        return [self[block] for block in range(self.blocks)]


@dataclass(frozen=True)
class Chunks:
    """Arrays of `count` chunks in one folder per block, with the settings that made each block."""

    store: Store
    step: Step
    settings: BlockSettings
    count: int

    def read(self, number: int, name: str) -> np.ndarray:
        """One array of the chunk of this number."""
        block, place = divmod(number, BLOCK)
        finished = _file(self.folder(block), place)
        with np.load(finished if finished.exists() else self.part(number)) as kept:
            return kept[name]

    def all(self, name: str, axis: int = 0) -> np.ndarray:
        """An array of every chunk, joined along the axis of the ECGs."""
        return np.concatenate([self.read(number, name) for number in range(self.count)], axis)

    def folder(self, block: int) -> Path:
        """Folder of the chunks of a block once they are finished."""
        return self.store.path(self.step, self.settings[block])

    def finished(self, block: int) -> bool:
        """True where the folder of a block is finished and sound."""
        return self.store.has(self.step, self.settings[block])

    def part(self, number: int) -> Path:
        """File of the chunk of this number while its block is unfinished."""
        block, place = divmod(number, BLOCK)
        return _file(Store.unfinished(self.folder(block)), place)


@dataclass(frozen=True)
class Keeper:
    """Store of chunks, their number, and a function that counts the finished ones."""

    store: Store
    count: int
    done: Callable[[int], object]

    def chunks(self, step: Step, settings: BlockSettings, make: Make) -> Chunks:
        """The chunks of these settings of each block; `make` gives the arrays of missing ones."""
        kept = Chunks(self.store, step, settings, self.count)
        for block, numbers in enumerate(blocks_of(self.count)):
            if kept.finished(block):
                self.done(len(numbers))
            self.store.folder(step, settings[block], partial(self._build, numbers, make))
        return kept

    def _build(self, numbers: range, make: Make, part: Path) -> None:
        for place, number in enumerate(numbers):
            _write_missing(_file(part, place), number, make)
            self.done(1)


@dataclass(frozen=True)
class ShardWriter(Keeper):
    """Keeper that makes some of the chunks and leaves their folders unfinished.

    It takes no lock: what it writes is found by the keeper that finishes the folder. It looks at no
    other block, so that the time of a share does not grow with the number of shares.
    """

    numbers: Collection[int]

    def chunks(self, step: Step, settings: BlockSettings, make: Make) -> Chunks:
        """The chunks of Keeper.chunks; only those of this share are made."""
        kept = Chunks(self.store, step, settings, self.count)
        for number in self.numbers:
            if number < self.count and not kept.finished(number // BLOCK):
                _write_of_share(kept, number, make)
        return kept


@dataclass(frozen=True)
class MissingChunks(Keeper):
    """Keeper that makes nothing and collects the numbers of the `missing` chunks."""

    missing: set[int] = field(default_factory=set)

    def chunks(self, step: Step, settings: BlockSettings, make: Make) -> Chunks:
        """The chunks of Keeper.chunks; what is missing is noted, not made."""
        kept = Chunks(self.store, step, settings, self.count)
        for block, numbers in enumerate(blocks_of(self.count)):
            if not kept.finished(block):
                self.missing.update(each for each in numbers if not kept.part(each).exists())
        return kept


def blocks_of(count: int) -> list[range]:
    """The numbers of the chunks in each folder."""
    return [range(at, min(at + BLOCK, count)) for at in range(0, count, BLOCK)]


def write_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Write named arrays as one npz file, atomically."""
    with atomic_path(path) as temporary:
        np.savez(temporary, **arrays)  # pyright: ignore[reportArgumentType]


@contextmanager
def opened_arrays(path: Path) -> Iterator[Mapping[str, np.ndarray]]:
    """Arrays by name in an npz file of `write_arrays`, read when they are asked for.

    Raises OSError for a missing file, ValueError for a damaged one and one that would fill memory.
    """
    try:
        with path.open("rb") as file:
            check_unpacked(file, path)
            with np.load(file) as kept:
                yield kept
    except (BadZipFile, EOFError, MemoryError, OverflowError, zlib.error) as problem:
        raise ValueError(f"expected arrays in {path}, got a damaged file ({problem})") from problem


def _write_of_share(kept: Chunks, number: int, make: Make) -> None:
    """Write a missing chunk. Another run may finish its block meanwhile: then nothing is left."""
    block = number // BLOCK
    try:
        _write_missing(kept.part(number), number, make)
    except FileNotFoundError:  # the folder has its final name, or is about to get it
        if not kept.part(number).exists() and not kept.finished(block):
            raise
    if kept.finished(block):
        shutil.rmtree(Store.unfinished(kept.folder(block)), ignore_errors=True)


def _write_missing(path: Path, number: int, make: Make) -> None:
    if not path.exists():
        write_arrays(path, **make(number))


def _file(folder: Path, place: int) -> Path:
    return folder / f"{place:05d}.npz"
