"""Independent pieces of work on all cores, in processes that end with this one."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from ...progress import progress_bar

# Two threads on one busy core wait for each other: a worker has one thread.
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
# Queued pieces per worker: enough that it never idles, without a queue of a million.
AHEAD = 2
# New processes, because a forked one inherits locks of threads that it does not have.
CONTEXT = multiprocessing.get_context("spawn")
LOOK: dict[str, Any] = {"unit": " ECGs", "stays": True}  # of the bars of preparation
NAME_BYTES = 512  # bytes of the name of what a worker reads


# Processes at most, as for the jobs of a sweep that run beside each other.
LIMIT = "ECGLENS_WORKERS"


def cores() -> int:
    """Number of cores that this process may use, or what ECGLENS_WORKERS says.

    Raises ValueError where that is not a whole number above 0.
    """
    if limit := os.environ.get(LIMIT):
        if not limit.isdecimal() or int(limit) < 1:
            raise ValueError(f"expected {LIMIT} as a number of processes, got {limit!r}")
        return int(limit)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_all(
    do: Callable[[Any], Any], pieces: Sequence[Any], ecgs: Sequence[int], title: str, workers: int
) -> None:
    """Call `do` on every piece, in any order; stderr shows the progress and the time left.

    `ecgs` are the numbers of ECGs per piece. With more than one worker `do` and the pieces must be
    picklable; they run in new processes, which end with this one in any case. `do` is sent once per
    worker. The first error, including Ctrl-C, stops the pieces that are running and is raised.
    """
    with progress_bar(sum(ecgs), title, **LOOK) as bar:
        if min(workers, len(pieces)) <= 1:
            for piece, count in zip(pieces, ecgs, strict=True):
                do(piece)
                bar.update(count)
            return
        names = _Names(min(workers, len(pieces)))
        try:
            with _pool(min(workers, len(pieces)), do, names) as pool:
                begun: dict[Future[None], int] = {}
                for piece, count in zip(pieces, ecgs, strict=True):
                    begun[pool.submit(_do, piece)] = count
                    if len(begun) > AHEAD * workers:
                        _settle(begun, bar)
                while begun:
                    _settle(begun, bar)
        except BrokenProcessPool as problem:
            raise RuntimeError(
                f"{title}: expected {workers} workers to finish, but one ended early{names}: out "
                "of memory, or a script without `if __name__ == '__main__':` before its first "
                "call; what is finished is kept"
            ) from problem


def _settle(begun: dict[Future[None], int], bar: Any) -> None:
    """Wait until a piece has ended; raises its error."""
    for done in wait(begun, return_when=FIRST_COMPLETED).done:
        done.result()
        bar.update(begun.pop(done))


class _Names:
    """File that each worker is reading, in memory that outlives it."""

    def __init__(self, workers: int) -> None:
        self._texts: list[Any] = [CONTEXT.Array("c", NAME_BYTES) for _ in range(workers)]
        self._taken = CONTEXT.Value("i", 0)

    def take(self) -> Any:
        """Place of one worker."""
        with self._taken.get_lock():
            self._taken.value += 1
            return self._texts[self._taken.value - 1]

    def __str__(self) -> str:
        names = [each.value.decode(errors="replace") for each in self._texts]
        known = " or ".join(name for name in names if name)
        return f" while it read {known}" if known else ""


def reading(name: str) -> None:
    """Note what this worker reads now; a process that is none notes nothing."""
    for place in _place:
        place.value = name.encode(errors="replace")[: NAME_BYTES - 1]


@contextmanager
def _pool(workers: int, do: Callable[[Any], Any], names: _Names) -> Iterator[ProcessPoolExecutor]:
    if multiprocessing.get_start_method() not in multiprocessing.get_all_start_methods():
        # A job of joblib has a default of joblib's own, which new processes would fail to find.
        multiprocessing.set_start_method("spawn", force=True)
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    # The workers can read it once this end is closed, by us or because this process has died.
    closed, ours = CONTEXT.Pipe(duplex=False)
    pool = ProcessPoolExecutor(workers, CONTEXT, initializer=_begin, initargs=(do, closed, names))
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


# What this worker does with each piece; it holds a reader, which may name a million files.
_work: list[Callable[[Any], Any]] = []
_place: list[Any] = []  # where it notes what it reads


def _begin(do: Callable[[Any], Any], closed: Any, names: _Names) -> None:
    """Ignore Ctrl-C, and end when the parent closes the pipe or dies, even by kill −9."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end, args=(closed,), daemon=True).start()
    _work.append(do)
    _place.append(names.take())


def _do(piece: Any) -> None:
    _work[0](piece)


def _end(closed: Any) -> None:
    closed.poll(None)
    os._exit(1)  # an unfinished block has no final name yet
