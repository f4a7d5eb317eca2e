"""Generated ECGs without patients, in any number, from the generator of the 2025 study."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float, Float32, Int
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from ...ecg import Record, from_eight
from ...engine import generator, one_thread
from ...extras import extra

LEADS, SAMPLES = 8, 5000
# The wheel's generate() multiplies the tanh output by 6000 and truncates to integers. It names no
# unit; only in µV do the waves have human size (median R of 1.3 mV in V5), and the study's code
# reads the published files as µV.
FULL_SCALE_UV = 6000.0
# The network's own factors: six strided convolutions down, six nearest-neighbour upsamplings up.
DOWN = {1: 2, 2: 5, 3: 2, 4: 5, 5: 5, 6: 5}
UP = {1: 5, 2: 5, 3: 5, 5: 2, 6: 5, 7: 2}
# Up to this many output samples a matrix product beats the convolution (measured: 0.1 for 1 ms).
FEW = 10


def generate(
    noise: Float[Tensor, "batch 8 5000"], weights: dict[str, Tensor]
) -> Int[Tensor, "batch 8 5000"]:
    """ECGs in whole µV, leads I, II, V1…V6 at 500 Hz, from noise uniform in (−1, 1).

    Equal to the wheel's network (Thambawita 2021) except for float32 rounding, which changes one
    sample in 10 000 by 1 µV.
    """
    skips = [noise]
    for layer, stride in DOWN.items():
        kernel, bias = weights[f"conv_{layer}.weight"], weights[f"conv_{layer}.bias"]
        skips.append(F.leaky_relu(_convolve(skips[-1], kernel, stride) + bias[:, None]))
    x = skips.pop()
    for layer, factor in UP.items():
        # The first and last upsampling layer have no skip connection.
        joined = x if layer in (1, 7) else torch.cat((x, skips.pop()), 1)
        phases = _convolve(joined, weights[f"phases_{layer}"], 1)
        x = phases.unflatten(1, (-1, factor)).transpose(2, 3).flatten(2)
        x = x + weights[f"deconv_{layer}.conv1d.bias"][:, None]
        x = torch.tanh(x) if layer == 7 else F.relu(x)
    return (FULL_SCALE_UV * x).int()


def folded(kernel: Float[Tensor, "out lead tap"], factor: int) -> Float[Tensor, "phase lead few"]:
    """Kernel to apply before upsampling, equivalent to `kernel` after it.

    Nearest-neighbour upsampling repeats each sample `factor` times, so the taps on the same sample
    are summed: 7 taps instead of 25 for a factor of 5. Row `out·factor + r` of the result gives the
    outputs at r, r + factor, r + 2·factor …
    """
    out, leads, taps = kernel.shape
    half = taps // 2
    reach = -(-half // factor)
    few = kernel.new_zeros(out, factor, leads, 2 * reach + 1)
    for phase in range(factor):
        for tap in range(taps):
            few[:, phase, :, reach + (phase + tap - half) // factor] += kernel[:, :, tap]
    return few.flatten(0, 1)


def _convolve(
    x: Float[Tensor, "batch lead time"], kernel: Float[Tensor, "out lead tap"], stride: int
) -> Float[Tensor, "batch out few"]:
    half = kernel.shape[-1] // 2
    if x.shape[-1] // stride > FEW:
        return F.conv1d(x, kernel, stride=stride, padding=half)
    windows = F.pad(x, (half, half)).unfold(2, kernel.shape[-1], stride).transpose(1, 2)
    return (windows.flatten(2) @ kernel.flatten(1).T).transpose(1, 2)


@lru_cache(maxsize=1)
def wheel_weights() -> dict[str, Tensor]:
    """Trained weights of the wheel, with the kernels of the upsampling layers folded."""
    package = find_spec("deepfakeecg")
    with extra("generator"):
        if package is None or package.origin is None:
            raise ModuleNotFoundError(name="deepfake-ecg")
    # The package itself is not imported: that takes seconds.
    checkpoint = Path(package.origin).parent / "checkpoints" / "g_stat.pt"
    weights = torch.load(checkpoint, map_location="cpu", weights_only=True)["stat_dict"]
    for layer, factor in UP.items():
        # Summed in double precision, so that folding rounds only once.
        kernel = weights[f"deconv_{layer}.conv1d.weight"].double()
        weights[f"phases_{layer}"] = folded(kernel, factor).float()
    return weights


# ECGs per call of the network and per random stream; another size gives other ECGs.
BLOCK = 32


@dataclass(frozen=True)
class Deepfake:
    """`n` 10-s ECGs at 500 Hz from the Pulse2Pulse network in the deepfake-ecg wheel.

    ECG k depends only on the seed and k. Each counts as a patient. Nothing is downloaded. These are
    all ECGs that the network of Thambawita 2021 (medRxiv 2021.04.27.21256189) generates. Whether
    the 150 000 published "DeepFake ECGs" of Storås 2025 were filtered afterwards is unknown, and
    their random numbers are not published.
    """

    n: int = 4000
    seed: int = 0
    version: ClassVar[int] = 1
    generated: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError(f"expected data.n of at least 1 ECG, got {self.n}")

    def __len__(self) -> int:
        return self.n

    def origin(self, start: int, stop: int) -> dict[str, int]:
        """Seed, and the ECGs of its endless sequence."""
        return {"seed": self.seed, "start": start, "stop": stop}

    def read(self, start: int, stop: int) -> Iterator[Record]:
        """ECGs start … stop − 1, generated in whole blocks."""
        for block in range(start // BLOCK, -(-stop // BLOCK)):
            first = block * BLOCK
            signals = from_eight(made(self.seed, block))
            for index in range(max(start, first), min(stop, first + BLOCK)):
                name = f"deepfake-{self.seed}-{index:06d}"
                yield Record(signals[index - first], id=name, patient=name)


def made(seed: int, block: int) -> Float32[np.ndarray, "block 8 5000"]:
    """Block of the endless sequence of this seed, in whole µV, leads I, II, V1…V6."""
    shape = (BLOCK, LEADS, SAMPLES)
    noise = torch.empty(shape).uniform_(-1, 1, generator=generator(seed, "deepfake", block))
    # The order of a sum, and so its last bit, may depend on the number of threads.
    with one_thread(), torch.inference_mode():
        signals = generate(noise, wheel_weights())
    return signals.numpy().astype(np.float32)
