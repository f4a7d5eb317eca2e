"""Peak memory above the loaded network and its input, 64 ECGs: python -m benchmarks.memory.

Each task runs in a process of its own, because memory that one task gave back would hide what the
next one takes. The peak is read from /proc: what getrusage says of a child begins with the peak of
its parent.
"""

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from ecglens.eval import perturbation_curve
from ecglens.explain import attribute
from torch import Tensor, nn

from .methods import CAPTUMS, COPIES
from .passes import predict, training_step
from .plan import PLANS, Plan, with_plan
from .reference import ecgs, heatmaps, networks
from .row import OURS, Row, samples, show

PART = "memory"
STATUS, RESET_PEAK = Path("/proc/self/status"), Path("/proc/self/clear_refs")
ROOT = Path(__file__).parents[1]

# Those of the study, and the one of all that holds most of a network at once.
METHODS = (*CAPTUMS, "lrp_composite")
# What may be asked of a network and ECGs.
TASKS: dict[str, Callable[[nn.Module, Tensor], object]] = {
    "predict": predict,
    "training step": training_step,
    "curve of 25 steps": lambda net, x: perturbation_curve(net, x, heatmaps(x), steps=25),
    **{name: lambda net, x, name=name: attribute(name, net, x) for name in METHODS},
}


def rows(plan: Plan) -> Iterator[Row]:
    """The peak of every task; of the slow methods on strips in the long plan only."""
    if not STATUS.exists():
        yield Row(PART, "every task", "", OURS, note="measured on Linux only")
        return
    for length in plan.inputs:
        for task in TASKS:
            if plan.long or length == plan.beat or task not in COPIES:
                mb = in_a_process(task, length, plan.together)
                yield Row(PART, task, samples(length), OURS, memory_mb=mb)


def in_a_process(task: str, length: int, count: int) -> float:
    """The peak of one task, in MB, in a process that does nothing else."""
    command = [sys.executable, "-m", "benchmarks.memory", "--task", task, f"{length}", f"{count}"]
    return float(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def peak_mb(task: str, length: int, count: int) -> float:
    """By how much this process grows at most while it does the task."""
    net, x = networks().ours, ecgs(count, length)
    before = kilobytes("VmRSS")
    RESET_PEAK.write_text("5")
    TASKS[task](net, x)
    return (kilobytes("VmHWM") - before) * 1024 / 1e6


def kilobytes(name: str) -> int:
    """A number that Linux keeps of this process."""
    (line,) = [line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:")]
    return int(line.split()[1])


if __name__ == "__main__":
    parser = with_plan(argparse.ArgumentParser())
    parser.add_argument("--task", choices=TASKS)
    parser.add_argument("size", type=int, nargs="*", help="of --task: samples, ECGs")
    given = parser.parse_args()
    if given.task:
        print(peak_mb(given.task, *given.size))
    else:
        show(rows(PLANS[given.plan]))
