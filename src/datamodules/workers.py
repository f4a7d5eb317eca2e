"""Independent pieces of work on all cores."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

# Two threads on one busy core wait for each other: a worker is one thread.
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# A bar that is there for a moment only flickers.
SHOWN_AFTER_S = 2.0


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_all(
    work: Sequence[Callable[[], Any]], ecgs: Sequence[int], title: str, workers: int
) -> None:
    """Do all pieces of work, in any order; stderr shows how many ECGs are done and the time left.

    `ecgs` are those of each piece. Nothing is shown of what takes less than two seconds.
    With more than one worker the pieces must be picklable and run in fresh processes, which end
    with this one however it ends. The first error stops what has not begun and is raised.
    """
    bar = tqdm(total=sum(ecgs), desc=title, unit=" ECGs", file=sys.stderr, delay=SHOWN_AFTER_S)
    with bar:
        if min(workers, len(work)) <= 1:
            for piece, count in zip(work, ecgs, strict=True):
                piece()
                bar.update(count)
            return
        try:
            with _pool(min(workers, len(work))) as pool:
                begun = {pool.submit(piece): count for piece, count in zip(work, ecgs, strict=True)}
                for done in as_completed(begun):
                    done.result()
                    bar.update(begun[done])
        except BrokenProcessPool as problem:
            raise RuntimeError(
                f"{title}: expected {workers} workers to finish, but one ended early: out of "
                "memory, or a script without `if __name__ == '__main__':` before its first call; "
                "what is finished is kept"
            ) from problem


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    # Fresh processes, because a forked one inherits the locks of threads that it does not have.
    context = multiprocessing.get_context("spawn")
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    pool = ProcessPoolExecutor(workers, context, initializer=_obey)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _obey() -> None:
    """Leave Ctrl-C to the parent, and end when it ends, also by kill −9."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
