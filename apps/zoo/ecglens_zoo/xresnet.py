"""The xresnet1d101 of Strodthoff et al. 2021, the strongest network of their PTB-XL benchmark."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

KERNEL = 5
STEM = (32, 32, 64)
NARROW, WIDE = 64, 256  # channels within a block and at its ends
BLOCKS = (3, 4, 23, 3)
HIDDEN = 128  # of the head


class XResNet1d101(nn.Sequential):
    """Network of Strodthoff 2021 as in their code, without fastai: 1 872 261 parameters, 5 classes.

    Three convolutions, 33 bottleneck blocks in four stages (He 2019), maximum and mean over time,
    and two linear layers; any input length. The published weights want 250 samples at 100 Hz in
    mV, standardised, and give logits; a strip is the largest of its windows. `targets` is 71 for
    all statements of PTB-XL.
    """

    def __init__(self, targets: int = 5, leads: int = 12) -> None:
        sizes = (leads, *STEM)
        stem = [_conv(sizes[k], sizes[k + 1], KERNEL, 2 if k == 0 else 1) for k in range(3)]
        stages = [
            nn.Sequential(
                *(
                    _Block(
                        NARROW if stage == block == 0 else WIDE,
                        2 if stage > 0 and block == 0 else 1,
                    )
                    for block in range(blocks)
                )
            )
            for stage, blocks in enumerate(BLOCKS)
        ]
        super().__init__(*stem, nn.MaxPool1d(3, 2, 1), *stages, _head(targets))

    def forward(self, input: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """One row of outputs per ECG."""
        return super().forward(input)


def _conv(channels: int, out: int, kernel: int, stride: int = 1, relu: bool = True) -> nn.Module:
    conv = nn.Conv1d(channels, out, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm1d(out), *([nn.ReLU()] if relu else []))


class _Block(nn.Module):
    """Narrow, wide and narrow convolution, plus the input; a mean of pairs where time is halved."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.convs = nn.Sequential(
            _conv(channels, NARROW, 1),
            _conv(NARROW, NARROW, KERNEL, stride),
            _conv(NARROW, WIDE, 1, relu=False),
        )
        # Published files hold the weights of `convs` under this name too.
        self.convpath = nn.Sequential(self.convs)
        means = [nn.AvgPool1d(2, ceil_mode=True)] if stride > 1 else []
        wider = [_conv(channels, WIDE, 1, relu=False)] if channels != WIDE else []
        self.idpath = nn.Sequential(*means, *wider)
        self.act = nn.ReLU()

    def forward(self, x: Float[Tensor, "batch in time"]) -> Float[Tensor, "batch 256 less"]:
        return self.act(self.convpath(x) + self.idpath(x))


def _head(targets: int) -> nn.Module:
    return nn.Sequential(
        _MaxAndMean(),
        nn.Flatten(),
        nn.BatchNorm1d(2 * WIDE),
        nn.Dropout(0.25),
        nn.Linear(2 * WIDE, HIDDEN),
        nn.ReLU(),
        nn.BatchNorm1d(HIDDEN),
        nn.Dropout(0.5),
        nn.Linear(HIDDEN, targets),
    )


class _MaxAndMean(nn.Module):
    """Maximum over time of each channel, then its mean."""

    def __init__(self) -> None:
        super().__init__()
        self.ap, self.mp = nn.AdaptiveAvgPool1d(1), nn.AdaptiveMaxPool1d(1)

    def forward(self, x: Float[Tensor, "batch channel time"]) -> Float[Tensor, "batch twice 1"]:
        return torch.cat([self.mp(x), self.ap(x)], 1)
