"""A convolutional and recurrent network: ATI-CNN as torch_ecg has it."""

from itertools import pairwise

from jaxtyping import Float
from torch import Tensor, nn

KERNEL = 15
WIDTHS = (48, 96, 192, 384, 384)
CONVS = (2, 2, 3, 3, 3)  # of each block
HIDDEN = (128, 32)  # of the two recurrent layers, in each direction
HEAD = 1024


class Crnn(nn.Module):
    """ATI-CNN (Yao 2020) without attention, as the ECG_CRNN of torch_ecg 0.0.31 with its settings.

    14 477 795 parameters for 12 leads and three classes. Five blocks of two or three convolutions,
    each halving the time axis, two bidirectional LSTMs, read at the last sample, where the second's
    backward direction has seen no other, and two linear layers; any input length from 63 samples
    on. torch_ecg trains it at 500 Hz.
    """

    def __init__(self, targets: int = 1, leads: int = 12) -> None:
        super().__init__()
        self.cnn = nn.Sequential()
        for k, (channels, out) in enumerate(pairwise((leads, *WIDTHS))):
            self.cnn.add_module(f"vgg_block_{k + 1}", _block(channels, out, CONVS[k]))
        self.rnn = _Recurrent()
        self.clf = nn.Sequential()
        self.clf.add_module("lin_0", nn.Linear(2 * HIDDEN[1], HEAD))
        self.clf.add_module("act_0", nn.Mish())
        self.clf.add_module("dropout_0", nn.Dropout(0.2))
        self.clf.add_module("lin_1", nn.Linear(HEAD, targets))

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """One row of outputs per ECG."""
        return self.clf(self.rnn(self.cnn(x)))


def _block(channels: int, out: int, convs: int) -> nn.Module:
    block = nn.Sequential()
    for k in range(convs):
        one = nn.Sequential()
        one.add_module("conv1d", nn.Conv1d(channels if k == 0 else out, out, KERNEL, padding=7))
        one.add_module("batch_norm", nn.BatchNorm1d(out))
        one.add_module("relu", nn.ReLU())
        block.add_module(f"cba_{k + 1}", one)
    block.add_module("max_pool", nn.MaxPool1d(3, stride=2))
    return block


class _Recurrent(nn.Module):
    """Two bidirectional LSTMs; both directions at the last sample."""

    def __init__(self) -> None:
        super().__init__()
        self.bidirectional_lstm_1 = nn.LSTM(WIDTHS[-1], HIDDEN[0], bidirectional=True)
        self.dropout_1 = nn.Dropout(0.2)
        self.bidirectional_lstm_2 = nn.LSTM(2 * HIDDEN[0], HIDDEN[1], bidirectional=True)

    def forward(self, x: Float[Tensor, "batch 384 time"]) -> Float[Tensor, "batch 64"]:
        y, _ = self.bidirectional_lstm_1(x.permute(2, 0, 1))
        y, _ = self.bidirectional_lstm_2(self.dropout_1(y))
        return y[-1]
