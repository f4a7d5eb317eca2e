"""What a start costs beside `import torch` alone: python -m benchmarks.starts.

Each start is a process of its own. The starts take turns, five times after one that fills the
caches, and the medians go into the table of docs/benchmarks.md. A minute on two idle cores.
"""

import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
TURNS = 5
TORCH = "import torch"
# A name or an import as Python is given it, or the words of a command.
IMPORTS = (
    TORCH,
    "import ecglens",
    "from ecglens import InputSpec",
    "from ecglens.explain import attribute",
    "from ecglens import rank_methods",
    "import ecglens_benchmark.apart.child",
    "from ecglens import load_ecgs",
    "from ecglens import fit",
)
COMMANDS = (
    "ecglens --help",
    "train.py --help",
    "ecglens explain NOFILE --run RUN",
    "ecglens figure NOWHERE",
    "ecglens collect NOWHERE",
    "ecglens compare NOWHERE NOWHERE",
    "ecglens leaderboard NOWHERE",
)


class Cost(NamedTuple):
    """Processor time and peak memory of one process."""

    cpu_s: float
    peak_mb: float


def cost(words: list[str]) -> Cost:
    """Cost of Python with these words; a command that is refused counts as any other."""
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)


def words_of(start: str) -> list[str]:
    """What follows `python` in the command line of this start."""
    if start in IMPORTS:
        return ["-c", start]
    program, *rest = start.split()
    return [program, *rest] if program.endswith(".py") else ["-m", program, *rest]


def main() -> None:
    """Measure, and exchange the table of the page."""
    starts = (*IMPORTS, *COMMANDS)
    turns = [[cost(words_of(start)) for start in starts] for _ in range(TURNS + 1)]
    medians = {
        start: Cost(*map(median, zip(*costs, strict=True)))
        for start, costs in zip(starts, zip(*turns[1:], strict=True), strict=True)
    }
    from .page import DOCS, exchange, lines  # a process begins with the peak memory of its parent

    torch = medians[TORCH]
    rows = [
        [f"`{start}`", f"{own.cpu_s:.2f}", f"{own.cpu_s / torch.cpu_s:.2f}",
         f"{own.peak_mb:.0f}", f"{own.peak_mb / torch.peak_mb:.2f}"]
        for start, own in medians.items()
    ]  # fmt: skip
    titles = ["start", "CPU-s", "times torch", "peak MB", "times torch"]
    exchange(DOCS / "benchmarks.md", {"starts": "\n".join(lines(titles, rows))})


if __name__ == "__main__":
    main()
