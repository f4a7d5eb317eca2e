"""Spectra of framed signals and back, with fast exact gradients of any order."""

from typing import Any

from jaxtyping import Complex, Float
from torch import Tensor
from torch.autograd import Function

from .frames import Cut, framed, joined
from .spectra import Norm, analyse, synthesise

# The adjoint of a transform is the inverse one with 1/n on the other side, in the inner product
# over all n frequencies; a real signal needs only the first n/2 + 1. torch's own gradient of rfft
# transforms all n.
OPPOSITE: dict[Norm, Norm] = {"forward": "backward", "backward": "forward"}


def spectra(
    signals: Float[Tensor, "a b time"],
    cut: Cut,
    known: Complex[Tensor, "frequency rows b"] | None = None,
) -> Complex[Tensor, "frequency rows b"]:
    """Spectra of the frames of real signals.

    Spectra that are `known` are returned with the gradient that computed ones would have.
    """
    return _Spectra.apply(signals, cut, "backward", known)


def signals(
    spectra: Complex[Tensor, "frequency rows b"], cut: Cut, time: int
) -> Float[Tensor, "a b time"]:
    """Signals whose frames have these spectra; may be a view of more samples."""
    return _Signals.apply(spectra, cut, time, "backward")


class _Spectra(Function):
    generate_vmap_rule = True
    linear = True  # a rule for activations has nothing to replace in it

    @staticmethod
    def forward(signals: Tensor, cut: Cut, norm: Norm, known: Tensor | None = None) -> Tensor:
        return analyse(framed(signals, cut), norm) if known is None else known

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        signals, ctx.cut, ctx.norm, _ = inputs
        ctx.time = signals.shape[-1]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        signals = _Signals.apply(grads[0], ctx.cut, ctx.time, OPPOSITE[ctx.norm])
        return signals.contiguous(), None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor | None) -> Tensor:
        return _Spectra.apply(tangents[0], ctx.cut, ctx.norm, None)


class _Signals(Function):
    generate_vmap_rule = True
    linear = True  # a rule for activations has nothing to replace in it

    @staticmethod
    def forward(spectra: Tensor, cut: Cut, time: int, norm: Norm) -> Tensor:
        return joined(synthesise(spectra, cut.n, norm), cut, time)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        _, ctx.cut, ctx.time, ctx.norm = inputs

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        return _Spectra.apply(grads[0], ctx.cut, OPPOSITE[ctx.norm], None), None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor | None) -> Tensor:
        return _Signals.apply(tangents[0], ctx.cut, ctx.time, ctx.norm)
