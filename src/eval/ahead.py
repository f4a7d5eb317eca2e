"""Chunks of an evaluation made ahead of it, by several processes, into the store that it reads.

An evaluation computes in one process and keeps its arrays chunk by chunk. Processes forked from
that one make the missing chunks before it starts, so that it finds them. A process that fails or is
killed costs time alone: every error is raised by the evaluation itself.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import torch

from ..store import WHOLE, Shard, Store
from .chunks import Keeper, Look, Share
from .forked import fork_works, run_forked
from .progress import progress_bar

# A forked process costs some tenths of a second: it pays from about 64 maps on.
CHUNKS_PER_WORKER = 4

Do = Callable[[Keeper], object]


def _nothing(done: int = 0) -> None:
    """No preparation, and no progress."""


@dataclass(frozen=True)
class Piece:
    """Arrays of `count` chunks, each made without the others.

    `begin` gives the function that makes those of a keeper; called again, the same. `warm` makes
    what it keeps for all chunks, so that forked processes need not make it each.
    """

    count: int
    begin: Callable[[], Do]
    warm: Callable[[], object] = _nothing


@dataclass
class Tasks:
    """The missing chunks of pieces; calling it with a number makes that chunk."""

    store: Store
    chunks: Sequence[tuple[Piece, int]]
    _begun: tuple[Piece, Do] | None = None

    @classmethod
    def missing(cls, pieces: Sequence[Piece], store: Store, shard: Shard = WHOLE) -> "Tasks":
        """The chunks of a shard that the store lacks."""
        found = []
        for piece in pieces:
            look = Look(store, piece.count, _nothing)
            with suppress(ValueError):  # the evaluation says why this cannot be made
                piece.begin()(look)
            found += [(piece, number) for number in sorted(look.missing) if number in shard]
        return cls(store, found)

    def __len__(self) -> int:
        return len(self.chunks)

    def __call__(self, task: int) -> None:
        piece, number = self.chunks[task]
        with suppress(ValueError):  # as above
            if self._begun is None or self._begun[0] is not piece:
                self._begun = piece, piece.begin()
            self._begun[1](Share(self.store, piece.count, _nothing, {number}))

    def here(self, doing: str, shown: bool) -> None:
        """Make the chunks in this process; errors but ValueError are raised."""
        with progress_bar(len(self), doing, shown) as done:
            for task in range(len(self)):
                self(task)
                done.update()

    def ahead(self, workers: int, doing: str, shown: bool) -> None:
        """Make the chunks in several processes, where there are enough of both; no error."""
        workers = min(workers, len(self) // CHUNKS_PER_WORKER)
        if workers > 1 and fork_works():
            for piece, _ in self.chunks:
                piece.warm()
            with progress_bar(len(self), f"{doing} on {workers} cores", shown) as done:
                run_forked(self, len(self), workers, done.update)


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for each operation: numbers are those of a worker, whatever the cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
