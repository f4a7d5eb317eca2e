"""Predicting, the input gradient and a training step, per ECG: python -m benchmarks.passes."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from .clock import Task, costs
from .plan import Plan, asked
from .reference import ecgs, fresh, networks
from .row import OURS, Row, samples, show

PART = "passes"
PLAIN = "PyTorch"

Pass = Callable[[nn.Module, Tensor], None]


def predict(net: nn.Module, x: Float[Tensor, "batch lead time"]) -> None:
    """Forward only."""
    with torch.no_grad():
        net(x)


def input_gradient(net: nn.Module, x: Float[Tensor, "batch lead time"]) -> None:
    """Forward, and the gradient with respect to the ECGs."""
    x = x.clone().requires_grad_()
    torch.autograd.grad(net(x).sum(), x)


def training_step(net: nn.Module, x: Float[Tensor, "batch lead time"]) -> None:
    """Forward in training mode, and the gradients of all weights; without the optimiser."""
    net.zero_grad()
    net.train()(x).square().mean().backward()


PASSES: dict[str, Pass] = {
    "predict": predict,
    "input gradient": input_gradient,
    "training step": training_step,
}


def rows(plan: Plan) -> Iterator[Row]:
    """Each pass by plain PyTorch and by ours, on beats and strips."""
    for length in plan.inputs:
        for name, work in PASSES.items():
            count = plan.one_pass(length)
            for way, cost in costs(partial(tasks, work, count, length), plan.seconds).items():
                yield Row.timed(PART, name, samples(length), way, cost.per(count))


def tasks(work: Pass, count: int, length: int, device: torch.device) -> Mapping[str, Task]:
    """The pass over so many ECGs of this length, by plain PyTorch and by ours."""
    nets = fresh(networks(device))
    x = ecgs(count, length).to(device)
    return {PLAIN: lambda: work(nets.plain, x), OURS: lambda: work(nets.ours, x)}


if __name__ == "__main__":
    show(rows(asked()))
