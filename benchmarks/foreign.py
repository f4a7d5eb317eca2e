"""Designs of networks by others that are in no table of published ones, a few lines each.

All read 12 leads in µV and return (batch, outputs). They keep a gradient, so that the linter must
not refuse them for steps; those that normalise each ECG have a remark.
tests/explain/test_large_steps.py and the table of ratios (benchmarks.ratios) walk them.
"""

import math
from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrizations

MV = 1e-3
LEADS, CHANNELS = 12, 16


class Mamba(nn.Module):
    """A selective state space, one step of time after the other (Gu & Dao 2023)."""

    def __init__(self, states: int = 4) -> None:
        super().__init__()
        self.embed = nn.Conv1d(LEADS, CHANNELS, 8, 8)
        self.gate, self.step = nn.Linear(CHANNELS, CHANNELS), nn.Linear(CHANNELS, CHANNELS)
        self.into, self.out = nn.Linear(CHANNELS, states), nn.Linear(CHANNELS, states)
        self.decay = nn.Parameter(torch.linspace(0, 1.5, states).repeat(CHANNELS, 1))
        self.head = nn.Linear(CHANNELS, 1)

    def forward(self, x: Tensor) -> Tensor:
        z = self.embed(MV * x).transpose(1, 2)
        steps, into, out = functional.softplus(self.step(z)), self.into(z), self.out(z)
        state = z.new_zeros(len(z), CHANNELS, into.shape[-1])
        found = []
        for at in range(z.shape[1]):
            size = steps[:, at, :, None]
            kept = torch.exp(-size * self.decay.exp())
            state = kept * state + size * into[:, at, None] * z[:, at, :, None]
            found.append((state * out[:, at, None]).sum(-1))
        y = torch.stack(found, 1) * functional.silu(self.gate(z))
        return self.head(y.mean(1))


class S4d(nn.Module):
    """A diagonal state space whose kernel is as long as the ECG, applied by FFT (Gu 2022)."""

    def __init__(self, states: int = 8) -> None:
        super().__init__()
        self.embed = nn.Conv1d(LEADS, CHANNELS, 1)
        self.decay = nn.Parameter(torch.full((CHANNELS, states), math.log(0.05)))
        self.turns = nn.Parameter(math.pi * torch.arange(states).repeat(CHANNELS, 1) / 64)
        self.into = nn.Parameter(torch.randn(CHANNELS, states, 2) / states)
        self.head = nn.Linear(CHANNELS, 1)

    def forward(self, x: Tensor) -> Tensor:
        z, time = self.embed(MV * x), x.shape[-1]
        pole = torch.complex(-self.decay.exp(), self.turns)
        powers = torch.exp(pole[..., None] * torch.arange(time, device=x.device))
        kernel = 2 * (torch.view_as_complex(self.into)[..., None] * powers).real.sum(1)
        spectra = torch.fft.rfft(z, 2 * time) * torch.fft.rfft(kernel, 2 * time)
        return self.head(functional.gelu(torch.fft.irfft(spectra, 2 * time)[..., :time]).mean(-1))


class GatedTcn(nn.Module):
    """Dilated causal convolutions with gates and weight norm (Bai 2018)."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv1d(LEADS, CHANNELS, 1)
        self.blocks = nn.ModuleList(
            parametrizations.weight_norm(nn.Conv1d(CHANNELS, 2 * CHANNELS, 3, dilation=2**depth))
            for depth in range(5)
        )
        self.head = nn.Linear(CHANNELS, 1)

    def forward(self, x: Tensor) -> Tensor:
        z = self.embed(MV * x)
        for block in cast("list[nn.Conv1d]", list(self.blocks)):
            value, gate = block(functional.pad(z, (2 * block.dilation[0], 0))).chunk(2, 1)
            z = z + value.tanh() * gate.sigmoid()
        return self.head(z.mean(-1))


def spectral_norm() -> nn.Module:
    """Convolutions of largest singular value 1 (Miyato 2018)."""
    layers = (nn.Conv1d(LEADS, CHANNELS, 7, 2), nn.Conv1d(CHANNELS, CHANNELS, 7, 2))
    first, second = map(parametrizations.spectral_norm, layers)
    return Millivolts(first, nn.ReLU(), second, nn.ReLU(), Mean(), nn.Linear(CHANNELS, 1))


class Millivolts(nn.Sequential):
    """Layers behind a change of the unit."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(MV * input)


class Mean(nn.Module):
    """Mean over time."""

    def forward(self, z: Tensor) -> Tensor:
        return z.mean(-1)


class UNet(nn.Module):
    """Down, up and a skip between; pooled (Ronneberger 2015)."""

    def __init__(self) -> None:
        super().__init__()
        self.down1, self.down2 = nn.Conv1d(LEADS, 8, 9, padding=4), nn.Conv1d(8, 16, 9, padding=4)
        self.up = nn.ConvTranspose1d(16, 8, 4, 4)
        self.last, self.head = nn.Conv1d(16, 8, 9, padding=4), nn.Linear(8, 1)

    def forward(self, x: Tensor) -> Tensor:
        above = torch.relu(self.down1(MV * x))
        below = torch.relu(self.down2(functional.max_pool1d(above, 4)))
        up = self.up(below)
        up = functional.pad(up, (0, above.shape[-1] - up.shape[-1]))
        return self.head(torch.relu(self.last(torch.cat([above, up], 1))).mean(-1))


class Mixer(nn.Module):
    """Patches mixed along time and along channels by einsum (Tolstikhin 2021)."""

    def __init__(self, patches: int = 24) -> None:
        super().__init__()
        self.patches, self.embed = patches, nn.LazyLinear(CHANNELS)
        self.time = nn.Parameter(torch.randn(patches, patches) / patches**0.5)
        self.channels = nn.Parameter(torch.randn(CHANNELS, CHANNELS) / CHANNELS**0.5)
        self.norm, self.head = nn.LayerNorm(CHANNELS), nn.Linear(CHANNELS, 1)

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[-1] // self.patches
        cut = MV * x[..., : size * self.patches].unflatten(-1, (self.patches, size))
        z = self.embed(torch.einsum("blps->bpls", cut).flatten(2))
        z = z + functional.gelu(torch.einsum("bpc,pq->bqc", self.norm(z), self.time))
        z = z + functional.gelu(torch.einsum("bpc,cd->bpd", self.norm(z), self.channels))
        return self.head(z.mean(1))


class Kan(nn.Module):
    """Sums of learned functions of each feature (Liu 2024), by Gaussian bumps."""

    def __init__(self, bumps: int = 6) -> None:
        super().__init__()
        self.conv = nn.Conv1d(LEADS, CHANNELS, 15, 4)
        self.register_buffer("centres", torch.linspace(-2, 2, bumps))
        self.weights = nn.Parameter(torch.randn(1, CHANNELS, bumps) / CHANNELS)

    def forward(self, x: Tensor) -> Tensor:
        z = self.conv(MV * x).mean(-1)[..., None] * 10
        bumps = torch.exp(-((z - self.get_buffer("centres")) ** 2))
        return torch.einsum("bcn,ocn->bo", bumps, self.weights)


class ConcatenatedRelu(nn.Module):
    """CReLU (Shang 2016), then maxout (Goodfellow 2013)."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv1d(LEADS, 8, 9, 2), nn.Conv1d(16, 32, 9, 2)
        self.head = nn.Linear(16, 1)

    def forward(self, x: Tensor) -> Tensor:
        z = self.first(MV * x)
        z = self.second(torch.cat([z.relu(), (-z).relu()], 1))
        return self.head(z.unflatten(1, (16, 2)).amax(2).mean(-1))


class Stft(nn.Module):
    """Magnitudes of short spectra, then a convolution over them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(LEADS, 8, 5), nn.Linear(8, 1)

    def forward(self, x: Tensor) -> Tensor:
        window = torch.hann_window(64, device=x.device, dtype=x.dtype)
        spectra = torch.stft(MV * x.flatten(0, 1), 64, 16, window=window, return_complex=True)
        sizes = (spectra.real.square() + spectra.imag.square() + 1e-4).log()
        return self.head(self.conv(sizes.unflatten(0, x.shape[:2])).relu().mean((2, 3)))


class Haar(nn.Module):
    """Haar wavelets of three scales, their sizes weighed."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3 * LEADS, 1)

    def forward(self, x: Tensor) -> Tensor:
        z, sizes = MV * x, []
        for _ in range(3):
            z = z[..., : z.shape[-1] // 2 * 2].unflatten(-1, (-1, 2))
            sizes.append((z[..., 0] - z[..., 1]).square().mean(-1))
            z = z.mean(-1)
        return self.head(torch.cat(sizes, 1) * 100)


class ComplexConv(nn.Module):
    """A complex convolution of the leads and their derivative (Trabelsi 2018)."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(8, LEADS, 15, dtype=torch.complex64) / 12)
        self.head = nn.Linear(8, 1)

    def forward(self, x: Tensor) -> Tensor:
        z = MV * x
        signal = torch.complex(z, functional.pad(z.diff(dim=-1), (1, 0)))
        y = functional.conv1d(signal, self.weight, stride=4)
        return self.head((y.real.square() + y.imag.square()).mean(-1))


class MaskedAttention(nn.Module):
    """Attention over time that leaves out samples which are 0 in all leads."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(LEADS, CHANNELS, 9, padding=4)
        self.query, self.head = nn.Linear(CHANNELS, 1), nn.Linear(CHANNELS, 1)

    def forward(self, x: Tensor) -> Tensor:
        z = self.conv(MV * x).relu().transpose(1, 2)
        empty = (x == 0).all(1)[..., None]
        weights = self.query(z).masked_fill(empty, -1e9).softmax(1)
        return self.head((weights * z).sum(1))


class Vectorcardiogram(nn.Module):
    """Three leads by a fixed matrix, then the length of their loop."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("matrix", torch.randn(3, LEADS) / 4)
        self.conv, self.head = nn.Conv1d(4, 8, 9, 2), nn.Linear(8, 1)

    def forward(self, x: Tensor) -> Tensor:
        loop = torch.einsum("vl,blt->bvt", self.get_buffer("matrix"), MV * x)
        length = (loop.square().sum(1, keepdim=True) + 1e-6).sqrt()
        return self.head(self.conv(torch.cat([loop, length], 1)).relu().mean(-1))


def group_norm() -> nn.Module:
    """GroupNorm between two convolutions (Wu & He 2018)."""
    first, second = nn.Conv1d(LEADS, CHANNELS, 9, 2), nn.Conv1d(CHANNELS, CHANNELS, 9, 2)
    norm = nn.GroupNorm(4, CHANNELS)
    return Millivolts(first, norm, nn.SiLU(), second, Mean(), nn.Linear(CHANNELS, 1))


def convolutions(outputs: int = 1) -> nn.Sequential:
    """Two convolutions and the mean: the body of several designs."""
    return Millivolts(
        nn.Conv1d(LEADS, CHANNELS, 9, 2), nn.ReLU(), nn.Conv1d(CHANNELS, CHANNELS, 9, 2), nn.ReLU(),
        Mean(), nn.Linear(CHANNELS, outputs),
    )  # fmt: skip


class Quantiles(nn.Module):
    """A median, and distances above 0 down and up from it."""

    def __init__(self) -> None:
        super().__init__()
        self.body = convolutions(3)

    def forward(self, x: Tensor) -> Tensor:
        low, middle, high = self.body(x).unbind(1)
        down, up = functional.softplus(low), functional.softplus(high)
        return torch.stack([middle - down, middle, middle + up], 1)


class Ordinal(nn.Module):
    """One score and a threshold for each grade (CORAL, Cao 2020): logits."""

    def __init__(self, grades: int = 4) -> None:
        super().__init__()
        self.body, self.thresholds = convolutions(), nn.Parameter(torch.linspace(-1, 1, grades))

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x) + self.thresholds


class Experts(nn.Module):
    """The expert of the largest weight, times that weight (Fedus 2022); they differ by `spread`."""

    def __init__(self, spread: float = 0.01) -> None:
        super().__init__()
        self.body, self.router = convolutions(8), nn.Linear(8, 2)
        common = torch.randn(8)
        self.experts = nn.Parameter(torch.stack([common, common + spread * torch.randn(8)]))

    def forward(self, x: Tensor) -> Tensor:
        z = self.body(x)
        weight, chosen = (100 * self.router(z)).softmax(1).max(1)
        return (weight * (z * self.experts[chosen]).sum(1))[:, None]


class Behind(nn.Module):
    """A network behind a change of the ECG."""

    def __init__(self, change: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.change, self.body = change, convolutions()

    def forward(self, x: Tensor) -> Tensor:
        return self.body(self.change(x))


def z_score(x: Tensor) -> Tensor:
    """Each ECG by its own mean and SD, in units of a millivolt."""
    return (x - x.mean((1, 2), keepdim=True)) / (x.std((1, 2), keepdim=True) + 1e-6) / MV


def by_quantiles(x: Tensor) -> Tensor:
    """Each ECG by its median and the distance of its quartiles."""
    flat = x.flatten(1)
    low, middle, high = (flat.quantile(q, 1)[:, None, None] for q in (0.25, 0.5, 0.75))
    return (x - middle) / (high - low + 50) / MV


def instance_norm() -> nn.Module:
    """InstanceNorm before the first layer."""
    norm, body = nn.InstanceNorm1d(LEADS, affine=True), convolutions()
    return nn.Sequential(norm, *(layer for layer in body))


class Recurrent(nn.Module):
    """A convolution, pooled by four, and a recurrent layer."""

    def __init__(self, kind: type[nn.GRU | nn.LSTM] = nn.GRU) -> None:
        super().__init__()
        self.conv, self.pool = nn.Conv1d(LEADS, CHANNELS, 9, padding=4), nn.MaxPool1d(4)
        self.recurrent = kind(CHANNELS, CHANNELS, batch_first=True)
        self.head = nn.Linear(CHANNELS, 1)

    def forward(self, x: Tensor) -> Tensor:
        z = self.pool(self.conv(MV * x).relu()).transpose(1, 2)
        return self.head(self.recurrent(z)[0].mean(1))


class Embedding(nn.Module):
    """Sixteen features behind a ReLU, small ones."""

    def __init__(self) -> None:
        super().__init__()
        self.body = convolutions(16)

    def forward(self, x: Tensor) -> Tensor:
        return (0.1 * self.body(x)).relu()


FOREIGN: dict[str, Callable[[], nn.Module]] = {
    "Mamba": Mamba,
    "S4D": S4d,
    "gated TCN, weight norm": GatedTcn,
    "spectral norm": spectral_norm,
    "U-Net, pooled": UNet,
    "mixer": Mixer,
    "KAN": Kan,
    "CReLU, maxout": ConcatenatedRelu,
    "STFT": Stft,
    "Haar wavelets": Haar,
    "complex convolution": ComplexConv,
    "masked attention": MaskedAttention,
    "vectorcardiogram": Vectorcardiogram,
    "GroupNorm": group_norm,
    "quantiles": Quantiles,
    "ordinal (CORAL)": Ordinal,
    "experts, weak router": Experts,
    "InstanceNorm first": instance_norm,
    "z-score inside": lambda: Behind(z_score),
    "clamp at 0.2 mV": lambda: Behind(lambda x: x.clamp(-200, 200)),
    "median and quartiles": lambda: Behind(by_quantiles),
    "CNN + GRU": Recurrent,
    "CNN + LSTM": lambda: Recurrent(nn.LSTM),
    "embedding": Embedding,
}


def foreign(name: str) -> nn.Module:
    """The design with random weights, in evaluation mode."""
    torch.manual_seed(0)
    net = FOREIGN[name]().eval()
    with torch.no_grad():
        net(torch.zeros(1, LEADS, 600))  # a lazy layer takes its size
    return net
