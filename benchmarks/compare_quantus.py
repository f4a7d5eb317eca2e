"""Our perturbation curves and Quantus' pixel flipping, where both can be asked the same.

python -m benchmarks.compare_quantus (a minute; needs the optional package, extra `bench`)
"""

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from ecglens.datamodules import Batch
from ecglens.ecg import R_PEAK
from ecglens.eval import Protocol, Subject, score
from ecglens.eval.evaluations.perturbation.curves import changes, units_of
from ecglens.eval.heatmaps.folding import fold
from ecglens.eval.heatmaps.probe import Probe
from ecglens.explain import Context, Inputs, Method, attribute
from ecglens.models import SmallResNet
from torch import Tensor, nn

from .reference import ecgs

ECGS, TIME, SEED = 4, 60, 0
STEPS = Protocol("zero", steps=25, draws=1, unit="point", fill="zero")
# A segment of 30 ms has the R peak in its middle: with one at sample 22 of 60, four to a lead.
WIDTH, R = 15, 22
SHARED = {
    "points set to zero": STEPS,
    "points set to the lead's mean": replace(STEPS, fill="mean"),
    "noise on points": replace(STEPS, fill="noise"),
    "points, least relevant first": replace(STEPS, order="lerf"),
    "segments set to zero": replace(STEPS, unit="segment"),
    "segments on a line": replace(STEPS, unit="segment", fill="linear"),
}


@dataclass(frozen=True)
class Shuffled(Method):
    """Every point of an ECG another square: no two are tied, and no sums of 15 of them."""

    def heatmap(self, net: nn.Module, x: Tensor, target: int, context: Context) -> Tensor:
        orders = [torch.randperm(x[0].numel(), generator=own) for own in context.generators]
        return (1.0 + torch.stack(orders)).square().reshape(x.shape)


def ours(net: nn.Module, batch: Batch, protocol: Protocol) -> np.ndarray:
    """The predictions after each step."""
    subject = Subject(batch, {"shuffled": Shuffled()}, seed=SEED, progress=False)
    return score(net, subject, protocol).predictions["shuffled"][0, :, 1:]


def quantus(net: nn.Module, batch: Batch, protocol: Protocol) -> np.ndarray:
    """The predictions of its PixelFlipping after each step, as many points a step as a unit has.

    It ranks points: those of a unit all get what the unit is worth. Zero is its own baseline;
    what else stands in a point's place is handed to it.
    """
    package: Any = importlib.import_module("quantus")
    maps = attribute(Shuffled(), net, batch.x, 0, SEED, inputs=Inputs(records=batch.record))
    probe = Probe(net, "", Subject(batch, {}, seed=SEED))
    units, changed = units_of(probe, protocol), changes(probe, protocol)
    worth = torch.stack([fold(one, own)[:, own] for one, own in zip(maps, units, strict=True)])
    if protocol.order == "lerf":
        worth = worth.max() - worth
    filled = torch.stack([one + changed(ecg)[0] for ecg, one in enumerate(batch.x)])
    func: Callable[..., np.ndarray] = package.batch_baseline_replacement_by_indices
    settings: dict[str, Any] = {"perturb_baseline": 0.0}
    if protocol.fill != "zero":
        func, settings = _handed, {"filled": filled.flatten(1).numpy()}
    walk = package.PixelFlipping(
        features_in_step=protocol.width(),
        abs=True,
        normalise=False,
        perturb_func=func,
        perturb_func_kwargs=settings,
        disable_warnings=True,
    )
    said = walk(
        model=net,
        x_batch=batch.x.numpy(),
        y_batch=np.zeros(len(batch.x), int),
        a_batch=worth.numpy(),
        softmax=False,
        channel_first=True,
    )
    return np.array(said)[:, : protocol.steps]


def _handed(arr: np.ndarray, indices: np.ndarray, filled: np.ndarray, **_: Any) -> np.ndarray:
    changed = arr.copy()
    np.put_along_axis(changed, indices, np.take_along_axis(filled, indices, 1), 1)
    return changed


def case() -> tuple[nn.Module, Batch]:
    """A small network with weights as drawn, and ECGs."""
    torch.manual_seed(SEED)
    net, x = SmallResNet().eval(), ecgs(ECGS, TIME)
    marks = torch.zeros(ECGS, TIME, dtype=torch.int8)
    marks[:, R] = R_PEAK
    return net, Batch(x, torch.ones(ECGS, 1), marks, list("abcd"))


def largest_differences() -> Iterator[tuple[str, float, float]]:
    """For each case the largest difference of a prediction, and how far predictions move."""
    net, batch = case()
    for name, protocol in SHARED.items():
        own, theirs = (way(net, batch, protocol) for way in (ours, quantus))
        yield name, float(np.abs(own - theirs).max()), float(np.ptp(own, axis=1).max())


def main() -> None:
    """Print a table."""
    print("| Shared settings | largest difference | largest move along a curve |\n|---|---|---|")
    for name, apart, moved in largest_differences():
        print(f"| {name} | {apart:.1e} | {moved:.2g} |", flush=True)


if __name__ == "__main__":
    main()
