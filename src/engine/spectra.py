"""Real Fourier transforms laid out as one matrix per frequency, with fast exact gradients."""

from typing import Any, Literal

from jaxtyping import Complex, Float
from torch import Tensor, fft
from torch.autograd import Function
from torch.nn.functional import pad

# Where 1/n stands. The adjoint of a transform is the other one with 1/n on the other side, in the
# inner product over all n frequencies, of which a real signal needs only the first n/2 + 1.
# torch's own gradient of rfft transforms all n.
Norm = Literal["forward", "backward"]
OPPOSITE: dict[Norm, Norm] = {"forward": "backward", "backward": "forward"}


def transform_length(least: int) -> int:
    """The smallest 4·2^a·3^b·5^c·7^d that is at least `least`: FFTs of such lengths are fast."""
    quarter = max(1, -(-least // 4))
    while not _is_smooth(quarter):
        quarter += 1
    return 4 * quarter


def _is_smooth(number: int) -> bool:
    for prime in (2, 3, 5, 7):
        while number % prime == 0:
            number //= prime
    return number == 1


def spectra(
    signals: Float[Tensor, "a b time"],
    n: int,
    known: Complex[Tensor, "frequency a b"] | None = None,
) -> Complex[Tensor, "frequency a b"]:
    """Spectra of real signals followed by zeros up to n samples.

    `known` is returned in their place, with the gradient that computed ones would have.
    """
    return _Spectra.apply(signals, n, 0, "backward", known)


def signals(
    spectra: Complex[Tensor, "frequency a b"], n: int, start: int, time: int
) -> Float[Tensor, "a b time"]:
    """The samples start … start + time − 1 of the n samples that have these spectra."""
    return _Signals.apply(spectra, n, start, time, "backward")


def analyse(
    frames: Float[Tensor, "a b n"], norm: Norm = "backward"
) -> Complex[Tensor, "frequency a b"]:
    """The spectra of frames, one contiguous matrix per frequency; without a gradient of its own."""
    found = fft.rfft(frames, norm=norm)
    return found.flatten(0, 1).t().contiguous().view(-1, *frames.shape[:2])


def synthesise(
    spectra: Complex[Tensor, "frequency a b"], n: int, norm: Norm = "backward"
) -> Float[Tensor, "a b n"]:
    """The frames of n samples that have these spectra; without a gradient of its own.

    torch transposes a contiguous matrix in blocks, but copies a permuted tensor four times slower.
    """
    shape = spectra.shape[1:]
    by_signal = spectra.contiguous().flatten(1).t().contiguous()
    return fft.irfft(by_signal.view(*shape, -1), n, norm=norm)


class _Spectra(Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(
        signals: Tensor, n: int, start: int, norm: Norm, known: Tensor | None = None
    ) -> Tensor:
        if known is not None:
            return known
        framed = pad(signals, (start, n - start - signals.shape[-1]))
        return analyse(framed, norm)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        signals, ctx.n, ctx.start, ctx.norm, *_ = inputs
        ctx.time = signals.shape[-1]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        norm = OPPOSITE[ctx.norm]
        signals = _Signals.apply(grads[0], ctx.n, ctx.start, ctx.time, norm)
        return signals, None, None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor | None) -> Tensor:
        return _Spectra.apply(tangents[0], ctx.n, ctx.start, ctx.norm, None)


class _Signals(Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(spectra: Tensor, n: int, start: int, time: int, norm: Norm) -> Tensor:
        framed = synthesise(spectra, n, norm)
        return framed[..., start : start + time].contiguous()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        _, ctx.n, ctx.start, ctx.time, ctx.norm = inputs

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        norm = OPPOSITE[ctx.norm]
        spectra = _Spectra.apply(grads[0], ctx.n, ctx.start, norm, None)
        return spectra, None, None, None, None

    @staticmethod
    def jvp(ctx: Any, *tangents: Tensor | None) -> Tensor:
        return _Signals.apply(tangents[0], ctx.n, ctx.start, ctx.time, ctx.norm)
