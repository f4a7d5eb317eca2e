"""Tasks in processes that are forked from this one and end with it."""

import gc
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import ExitStack, closing
from io import FileIO
from itertools import islice

import torch

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
    """Whether a process forked from here can compute.

    That is so on Linux, from the main thread and before CUDA is in use.
    """
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
    """Do one task after another until there are no more; the parent's signals are its own."""
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
