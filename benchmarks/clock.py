"""What a task costs: CPU time on one thread, wall time on all cores and on a GPU.

The ways of doing one thing run in turns in one process, and the fastest run of each counts, because
another program on the machine can only make a run slower.
"""

import math
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass

import torch
from ecglens.datamodules.preparation.workers import cores
from ecglens.engine import full_precision

Task = Callable[[], object]
CPU = torch.device("cpu")
# The first run of a task also makes what later ones find: kept spectra, compiled kernels, pages.
LEAST, MOST = 2, 7


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one run; None where a clock was not read."""

    cpu_ms: float | None
    wall_ms: float | None
    gpu_ms: float | None

    def per(self, count: int) -> "Cost":
        """The cost of one of `count` equal parts."""
        return Cost(*(None if ms is None else ms / count for ms in astuple(self)))


Build = Callable[[torch.device], Mapping[str, Task]]
# Measures each task that a function makes for a device, in so many seconds.
Measure = Callable[[Build, float], dict[str, Cost]]


def costs(build: Build, seconds: float) -> dict[str, Cost]:
    """The cost of each task that `build` makes for a device.

    A task is run at least twice and at most seven times by each clock, and not again after it took
    `seconds`.
    """
    tasks = build(CPU)
    with _quietly():
        with threads(1):
            cpu = fastest(tasks, time.process_time, seconds)
        with threads(cores()):
            wall = fastest(tasks, time.perf_counter, seconds)
    gpu = costs_on_gpu(build, seconds) if torch.cuda.is_available() else {}
    return {name: Cost(cpu[name], wall[name], gpu[name].gpu_ms if gpu else None) for name in tasks}


def costs_on_gpu(build: Build, seconds: float) -> dict[str, Cost]:
    """The same by the clock of the GPU alone; plain PyTorch without TF32 too, as ECGLens is."""
    with _quietly(), full_precision():
        found = fastest(build(torch.device("cuda")), after_the_gpu, seconds)
    return {name: Cost(None, None, ms) for name, ms in found.items()}


def fastest(
    tasks: Mapping[str, Task], clock: Callable[[], float], seconds: float
) -> dict[str, float]:
    """Milliseconds of each task's fastest run; the tasks take turns."""
    best = dict.fromkeys(tasks, math.inf)
    spent = dict.fromkeys(tasks, 0.0)
    for run in range(MOST):
        for name, task in tasks.items():
            if run >= LEAST and spent[name] >= seconds:
                continue
            start = clock()
            task()
            took = clock() - start
            best[name] = min(best[name], took)
            spent[name] += took
    return {name: 1e3 * took for name, took in best.items()}


def after_the_gpu() -> float:
    """The wall clock once the GPU has done all it was given: its work is only queued by a call."""
    torch.cuda.synchronize()
    return time.perf_counter()


@contextmanager
def threads(count: int) -> Iterator[None]:
    """So many threads for torch inside; afterwards as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _quietly() -> Iterator[None]:
    """Without what torch and captum say of the ways that are measured because they are usual."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Using padding='same' with even kernel lengths")
        warnings.filterwarnings("ignore", message="Setting backward hooks on ReLU activations")
        warnings.filterwarnings("ignore", message="Setting forward, backward hooks and attributes")
        yield
