"""Net1D with squeeze-and-excitation, the network of ECGFounder."""

from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import pad

KERNEL = 16
WIDTHS = (64, 64, 160, 160, 400, 400, 1024, 1024)  # of the stem and of each stage
BLOCKS = (2, 2, 2, 3, 3, 4, 4)
GROUP = 16  # channels that a middle convolution mixes


class Net1d(nn.Module):
    """Net1D (Hong 2020) with the settings of ECGFounder (Li 2025), as in their code.

    30 819 014 parameters for 12 leads and 150 statements. A convolution and 20 bottleneck blocks in
    seven stages, each of which halves the time axis; a block weighs its channels by their means
    over time. Any input length. ECGFounder computes without its BatchNorms, which its files hold
    nevertheless; `batch_norm` uses them. Its weights want 5000 samples at 500 Hz, 0.67–40 Hz,
    z-scored over all leads, in the order of ecg.LEADS (the authors' own files have aVF before
    aVL), and give logits.
    """

    def __init__(self, targets: int = 150, leads: int = 12, batch_norm: bool = False) -> None:
        super().__init__()
        self.first_conv = _Same(leads, WIDTHS[0], KERNEL, stride=2)
        self.first_bn = _norm(WIDTHS[0], batch_norm)
        self.first_activation = nn.SiLU()
        self.stage_list = nn.ModuleList(
            _Stage(widths, blocks, batch_norm, first=k == 0)
            for k, (widths, blocks) in enumerate(zip(pairwise(WIDTHS), BLOCKS, strict=True))
        )
        self.dense = nn.Linear(WIDTHS[-1], targets)
        self.batch_norm = batch_norm

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """One row of outputs per ECG."""
        x = self.first_conv(x)
        x = self.first_activation(self.first_bn(x) if self.batch_norm else x)
        for stage in self.stage_list:
            x = stage(x)
        return self.dense(x.mean(-1))


class _Stage(nn.Module):
    """Blocks of one width, the first of which halves the time axis."""

    def __init__(self, widths: tuple[int, int], blocks: int, batch_norm: bool, first: bool) -> None:
        super().__init__()
        channels, out = widths
        self.block_list = nn.ModuleList(
            _Block(out if k else channels, out, batch_norm, halve=k == 0, first=first and k == 0)
            for k in range(blocks)
        )

    def forward(self, x: Float[Tensor, "batch in time"]) -> Float[Tensor, "batch out half"]:
        for block in self.block_list:
            x = block(x)
        return x


class _Block(nn.Module):
    """Three convolutions, weighed by channel, plus the input with channels of zeros around it."""

    def __init__(self, channels: int, out: int, batch_norm: bool, halve: bool, first: bool) -> None:
        super().__init__()
        self.bn1 = _norm(channels, batch_norm and not first)
        self.activation1 = nn.SiLU()
        self.conv1 = _Same(channels, out, 1)
        self.bn2 = _norm(out, batch_norm)
        self.activation2 = nn.SiLU()
        self.conv2 = _Same(out, out, KERNEL, stride=2 if halve else 1, groups=out // GROUP)
        self.bn3 = _norm(out, batch_norm)
        self.activation3 = nn.SiLU()
        self.conv3 = _Same(out, out, 1)
        self.se_fc1 = nn.Linear(out, out // 2)
        self.se_activation = nn.SiLU()
        self.se_fc2 = nn.Linear(out // 2, out)
        self.se_gate = nn.Sigmoid()
        self.max_pool = nn.MaxPool1d(2) if halve else None
        self.batch_norm, self.first = batch_norm, first
        self.more = (out - channels) // 2, out - channels - (out - channels) // 2

    def forward(self, x: Float[Tensor, "batch in time"]) -> Float[Tensor, "batch out half"]:
        y = x
        if not self.first:
            y = self.activation1(self.bn1(y) if self.batch_norm else y)
        y = self.conv1(y)
        y = self.conv2(self.activation2(self.bn2(y) if self.batch_norm else y))
        y = self.conv3(self.activation3(self.bn3(y) if self.batch_norm else y))
        weight = self.se_gate(self.se_fc2(self.se_activation(self.se_fc1(y.mean(-1)))))
        # The last sample of an odd number is compared with 0, as in the authors' code.
        beside = x if self.max_pool is None else self.max_pool(pad(x, (0, 1)))
        return y * weight[:, :, None] + pad(beside, (0, 0, *self.more))


class _Same(nn.Module):
    """Convolution with ⌈time / stride⌉ outputs, the odd sample of padding at the end."""

    def __init__(
        self, channels: int, out: int, kernel: int, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv1d(channels, out, kernel, stride, groups=groups)
        self.kernel, self.stride = kernel, stride

    def forward(self, x: Float[Tensor, "batch in time"]) -> Float[Tensor, "batch out less"]:
        windows = -(-x.shape[-1] // self.stride)
        more = max(0, (windows - 1) * self.stride + self.kernel - x.shape[-1])
        return self.conv(pad(x, (more // 2, more - more // 2)))


def _norm(channels: int, used: bool) -> nn.BatchNorm1d:
    # One that is not used is not fitted: training on several devices waits for every gradient.
    return nn.BatchNorm1d(channels).requires_grad_(used)
