"""Remarks on numbers that no map can rely on: three digits, ties, and no output at 0 µV."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from ...engine import generator, keeps_statistics, unperturbed
from ..named import methods
from ..passes import input_gradient, predictions
from ..rules.interception import Call, Interception
from ..rules.operations import Kind
from .remark import Remark, with_facts

HALF = {torch.float16: "float16", torch.bfloat16: "bfloat16"}
# Maxima within this share of the values' RMS tie: ten times the last bit of float32.
TIE = 1e-6
# Change of the gradient, as a share of its norm, above which ties decide it: the gradient check
# measures slopes no better.
DECIDED = 0.1
# Methods that read the network at the ECG and on the line from 0 µV to it. A place that ties in the
# ECG ties all along this line; noise and the ECGs of others break ties.
WITH_TIES = (
    "saliency", "input_x_gradient", "integrated_gradients", "deconvolution", "guided_backprop",
    "guided_gradcam", "gradcam", "deeplift", "lrp_epsilon", "lrp_composite",
)  # fmt: skip


def of_numerics(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    gradients: Float[Tensor, "batch lead time"] | None,
) -> Iterator[Remark]:
    """Remarks on the numbers that come from these ECGs; gradients are given where there are any."""
    pooled: list[Kind] = []

    def noting(kind: Kind, values: Tensor, call: Call) -> Any:
        pooled.append(kind)
        return call(values)

    types = _Types()
    with torch.no_grad(), unperturbed(net, x[0]), types, Interception({Kind.MAXIMUM}, noting):
        net(x[:1].clone())
    yield from _of_half_precision(types.half)
    if pooled and gradients is not None:
        yield from _of_ties(net, x, target, gradients)


def of_the_baseline(
    net: nn.Module, x: Float[Tensor, "batch lead time"], target: int
) -> Iterator[Remark]:
    """A remark where f(0 µV) is NaN or infinite."""
    with unperturbed(net, x[0]):
        at_zero = predictions(net, torch.zeros_like(x[:1]), target)
    if not at_zero.isfinite().all():
        yield Remark(
            f"the output for 0 µV is {float(at_zero):g}",
            tuple(
                name
                for name in with_facts(baseline="zero")
                if name not in ("input_x_gradient", "lrp_epsilon", "lrp_composite")
            ),
            "they compare with it; look for a division by the size or the length of the ECG and "
            "for a logarithm, or take methods that compare with no 0 µV",
        )


def _of_half_precision(half: set[str]) -> Iterator[Remark]:
    if half:
        yield Remark(
            f"the network computes in {' and '.join(sorted(half))} inside, with three digits",
            methods(),
            "small changes of the output are rounding, and values of a map tie or vanish: compute "
            "in float32, without half(), bfloat16() and autocast",
        )


class _Types(TorchDispatchMode):
    """Notes results of half precision."""

    def __init__(self) -> None:
        super().__init__()
        self.half: set[str] = set()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor) and result.dtype in HALF:
            self.half.add(HALF[result.dtype])
        return result


def _of_ties(
    net: nn.Module,
    x: Float[Tensor, "batch lead time"],
    target: int,
    gradients: Float[Tensor, "batch lead time"],
) -> Iterator[Remark]:
    """Equal values in a max pooling, of which torch gives the first the whole gradient."""

    def otherwise(_: Kind, values: Tensor, call: Call) -> Tensor:
        own = torch.randn(values.shape, generator=generator(0, "ties", *values.shape))
        finite = values.detach().nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)  # padded by −∞
        return call(values + TIE * finite.square().mean().sqrt() * own.to(values))

    other = []
    for some in x.split(1 if keeps_statistics(net) else len(x)):
        with unperturbed(net, some[0]), Interception({Kind.MAXIMUM}, otherwise):
            other.append(input_gradient(net, some, target))
    change = (torch.cat(other) - gradients).flatten(1).norm(dim=1)
    share = float((change / gradients.flatten(1).norm(dim=1)).nan_to_num(nan=0.0).median())
    if share > DECIDED:
        yield Remark(
            "equal values in a max pooling decide the gradient, which changes by "
            f"{100 * share:.0f}\u00a0% (median) when other ones of them are taken",
            WITH_TIES,
            "within a flat part of the ECG their order is arbitrary: take methods that add noise, "
            "such as smoothgrad, or hide segments",
        )
