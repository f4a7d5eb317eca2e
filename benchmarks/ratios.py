"""Whether ECGLens is ever slower than plain PyTorch: python -m benchmarks.ratios.

The table of docs/benchmarks.md. Each design of benchmarks.designs and benchmarks.foreign makes
perturbed copies' predictions and input gradients in both ways, in turns in one process; a pair of
runs gives a ratio of CPU times, the pairs an interval. Weights are random.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from math import ceil
from pathlib import Path

import numpy as np
import torch
from ecglens.engine import Copies, Walker, accelerate
from ecglens.explain import attribute
from scipy import stats
from torch import Tensor, nn

from .clock import threads
from .designs import DESIGNS, SD, network, points_copies, whole_passes
from .foreign import FOREIGN, foreign
from .page import DOCS, exchange, lines

PAGE, NAME = "benchmarks.md", "ratios"
PAIRS, SHARE = 5, 0.95
# A run of a pair: shorter tasks are repeated, of which one alone is as long as an interruption.
LEAST_S = 0.1
BEAT, STRIP = 600, 5000
# ECGs whose copies are predicted: those of a run by default, or what plain PyTorch makes in 3 s,
# counted as often as makes 64; the network is traced once for them.
DEFAULT, MOST_S = 64, 3.0
GRADIENTS = {BEAT: 32}  # ECGs of a call; four of longer ones
# Designs of others on strips too: one that is recurrent, one of each other kind of slow layer.
ON_STRIPS = ("CNN + GRU", "CNN + LSTM", "gated TCN, weight norm", "S4D", "U-Net, pooled", "Mamba")
LEFT_OUT = ("st_mem",)  # two minutes a pass of copies: docs/networks.md


@dataclass(frozen=True)
class Ratio:
    """Plain PyTorch's CPU time by that of ECGLens: geometric mean of pairs with its 95 % interval.

    Above 1 ECGLens is faster.
    """

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, pairs: list[float]) -> "Ratio":
        """Ratio of these pairs, by Student's t on their logarithms."""
        logs = np.log(pairs)
        half = stats.t.ppf((1 + SHARE) / 2, len(logs) - 1) * logs.std(ddof=1) / len(logs) ** 0.5
        return cls(*np.exp([logs.mean(), logs.mean() - half, logs.mean() + half]).tolist())

    def __str__(self) -> str:
        return f"{self.mean:.3g} ({self.low:.3g}–{self.high:.3g})"


@dataclass(frozen=True)
class Found:
    """A line of the table."""

    design: str
    input: str
    way: str
    ecgs: int
    curves: Ratio
    gradients: Ratio


def measured(name: str, make: Callable[[], nn.Module], leads: int, samples: int) -> Found:
    """The line of one design."""
    plain = make()
    fast = accelerate(plain)
    torch.manual_seed(1)
    x = SD * torch.randn(DEFAULT, leads, samples)
    ecgs = _affordable(plain, points_copies(x[:1]))
    copies = [points_copies(one[None]) for one in x[:ecgs]]

    def ours() -> float:
        begun = time.process_time()
        walker = Walker(fast, x[0])  # made anew: its cost belongs to the curves
        made = time.process_time() - begun
        return made + DEFAULT / ecgs * _took(lambda: [walker(each) for each in copies])

    def theirs() -> float:
        return DEFAULT / ecgs * _took(lambda: [whole_passes(plain, each) for each in copies])

    some = x[: GRADIENTS.get(samples, 4)]
    gradients = (partial(attribute, "saliency", fast, some), partial(_slopes, plain, some))
    return Found(
        name,
        f"{leads}×{samples}",
        Walker(fast, x[0]).way,
        ecgs,
        Ratio.of(pairs(ours, theirs)),
        Ratio.of(pairs(*(partial(_took, task) for task in gradients))),
    )


def _affordable(net: nn.Module, copies: Copies) -> int:
    whole_passes(net, copies)
    begun = time.process_time()
    whole_passes(net, copies)
    return max(1, min(DEFAULT, round(MOST_S / (time.process_time() - begun))))


def _slopes(net: nn.Module, x: Tensor) -> Tensor:
    given = x.clone().requires_grad_()
    return torch.autograd.grad(net(given)[:, 0].sum(), given)[0]


def pairs(ours: Callable[[], float], theirs: Callable[[], float]) -> list[float]:
    """CPU time of theirs by that of ours, for each of several pairs of runs; the first warms up."""
    found = []
    with threads(1):
        ours()
        theirs()
        times = ceil(LEAST_S / theirs())
        for run in range(PAIRS):
            took = [
                sum(task() for _ in range(times))
                for task in ((ours, theirs) if run % 2 else (theirs, ours))
            ]
            own, other = took if run % 2 else reversed(took)
            found.append(other / own)
    return found


def _took(task: Callable[[], object]) -> float:
    begun = time.process_time()
    task()
    return time.process_time() - begun


def designs() -> Iterator[tuple[str, Callable[[], nn.Module], int, int]]:
    """Name, network, leads and samples of every design."""
    for name, each in DESIGNS.items():
        if name not in LEFT_OUT:
            yield name, partial(network, each), each.leads, each.time
    for name in FOREIGN:
        yield name, partial(foreign, name), 12, BEAT
    for name in ON_STRIPS:
        yield f"{name}, strip", partial(foreign, name), 12, STRIP


def rows(found: list[Found]) -> list[str]:
    """The table in Markdown."""
    head = ["Design", "Input", "Perturbed copies by", "ECGs", "Curves", "Gradients"]
    body = [
        [one.design, one.input, one.way, str(one.ecgs), str(one.curves), str(one.gradients)]
        for one in found
    ]
    return list(lines(head, body))


def main() -> None:
    """Measure the designs; a file keeps each, so that a stopped run goes on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="one design, and nothing is written")
    parser.add_argument("--kept", type=Path, default=Path("build/ratios.json"), help="of a run")
    given = parser.parse_args()
    kept = json.loads(given.kept.read_text()) if given.kept.exists() and not given.only else {}
    found = []
    for name, make, leads, samples in designs():
        if given.only not in (None, name):
            continue
        if name not in kept:
            kept[name] = asdict(measured(name, make, leads, samples))
            print(json.dumps(kept[name]), flush=True)
        one = kept[name]
        found.append(Found(**{**one, "curves": Ratio(**one["curves"]),
                              "gradients": Ratio(**one["gradients"])}))  # fmt: skip
        if not given.only:
            given.kept.parent.mkdir(parents=True, exist_ok=True)
            given.kept.write_text(json.dumps(kept))
    if not given.only:
        exchange(DOCS / PAGE, {NAME: "\n".join(rows(found))})
    slower = [one.design for one in found for each in (one.curves, one.gradients) if each.high < 1]
    print("slower:", ", ".join(slower) or "none")


if __name__ == "__main__":
    main()
