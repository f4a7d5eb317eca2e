"""The nine methods of Storås 2025 against captum's, per ECG: python -m benchmarks.methods."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import cast

import captum.attr
import torch
from ecglens.explain import attribute
from jaxtyping import Float
from torch import Tensor, nn

from .clock import Measure, Task, costs
from .plan import Plan, asked
from .reference import ecgs, networks
from .row import OURS, Row, samples, show

PART = "methods"
CAPTUM = "captum"
# Methods of 25 or 50 passes an ECG, which captum does in one: this many ECGs fill it.
COPIES = {"smoothgrad", "integrated_gradients", "gradient_shap"}
FEWER = 8

Explainer = Callable[[nn.Module, Tensor], Tensor]


def rows(plan: Plan, by: Measure = costs) -> Iterator[Row]:
    """Every method on beats; on strips, where captum takes minutes, in the long plan."""
    for length in plan.inputs if plan.long else plan.inputs[:1]:
        for name in CAPTUMS:
            count = plan.one_pass(length)
            count = max(1, count // FEWER) if name in COPIES else count
            for way, cost in by(partial(_tasks, name, count, length), plan.seconds).items():
                yield Row.timed(PART, name, samples(length), way, cost.per(count))


def _tasks(name: str, count: int, length: int, device: torch.device) -> Mapping[str, Task]:
    nets = networks(device)
    x = ecgs(count, length).to(device)
    given = x.clone().requires_grad_()  # captum does so itself, with a warning
    return {
        CAPTUM: lambda: CAPTUMS[name](nets.plain, given),
        OURS: lambda: attribute(name, nets.ours, x),
    }


def noise_sd(x: Float[Tensor, "batch lead time"]) -> float:
    """0.02 × (max − min), the mean over the ECGs: captum takes one number for all of them."""
    return 0.02 * (x.amax((1, 2)) - x.amin((1, 2))).mean().item()


def _smoothgrad(net: nn.Module, x: Tensor) -> Tensor:
    tunnel = captum.attr.NoiseTunnel(captum.attr.Saliency(net))
    found = tunnel.attribute(x, nt_samples=25, stdevs=noise_sd(x), target=0, abs=False)
    return cast(Tensor, found)


def _gradient_shap(net: nn.Module, x: Tensor) -> Tensor:
    explainer = captum.attr.GradientShap(net)
    return explainer.attribute(x, torch.zeros_like(x[:1]), 50, noise_sd(x), target=0)


def _guided_gradcam(net: nn.Module, x: Tensor) -> Tensor:
    layer = [module for module in net.modules() if isinstance(module, nn.Conv1d)][-1]
    explainer = captum.attr.GuidedGradCam(net, layer)
    return explainer.attribute(x, target=0, interpolate_mode="linear")


# captum's classes as its documentation calls them, at once for all ECGs, with the copies and the
# noise of Storås 2025.
CAPTUMS: dict[str, Explainer] = {
    "saliency": lambda net, x: captum.attr.Saliency(net).attribute(x, target=0, abs=False),
    "smoothgrad": _smoothgrad,
    "input_x_gradient": lambda net, x: captum.attr.InputXGradient(net).attribute(x, target=0),
    "deconvolution": lambda net, x: captum.attr.Deconvolution(net).attribute(x, target=0),
    "guided_backprop": lambda net, x: captum.attr.GuidedBackprop(net).attribute(x, target=0),
    "deeplift": lambda net, x: captum.attr.DeepLift(net).attribute(x, target=0),
    "integrated_gradients": lambda net, x: captum.attr.IntegratedGradients(net).attribute(
        x, target=0, n_steps=50
    ),
    "gradient_shap": _gradient_shap,
    "guided_gradcam": _guided_gradcam,
}


if __name__ == "__main__":
    show(rows(asked()))
