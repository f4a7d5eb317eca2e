"""Overlap-save: long signals are cut into frames that are transformed as rows of one batch."""

from functools import cache
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from .spectra import transform_length

# A longer frame overlaps less, but its weight spectra no longer stay in the cache. CPU-ms per ECG
# of 10 s for 16 convolutions of 2500 samples, kernels of 50: 18.6 in 5 frames of 560, 20.4 in 3 of
# 896, 21.4 in one of 2560, 21.5 in 9 of 336; for one ECG alone 29, 34, 52 and 28. Kernels of 15 are
# trained in 11 CPU-ms with frames of at most 240 or 400 samples, in 14 with up to 800.
LONGEST_KERNELS = 16
LONGEST_SAMPLES = 400  # whichever is more


class Cut(NamedTuple):
    """How a signal is cut into frames.

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
    """How the input and the output of a convolution with zero padding are cut.

    In the fewest samples in all that frames of at most 16 kernels or 400 samples, rounded up to a
    length of transforms, allow. It must not depend on the batch, or else an ECG's prediction would;
    nor does it on dtype or device.
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
    # Of equals the shorter frame, whose weight spectra are smaller.
    count = min(lengths, key=lambda count: (count * lengths[count], lengths[count]))
    n, hop = lengths[count], hops[count]
    if count == 1:
        return Cut(n, time), Cut(n, out, kernel - 1 - left)
    return (
        Cut(n, hop + kernel - 1, 0, -left, count, hop),
        Cut(n, hop, kernel - 1, 0, count, hop),
    )


def framed(signals: Float[Tensor, "a b time"], cut: Cut) -> Float[Tensor, "rows b n"]:
    """The frames of each signal, those of a[0] first."""
    after = cut.n - cut.place - cut.length
    if cut.frames == 1:
        return pad(signals, (cut.place, after))
    end = cut.start + (cut.frames - 1) * cut.hop + cut.length
    whole = pad(signals, (-cut.start, end - signals.shape[-1]))
    frames = whole.unfold(-1, cut.length, cut.hop).transpose(1, 2)
    return pad(frames, (cut.place, after)).flatten(0, 1)


def joined(frames: Float[Tensor, "rows b n"], cut: Cut, time: int) -> Float[Tensor, "a b time"]:
    """The sum of all frames, each where it was cut out: the adjoint of `framed`."""
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
