"""Every point of a beat perturbed alone, per ECG and point: python -m benchmarks.oracle.

Strips have 60 000 points, which is minutes for ECGLens and hours for others; there a point costs
what a step of a curve does.
"""

from collections.abc import Iterator, Mapping
from functools import partial

import torch
from ecglens.eval import oracle

from .clock import Measure, Task, costs
from .curves import BATCHED, PART, standard_noise
from .plain import alone
from .plan import Plan, asked
from .reference import ecgs, networks
from .row import OURS, Row, samples, show

SOME = 128  # points of the plain way: two batches


def rows(plan: Plan, by: Measure = costs) -> Iterator[Row]:
    """Plain batches, of which some are enough to know the cost of one point, and ours."""
    found = by(partial(_tasks, plan.beat), plan.seconds)
    for way, points in {BATCHED: SOME, OURS: 12 * plan.beat}.items():
        note = f"{points} points"
        yield Row.timed(PART, "oracle", samples(plan.beat), way, found[way].per(points), note)


def _tasks(length: int, device: torch.device) -> Mapping[str, Task]:
    nets = networks(device)
    x = ecgs(1, length).to(device)
    noise = standard_noise(x)
    return {
        BATCHED: lambda: alone(nets.plain, x, noise, SOME),
        OURS: lambda: oracle(nets.ours, x, progress=False),
    }


if __name__ == "__main__":
    show(rows(asked()))
