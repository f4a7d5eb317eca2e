"""The residual network of Ribeiro et al. 2020 for six diagnoses."""

from math import ceil

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import pad

KERNEL = 16
CHANNELS = (64, 128, 196, 256, 320)  # after the stem, and after each block
STEP = 4  # samples that a block makes one of
KERAS_EPS = 1e-3  # of its BatchNorm


class RibeiroResNet(nn.Module):
    """Network of Ribeiro 2020 as in their Keras code, without the last sigmoid: logits.

    A convolution, four residual blocks that keep every fourth sample, and a linear layer of all
    samples and channels. 6 421 910 parameters for six classes. Names are those of the authors'
    later PyTorch code (see AgeResNet); layers are defined in the order of their Keras code, so that
    `load_weights` can read its HDF5 files. The published weights want 4096 samples at 400 Hz, zeros
    around shorter strips, in units of 100 µV, leads in the order of ecg.LEADS.
    """

    def __init__(self, targets: int = 6, leads: int = 12, samples: int = 4096) -> None:
        super().__init__()
        self.samples = samples
        self.conv1 = nn.Conv1d(leads, CHANNELS[0], KERNEL, bias=False)
        self.bn1 = nn.BatchNorm1d(CHANNELS[0], KERAS_EPS)
        self.relu = nn.ReLU()
        for k in range(4):
            self.add_module(f"resblock1d_{k}", _Block(CHANNELS[k], CHANNELS[k + 1]))
            samples = ceil(samples / STEP)
        self.lin = nn.Linear(CHANNELS[-1] * samples, targets)

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """One row of logits per ECG; ValueError for another number of samples."""
        check_samples(x, self.samples)
        x = sum_of = self.relu(self.bn1(self.conv1(_same(x, KERNEL, 1, 0.0))))
        for k in range(4):
            x, sum_of = self.get_submodule(f"resblock1d_{k}")(x, sum_of)
        # Keras flattens (time, channel).
        return self.lin(x.transpose(1, 2).flatten(1))


class _Block(nn.Module):
    """Two convolutions and a maximum beside them, added before the last BatchNorm and ReLU."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.skip_connection = nn.Sequential(
            nn.MaxPool1d(STEP), nn.Conv1d(channels, out, 1, bias=False)
        )
        self.conv1 = nn.Conv1d(channels, out, KERNEL, bias=False)
        self.bn1 = nn.BatchNorm1d(out, KERAS_EPS)
        self.relu1 = nn.ReLU()
        self.dropout1 = nn.Dropout(0.2)
        self.conv2 = nn.Conv1d(out, out, KERNEL, stride=STEP, bias=False)
        self.bn2 = nn.BatchNorm1d(out, KERAS_EPS)
        self.relu2 = nn.ReLU()
        self.dropout2 = nn.Dropout(0.2)

    def forward(
        self, x: Float[Tensor, "batch in time"], sum_of: Float[Tensor, "batch in time"]
    ) -> tuple[Float[Tensor, "batch out less"], Float[Tensor, "batch out less"]]:
        """Features, and the sum before the last BatchNorm, which the next block adds."""
        beside = self.skip_connection(_same(sum_of, STEP, STEP, -torch.inf))
        x = self.dropout1(self.relu1(self.bn1(self.conv1(_same(x, KERNEL, 1, 0.0)))))
        sum_of = self.conv2(_same(x, KERNEL, STEP, 0.0)) + beside
        return self.dropout2(self.relu2(self.bn2(sum_of))), sum_of


def _same(
    x: Float[Tensor, "batch channel time"], kernel: int, stride: int, value: float
) -> Float[Tensor, "batch channel more"]:
    """Padded as Keras does for "same": ⌈time / stride⌉ windows, the odd sample at the end."""
    more = max(0, (ceil(x.shape[2] / stride) - 1) * stride + kernel - x.shape[2])
    return pad(x, (more // 2, more - more // 2), value=value) if more else x


def check_samples(x: Float[Tensor, "batch lead time"], samples: int) -> None:
    """Raise ValueError unless the ECGs have this many samples."""
    if x.shape[2] != samples:
        raise ValueError(
            f"expected {samples} samples, got {x.shape[2]}; the last layer has a weight for each: "
            "crop or pad the ECGs, or train a network with samples= of theirs"
        )
