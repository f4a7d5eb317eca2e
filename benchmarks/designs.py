"""Twelve designs of networks, what runs on each and how fast: python -m benchmarks.designs.

The table of docs/networks.md. Weights are random, because most published ones may not travel;
BatchNorms get statistics, so that no layer is the identity.
"""

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial

import captum.attr
import torch
from ecglens.engine import NEVER, Copies, Walker, accelerate
from ecglens.eval import POINTS
from ecglens.explain import attribute, lint, methods
from ecglens.models import ReferenceResNet, SmallResNet
from ecglens_zoo import (
    AgeResNet,
    Crnn,
    Inception,
    InceptionTime,
    Net1d,
    RibeiroResNet,
    StMem,
    XResNet1d101,
)
from jaxtyping import Float
from torch import Tensor, nn

from .clock import Task, fastest, threads
from .page import DOCS, exchange, lines, number
from .plain import ROWS
from .reference import with_torchs_convolutions

PAGE, NAME = "networks.md", "designs"
SD = 100.0  # µV, that of an ECG
EIGHT = 8  # ECGs whose gradients are timed: one alone would time what is done once a call
OURS, PLAIN = "ECGLens", "plain PyTorch"


@dataclass(frozen=True)
class Design:
    """A network and the (lead, time) that it wants."""

    make: Callable[[], nn.Module]
    leads: int
    time: int


# Lengths are those of the published inputs; xresnet1d101 was published for 100 Hz.
DESIGNS = {
    "reference ResNet (Storås 2025), beat": Design(ReferenceResNet, 12, 600),
    "reference ResNet, strip": Design(ReferenceResNet, 12, 5000),
    "SmallResNet, beat": Design(partial(SmallResNet, leads=12), 12, 600),
    "ribeiro": Design(RibeiroResNet, 12, 4096),
    "ribeiro_age": Design(AgeResNet, 12, 4096),
    "xresnet1d101, 100 Hz": Design(XResNet1d101, 12, 1000),
    "xresnet1d101, 500 Hz": Design(XResNet1d101, 12, 5000),
    "inception": Design(Inception, 8, 5000),
    "inception_time": Design(InceptionTime, 12, 5000),
    "net1d": Design(Net1d, 12, 5000),
    "crnn": Design(Crnn, 12, 5000),
    "st_mem": Design(StMem, 12, 2250),
}


@dataclass(frozen=True)
class Found:
    """A line of the table; ratios are CPU time of the other by that of ECGLens, on one thread."""

    design: str
    runs: int
    left_out: str
    engine: str
    curves: float  # plain PyTorch, 25 steps × 5 draws
    saliency: float  # captum
    integrated: float  # captum, as many nodes
    differs: (
        float  # largest difference of both from captum's maps of the same network, by the largest
    )


def network(design: Design) -> nn.Module:
    """The design with random weights, in evaluation mode."""
    torch.manual_seed(0)
    net = with_torchs_convolutions(design.make()).eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d):
            nn.init.normal_(module.get_buffer("running_mean"), std=0.1)
            nn.init.uniform_(module.get_buffer("running_var"), 0.5, 1.5)
    return net


def signals(design: Design, count: int) -> Float[Tensor, "{count} lead time"]:
    """Signals of an ECG's size."""
    torch.manual_seed(1)
    return SD * torch.randn(count, design.leads, design.time)


def left_out(net: nn.Module, x: Float[Tensor, "2 lead time"]) -> dict[str, str]:
    """By method: why it would be wrong on this network."""
    found = lint(net, x)
    reasons = {name: found.left_out(name) for name in methods()}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def points_copies(x: Float[Tensor, "1 lead time"]) -> Copies:
    """Copies of one ECG by evaluation=points: noise on a point more in each step."""
    torch.manual_seed(2)
    hit = torch.full((x[0].numel(),), NEVER)
    hit[torch.randperm(len(hit))[: POINTS.steps]] = torch.arange(1, POINTS.steps + 1)
    fields = SD * torch.randn(POINTS.draws, *x[0].shape)
    return Copies(x[0], hit.reshape(x[0].shape), fields, POINTS.steps)


@torch.no_grad()
def whole_passes(net: nn.Module, copies: Copies) -> Float[Tensor, "copy target"]:
    """Outputs for batches of whole copies by the network as it is."""
    parts = range(0, len(copies), ROWS)
    return torch.cat([net(copies.full(slice(at, at + ROWS))) for at in parts])


def measured(name: str, seconds: float) -> Found:
    """The line of one design; a task is not repeated after `seconds`."""
    design = DESIGNS[name]
    plain, many, x = network(design), signals(design, EIGHT), signals(design, 1)
    fast, copies = accelerate(plain), points_copies(x)
    walker = Walker(fast, x[0])
    missing = left_out(plain, many[:2])
    curves = {OURS: lambda: walker(copies), PLAIN: lambda: whole_passes(plain, copies)}
    steep, integral = captum.attr.Saliency(plain), captum.attr.IntegratedGradients(plain)
    theirs: dict[str, tuple[Tensor, Callable[[Tensor], Tensor]]] = {
        "saliency": (many, lambda x: steep.attribute(x, target=0, abs=False)),
        "integrated_gradients": (x, lambda x: integral.attribute(x, target=0, n_steps=50)),
    }
    ratios, differs = {"curves": ratio(curves, seconds)}, 0.0
    for method, (signal, captums) in theirs.items():
        given = signal.clone().requires_grad_()  # captum does so itself, with a warning
        their = captums(given).detach()
        own = attribute(method, plain, signal)
        differs = max(differs, float((own - their).abs().max() / their.abs().max()))
        tasks = {OURS: partial(attribute, method, fast, signal), PLAIN: partial(captums, given)}
        ratios[method] = ratio(tasks, seconds)
    return Found(
        name,
        len(methods()) - len(missing),
        ", ".join(sorted(missing)) or "–",
        walker.way,
        ratios["curves"],
        ratios["saliency"],
        ratios["integrated_gradients"],
        differs,
    )


def ratio(tasks: Mapping[str, Task], seconds: float) -> float:
    """CPU time of the other way, by that of ours."""
    with threads(1):
        took = fastest(tasks, time.process_time, seconds)
    return took[PLAIN] / took[OURS]


def rows(found: list[Found]) -> list[str]:
    """The table in Markdown."""
    head = ["Design", "Methods", "Left out", "Perturbed copies by", "Curves", "Saliency",
            "Integrated gradients", "Differs"]  # fmt: skip
    body = [
        [
            one.design,
            str(one.runs),
            one.left_out,
            one.engine,
            *(f"{number(value)} ×" for value in (one.curves, one.saliency, one.integrated)),
            f"{one.differs:.0e}",
        ]
        for one in found
    ]
    return list(lines(head, body))


def main() -> None:
    """Measure the designs that are asked for; all of them are written into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=DESIGNS, help="one design, and nothing is written")
    parser.add_argument("--seconds", type=float, default=5.0, help="spent on a task, at least")
    given = parser.parse_args()
    found = []
    for name in [given.only] if given.only else DESIGNS:
        found.append(measured(name, given.seconds))
        print(asdict(found[-1]), flush=True)
    if not given.only:
        exchange(DOCS / PAGE, {NAME: "\n".join(rows(found))})


if __name__ == "__main__":
    main()
