"""Networks with one planted fault each, all of which run and give a map without an error."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from .networks import LEADS, TIME, Linear, Residual


class Before(Residual):
    """A residual network behind a change of its input; a subclass changes its input or output."""

    def before(self, x: Tensor) -> Tensor:
        return x

    def after(self, y: Tensor, x: Tensor) -> Tensor:
        return y

    def forward(self, x: Tensor) -> Tensor:
        return self.after(super().forward(self.before(x)), x)


class ByTheBatch(Before):
    """BatchNorm without running statistics: in evaluation mode it takes those of the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm1d(6, track_running_stats=False)


class Dropping(Before):
    def before(self, x: Tensor) -> Tensor:
        return functional.dropout(x, 0.1)  # training=True whatever the mode


LABELS = torch.linspace(-30, 30, 64)


class WithLabels(Before):
    """Adds the label of the ECG, by its place in the table that was read last."""

    def after(self, y: Tensor, x: Tensor) -> Tensor:
        return y + LABELS[: len(y), None]


class Remembering(Before):
    """An LSTM-like state that is not reset: the last ECG counts in the next."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("state", torch.zeros(1, 2))

    def after(self, y: Tensor, x: Tensor) -> Tensor:
        found = y + 0.5 * self.state
        self.state = y[-1:].detach()
        return found


class Dead(Before):
    def after(self, y: Tensor, x: Tensor) -> Tensor:
        return functional.relu(y - 1e6)


class Reversed(torch.autograd.Function):
    """The identity with the gradient's sign reversed, as of adversarial training (Ganin 2016)."""

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, *gradients):
        return -gradients[0]


class GradientReversal(Before):
    def after(self, y: Tensor, x: Tensor) -> Tensor:
        return Reversed.apply(y)


class StraightThrough(Before):
    def after(self, y: Tensor, x: Tensor) -> Tensor:
        return y + (y.div(5).round() * 5 - y).detach()


class GateDetached(Before):
    """Squeeze and excitation, the gate of which is computed without a gradient.

    Slopes are wrong by 7 to 17 %. A gate that is nearly open, with slopes wrong by less than the
    10 % of the gradient check, is not found.
    """

    def rectify2(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            gate = (x.square().mean(-1, keepdim=True) / 50).sigmoid()
        return super().rectify2(x) * gate


class ThroughNumpy(Before):
    """Half of the output comes from a feature that was computed in numpy."""

    def after(self, y: Tensor, x: Tensor) -> Tensor:
        height = x.detach().numpy().max(-1).mean(-1, keepdims=True)
        return y + 10 * torch.from_numpy(height)


class Table(Before):
    """Reads a value from a table by the size of the ECG as a whole number."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(64, 2)

    def after(self, y: Tensor, x: Tensor) -> Tensor:
        return y + 50 * self.table(x.abs().mean((1, 2)).mul(4).long().clamp(max=63))


class LiveZScore(Before):
    def before(self, x: Tensor) -> Tensor:
        return (x - x.mean((1, 2), keepdim=True)) / (x.std((1, 2), keepdim=True) + 1e-6)


class LeadMean(Before):
    """Takes the mean of each lead away, so that it does not see an offset."""

    def before(self, x: Tensor) -> Tensor:
        return x - x.mean(-1, keepdim=True)


class Probability(Before):
    def after(self, y: Tensor, x: Tensor) -> Tensor:
        return 1 - y.sigmoid()


class TwoLeads(Before):
    """Reads II and V5 of twelve, without saying so."""

    def before(self, x: Tensor) -> Tensor:
        read = torch.zeros(LEADS, 1)
        read[[1, 10]] = 1
        return x[:, [1, 10]].new_zeros(x.shape) + x * read


class HalfInside(Before):
    def before(self, x: Tensor) -> Tensor:
        return x.to(torch.bfloat16).float()


class PooledFirst(Before):
    """Pools the ECG itself, in the flat parts of which all samples are equal."""

    def before(self, x: Tensor) -> Tensor:
        return functional.max_pool1d(x, 4)


class Clamped(Before):
    def after(self, y: Tensor, x: Tensor) -> Tensor:
        return y.clamp(-20, 20)


class MeanOverLength(Before):
    """Divides by the number of samples that are not 0, which at 0 µV is 0."""

    def after(self, y: Tensor, x: Tensor) -> Tensor:
        length = (x != 0).any(1).sum(-1, keepdim=True)
        return y * TIME / length


class NearlyConstant(Before):
    """160 ms and a last layer that was never trained."""

    def after(self, y: Tensor, x: Tensor) -> Tensor:
        return 160 + 1e-7 * y


class SelfGate(Before):
    def rectify2(self, x: Tensor) -> Tensor:
        return x * x.sigmoid()


class OwnLeaky(Before):
    def rectify2(self, x: Tensor) -> Tensor:
        return torch.where(x > 0, x, 0.1 * x)


class Product(Before):
    """A product of two values of the ECG, neither of which is a gate."""

    def rectify2(self, x: Tensor) -> Tensor:
        return super().rectify2(x) * torch.tanh(x)


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(LEADS, 5, batch_first=True)
        self.head = nn.Linear(5, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.lstm(x.transpose(1, 2))[0].mean(1))


class LeadsOneByOne(Linear):
    """Convolutions over each lead alone, as rows of one batch."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 5, padding=2)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(self.conv(x.flatten(0, 1)[:, None]).view_as(x))
