"""Cost of a map: passes of the network, CPU time beside a pass and a gradient, and memory."""

import ctypes
import gc
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ecglens.engine import accelerate
from ecglens.eval import Subject
from ecglens.eval.evaluations.sanity import passes
from ecglens.explain import Inputs, attribute, input_gradient, prediction
from torch import nn

ECGS, REPEATS = 8, 7
STATUS, RESET_PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Cost:
    """Cost of a map: `passes` that the network makes for one ECG, trial passes included.

    `of_passes` and `of_gradients` are CPU time as a multiple of an output and of a gradient of the
    same ECGs, the smallest of interleaved repeats. `memory_mb` is the growth of the process while
    ECGS maps are made, None where Linux does not tell.
    """

    passes: int
    of_passes: float
    of_gradients: float
    memory_mb: float | None

    def plain(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)


def cost_of(net: nn.Module, subject: Subject) -> Cost:
    """Cost of the one method of `subject` on its first ECGs; the ratios hold on any machine."""
    (method,) = subject.methods.values()
    few, fast = subject.first(min(ECGS, len(subject.records))), accelerate(net)
    x, _, segments, record = few.ecgs
    inputs = Inputs(record, segments, few.background, few.fs)

    def explain() -> None:
        attribute(method, fast, x, few.output, few.seed, inputs)

    def predict() -> None:
        with torch.no_grad():
            prediction(fast, x, few.output)

    def differentiate() -> None:
        input_gradient(fast, x, few.output)

    explain()  # what is loaded and compiled once
    memory = _memory_mb(explain)
    seconds = np.array(
        [[_cpu_s(each) for each in (explain, predict, differentiate)] for _ in range(REPEATS)]
    )
    own, output, gradient = seconds.min(0)  # other processes only add to it
    of_passes, of_gradients = (round(float(own / each), 1) for each in (output, gradient))
    return Cost(passes(fast, method, few), of_passes, of_gradients, memory)


def _cpu_s(do: Callable[[], None]) -> float:
    start = time.process_time()
    do()
    return time.process_time() - start


def _memory_mb(do: Callable[[], None]) -> float | None:
    gc.collect()
    try:
        # Memory that was freed before and would be used again is given back first.
        ctypes.CDLL(None).malloc_trim(0)
        RESET_PEAK.write_text("5")
    except (AttributeError, OSError):
        return None
    before = _kilobytes("VmRSS")
    do()
    return round((_kilobytes("VmHWM") - before) * 1024 / 1e6, 1)


def _kilobytes(name: str) -> int:
    (line,) = [line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1])
