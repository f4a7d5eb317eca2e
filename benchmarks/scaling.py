"""How times follow batch, length and cores: python -m benchmarks.scaling."""

from collections.abc import Iterator
from functools import partial

import torch
from ecglens.eval import perturbation_curve

from .clock import Task, costs
from .passes import predict
from .plan import Plan, asked
from .reference import ecgs, heatmaps, networks
from .row import OURS, Row, samples, show

PART = "scaling"
STEPS = 25


def rows(plan: Plan) -> Iterator[Row]:
    """Batches of both inputs, then lengths at one batch; each on one core and on all."""
    middle = plan.batches[len(plan.batches) // 2]
    pairs = [(length, batch) for length in plan.inputs for batch in plan.batches]
    pairs += [(length, middle) for length in plan.lengths if length not in plan.inputs]
    for length, batch in pairs:
        found = costs(partial(_tasks, length, batch), plan.seconds / len(pairs))
        for task, cost in found.items():
            each = cost.per(batch if task == "predict" else batch * STEPS)
            yield Row.timed(PART, f"{task}, batch {batch}", samples(length), OURS, each)


def _tasks(length: int, batch: int, device: torch.device) -> dict[str, Task]:
    net = networks(device).ours
    x = ecgs(batch, length).to(device)
    maps = heatmaps(x)
    return {
        "predict": lambda: predict(net, x),
        f"curve of {STEPS} steps": lambda: perturbation_curve(net, x, maps, steps=STEPS),
    }


if __name__ == "__main__":
    show(rows(asked()))
