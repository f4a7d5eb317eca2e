"""Chunks of an evaluation made by several processes before it, into the store that it reads.

An evaluation computes in one process and keeps its arrays chunk by chunk. Processes forked from
that one make the missing chunks before it starts, so that it finds them. A process that fails or is
killed costs time alone: every error is raised by the evaluation itself.
"""

import gc
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from io import FileIO
from itertools import islice

import torch

from ..progress import progress_bar
from ..store import WHOLE, Shard, Store
from .chunks import Keeper, MissingChunks, ShardWriter

RECORD = 4  # bytes of a task's number: few enough to be read and written whole
FAILED = b"\xff" * RECORD
QUEUED = 1000  # numbers that wait in a pipe, which holds 16 times as many


class _Pipe:
    """Both ends of a pipe, unbuffered."""

    def __init__(self) -> None:
        ends = os.pipe()
        self.read, self.write = FileIO(ends[0], "r"), FileIO(ends[1], "w")

    def close(self) -> None:
        self.read.close()
        self.write.close()


def fork_works() -> bool:
    """True where a forked process can compute: Linux, the main thread, before CUDA is in use."""
    return (
        sys.platform == "linux"
        and threading.current_thread() is threading.main_thread()
        and not multiprocessing.current_process().daemon
        and not torch.cuda.is_initialized()
    )


def run_forked(
    do: Callable[[int], object], tasks: int, workers: int, done: Callable[[int], object]
) -> None:
    """Call `do` with the number of each task in forked processes, and `done(1)` after each.

    An error ends the processes and is not raised; a process that is killed is not missed. They have
    one thread each, and end with this process in any case, even by kill −9.
    """
    with ExitStack() as ends:
        todo, made, alive = (ends.enter_context(closing(_Pipe())) for _ in range(3))
        fork = multiprocessing.get_context("fork")
        for _ in range(workers):
            each = fork.Process(target=_work, args=(do, todo, made, alive), daemon=True)
            with warnings.catch_warnings():
                # Python 3.12 warns of other threads; a worker waits for none of them.
                warnings.filterwarnings("ignore", ".*fork", DeprecationWarning)
                each.start()
            ends.callback(each.join)
            ends.callback(each.kill)
        made.write.close()  # so that the end of all workers is the end of the pipe
        numbers = iter(range(tasks))
        for number in islice(numbers, QUEUED):
            todo.write.write(number.to_bytes(RECORD))
        for number in numbers:
            if made.read.read(RECORD) in (b"", FAILED):
                return
            done(1)
            todo.write.write(number.to_bytes(RECORD))
        todo.write.close()
        while made.read.read(RECORD) not in (b"", FAILED):
            done(1)


def _work(do: Callable[[int], object], todo: _Pipe, made: _Pipe, alive: _Pipe) -> None:
    """Run tasks until none is left; signals of the parent are left to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for end in (todo.write, made.read, alive.write):
        end.close()
    threading.Thread(target=_end_with_parent, args=(alive.read,), daemon=True).start()
    # OpenMP would wait for threads that were not forked.
    torch.set_num_threads(1)
    gc.freeze()  # a collection would copy the parent's memory
    while record := todo.read.read(RECORD):
        try:
            do(int.from_bytes(record))
        except Exception:  # noqa: BLE001 - the parent meets it again and raises it
            made.write.write(FAILED)
            return
        made.write.write(record)


def _end_with_parent(alive: FileIO) -> None:
    alive.read(1)
    os._exit(1)  # what it was writing has no final name yet


# A forked process costs some tenths of a second: it pays from about 64 maps on.
CHUNKS_PER_WORKER = 4

ChunkTask = Callable[[Keeper], object]


def _nothing(done: int = 0) -> None:
    """No preparation, and no progress."""


@dataclass(frozen=True)
class Piece:
    """Arrays of `count` chunks, each made without the others.

    `begin` gives the function that makes those of a keeper; called again, the same. `warm` makes
    what it keeps for all chunks, so that forked processes need not make it each.
    """

    count: int
    begin: Callable[[], ChunkTask]
    warm: Callable[[], object] = _nothing


@dataclass
class Tasks:
    """The missing chunks of pieces; calling it with a number makes that chunk."""

    store: Store
    chunks: Sequence[tuple[Piece, int]]
    _begun: tuple[Piece, ChunkTask] | None = None

    @classmethod
    def missing(cls, pieces: Sequence[Piece], store: Store, shard: Shard = WHOLE) -> "Tasks":
        """The chunks of a shard that the store lacks."""
        found = []
        for piece in pieces:
            look = MissingChunks(store, piece.count, _nothing)
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
            self._begun[1](ShardWriter(self.store, piece.count, _nothing, {number}))

    def here(self, doing: str, shown: bool) -> None:
        """Make the chunks in this process; errors but ValueError are raised."""
        with progress_bar(len(self), doing, shown) as done:
            for task in range(len(self)):
                self(task)
                done.update()

    def in_processes(self, workers: int, doing: str, shown: bool) -> None:
        """Make the chunks in several processes, where there are enough of both; no error."""
        workers = min(workers, len(self) // CHUNKS_PER_WORKER)
        if workers > 1 and fork_works():
            for piece, _ in self.chunks:
                piece.warm()
            with progress_bar(len(self), f"{doing} on {workers} cores", shown) as done:
                run_forked(self, len(self), workers, done.update)
