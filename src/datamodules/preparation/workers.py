"""Independent pieces of work on all cores."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

# Two threads on one busy core wait for each other: a worker is one thread.
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# A bar that is there for a moment only flickers.
SHOWN_AFTER_S = 2.0
# Pieces that wait in a queue for each worker: it never idles, and no list of a million is queued.
AHEAD = 2


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_all(
    do: Callable[[Any], Any], pieces: Sequence[Any], ecgs: Sequence[int], title: str, workers: int
) -> None:
    """Do every piece, in any order; stderr shows how many ECGs are done and the time left.

    `ecgs` are those of each piece. Nothing is shown of what takes less than two seconds.
    With more than one worker `do` and the pieces must be picklable and run in fresh processes,
    which end with this one however it ends; `do` travels once per worker. The first error, also
    Ctrl-C, ends what is under way and is raised.
    """
    with progress(sum(ecgs), title) as bar:
        if min(workers, len(pieces)) <= 1:
            for piece, count in zip(pieces, ecgs, strict=True):
                do(piece)
                bar.update(count)
            return
        try:
            with _pool(min(workers, len(pieces)), do) as pool:
                begun: dict[Future[None], int] = {}
                for piece, count in zip(pieces, ecgs, strict=True):
                    begun[pool.submit(_do, piece)] = count
                    if len(begun) > AHEAD * workers:
                        _settle(begun, bar)
                while begun:
                    _settle(begun, bar)
        except BrokenProcessPool as problem:
            raise RuntimeError(
                f"{title}: expected {workers} workers to finish, but one ended early: out of "
                "memory, or a script without `if __name__ == '__main__':` before its first call; "
                "what is finished is kept"
            ) from problem


def progress(ecgs: int, title: str) -> "tqdm[Any]":
    """A bar on stderr with the time left, for work that takes longer than two seconds."""
    return tqdm(total=ecgs, desc=title, unit=" ECGs", file=sys.stderr, delay=SHOWN_AFTER_S)


def _settle(begun: dict[Future[None], int], bar: "tqdm[Any]") -> None:
    """Wait for a piece to end; raises its error."""
    for done in wait(begun, return_when=FIRST_COMPLETED).done:
        done.result()
        bar.update(begun.pop(done))


@contextmanager
def _pool(workers: int, do: Callable[[Any], Any]) -> Iterator[ProcessPoolExecutor]:
    # Fresh processes, because a forked one inherits the locks of threads that it does not have.
    context = multiprocessing.get_context("spawn")
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    # Readable for the workers once this end is closed, by hand or because this process has died.
    closed, ours = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(do, closed))
    try:
        yield pool
    except BaseException:
        ours.close()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        ours.close()
        closed.close()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


# What this worker does with each piece: it holds a reader that may name a million files.
_work: list[Callable[[Any], Any]] = []


def _begin(do: Callable[[Any], Any], closed: Any) -> None:
    """Leave Ctrl-C to the parent, and end when it says so or ends itself, also by kill −9."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end, args=(closed,), daemon=True).start()
    _work.append(do)


def _do(piece: Any) -> None:
    _work[0](piece)


def _end(closed: Any) -> None:
    closed.poll(None)
    os._exit(1)  # a half-made block has no name yet
