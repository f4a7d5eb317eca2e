"""DeepLIFT with the rescale rule from a zero baseline (Shrikumar 2017)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import captum.attr
import torch
from jaxtyping import Float
from torch import Tensor, nn

from .captum_guard import captum_guard
from .gradient import prediction

# The share of |f(x) − f(0)| by which the contributions may miss it.
TOLERANCE = 1e-3
# Rounding, as a share of what was summed; 1e-7 on the reference network.
ROUNDING = 1e-5


@dataclass(frozen=True)
class DeepLift:
    """How much each point's departure from 0 µV contributes to f(x) − f(0).

    `multiply_by_inputs=False` gives the multipliers, as the code of Storås 2025 did. Raises
    ValueError when the contributions do not add up to f(x) − f(0), as with a functional ReLU.
    """

    multiply_by_inputs: bool = True

    version: ClassVar[int] = 1

    def __call__(
        self,
        net: nn.Module,
        x: Float[Tensor, "batch lead time"],
        target: int,
        generators: Sequence[torch.Generator],
    ) -> Float[Tensor, "batch lead time"]:
        multipliers = _multipliers(net, x, target)
        contributions = multipliers * x
        _check_sum(net, x, target, contributions)
        return contributions if self.multiply_by_inputs else multipliers


def _multipliers(
    net: nn.Module, x: Float[Tensor, "batch lead time"], target: int
) -> Float[Tensor, "batch lead time"]:
    with captum_guard(net):
        explainer = captum.attr.DeepLift(net, multiply_by_inputs=False)
        given = x.detach().clone().requires_grad_()
        try:
            return explainer.attribute(given, torch.zeros_like(x), target=target).detach()
        except RuntimeError as problem:
            if "used more than once" not in str(problem):
                raise
    names = ", ".join(_reused(net, x))
    raise ValueError(f"expected one activation module per use, got one used again: {names}")


def _check_sum(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    contributions: Float[Tensor, "batch lead time"],
) -> None:
    """Raise ValueError unless the contributions of every ECG add up to f(x) − f(0)."""
    with torch.no_grad():
        outputs = prediction(net, x.clone(), target)
        at_zero = prediction(net, torch.zeros_like(x[:1]), target)
    change = outputs - at_zero
    total = contributions.sum(dim=(1, 2))
    summed = contributions.abs().sum(dim=(1, 2)) + outputs.abs() + at_zero.abs()
    excess = (total - change).abs() - TOLERANCE * change.abs() - ROUNDING * summed
    worst = int(excess.argmax())
    if excess[worst] > 0:
        raise ValueError(
            f"expected contributions that add up to f(x) − f(0) = {change[worst]:.4g}, got "
            f"{total[worst]:.4g}; use nn.ReLU(inplace=False) modules, each once, in place of "
            "functional activations and of what captum's DeepLIFT does not know"
        )


def _reused(net: nn.Module, x: Float[Tensor, "batch lead time"]) -> list[str]:
    """The names of the modules without children that one pass calls more than once."""
    calls: Counter[str] = Counter()
    handles = [
        module.register_forward_hook(lambda *_, name=name: calls.update([name]))
        for name, module in net.named_modules()
        if not list(module.children())
    ]
    try:
        with torch.no_grad():
            net(x[:1].clone())
    finally:
        for handle in handles:
            handle.remove()
    return [name for name, count in calls.items() if count > 1]
