"""Spectra of framed signals and back, with fast exact gradients of any order."""

from functools import cache
from typing import Any, Literal, NamedTuple

from jaxtyping import Complex, Float
from torch import Tensor, fft
from torch.autograd import Function
from torch.nn.functional import pad

Norm = Literal["forward", "backward"]  # where 1/n stands


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


def analyse(
    frames: Float[Tensor, "a b n"], norm: Norm = "backward"
) -> Complex[Tensor, "frequency a b"]:
    """Spectra of frames, one contiguous matrix per frequency; without a gradient of its own."""
    found = fft.rfft(frames, norm=norm)
    return found.flatten(0, 1).t().contiguous().view(-1, *frames.shape[:2])


def synthesise(
    spectra: Complex[Tensor, "frequency a b"], n: int, norm: Norm = "backward"
) -> Float[Tensor, "a b n"]:
    """Frames of n samples with these spectra; without a gradient of its own.

    torch transposes a contiguous matrix in blocks, but copies a permuted tensor four times slower.
    """
    shape = spectra.shape[1:]
    by_signal = spectra.contiguous().flatten(1).t().contiguous()
    return fft.irfft(by_signal.view(*shape, -1), n, norm=norm)


# A longer frame overlaps less, but its weight spectra do not fit into the cache. CPU-ms per ECG
# of 10 s for 16 convolutions of 2500 samples, kernels of 50: 18.6 in 5 frames of 560, 20.4 in 3 of
# 896, 21.4 in one of 2560, 21.5 in 9 of 336; for one ECG alone 29, 34, 52 and 28. Kernels of 15 are
# trained in 11 CPU-ms with frames of at most 240 or 400 samples, in 14 with up to 800.
LONGEST_KERNELS = 16
LONGEST_SAMPLES = 400  # the longer of the two holds


class Cut(NamedTuple):
    """Lengths and number of the frames that a signal is cut into.

    Frame j holds the samples start + j·hop … + length − 1, with zeros where the signal has none,
    at its own samples place … place + length − 1, and zeros up to n.
    """

    n: int
    length: int
    place: int = 0
    start: int = 0
    frames: int = 1
    hop: int = 0


@cache
def cuts(time: int, kernel: int, left: int, right: int) -> tuple[Cut, Cut]:
    """Cuts of the input and the output of a convolution with zero padding.

    They have the fewest samples in all that frames of at most 16 kernels or 400 samples, rounded up
    to a length of transforms, allow. They do not depend on the batch, because an ECG's prediction
    must not, nor on dtype or device.
    """
    out = time + left + right - kernel + 1
    # Long enough that nothing wraps around into the samples that are used.
    whole = transform_length(max(time + left, time + right, kernel))
    # A frame overlaps with the next one only.
    most = max(1, out // kernel)
    longest = max(LONGEST_KERNELS * kernel, LONGEST_SAMPLES)
    least = min(most, -(-out // (longest - kernel + 1)))
    hops = {count: -(-out // count) for count in range(least, min(2 * least, most) + 1)}
    lengths = {count: transform_length(hop + kernel - 1) for count, hop in hops.items()}
    if 1 in lengths:
        lengths[1] = whole
    # Among equals the shorter frame wins, because its weight spectra are smaller.
    count = min(lengths, key=lambda count: (count * lengths[count], lengths[count]))
    n, hop = lengths[count], hops[count]
    if count == 1:
        return Cut(n, time), Cut(n, out, kernel - 1 - left)
    return (Cut(n, hop + kernel - 1, 0, -left, count, hop), Cut(n, hop, kernel - 1, 0, count, hop))


def framed(signals: Float[Tensor, "a b time"], cut: Cut) -> Float[Tensor, "rows b n"]:
    """Frames of each signal, those of a[0] first."""
    after = cut.n - cut.place - cut.length
    if cut.frames == 1:
        return pad(signals, (cut.place, after))
    end = cut.start + (cut.frames - 1) * cut.hop + cut.length
    whole = pad(signals, (-cut.start, end - signals.shape[-1]))
    frames = whole.unfold(-1, cut.length, cut.hop).transpose(1, 2)
    return pad(frames, (cut.place, after)).flatten(0, 1)


def joined(frames: Float[Tensor, "rows b n"], cut: Cut, time: int) -> Float[Tensor, "a b time"]:
    """Sum of all frames, each at the place where it was cut out: the adjoint of `framed`."""
    used = frames[..., cut.place : cut.place + cut.length]
    if cut.frames == 1:
        return used
    used = used.unflatten(0, (-1, cut.frames)).transpose(1, 2)
    before = -cut.start
    after = cut.length - cut.hop - before
    own = used[..., before : before + cut.hop]
    one_more = time > cut.frames * cut.hop  # what follows the last frame's own samples is used
    blocks = pad(own, (0, 0, 0, 1)) if one_more else own.contiguous()
    blocks[..., : cut.frames - 1, cut.hop - before :] += used[..., 1:, :before]
    blocks[..., 1:, :after] += used[..., : cut.frames - 1 + one_more, before + cut.hop :]
    return blocks.flatten(2)[..., :time]


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
