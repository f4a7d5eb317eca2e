"""The residual network of Lima et al. 2021 for the age of a patient."""

from jaxtyping import Float
from torch import Tensor, nn

from .ribeiro import CHANNELS, STEP, check_samples

KERNEL = 17
DROPOUT = 0.8  # as published, the share that is dropped


class AgeResNet(nn.Module):
    """Network of Lima 2021 as in their code: 6 924 705 parameters for 4096 samples, one target.

    That of Ribeiro 2020 with odd kernels, a block without a stride before the four others, and no
    ReLU after the first BatchNorm. Its published weights want 4096 samples at 400 Hz, in units of
    100 µV, leads in the order of ecg.LEADS, and give years.
    """

    def __init__(self, targets: int = 1, leads: int = 12, samples: int = 4096) -> None:
        """ValueError for a number of samples that the two ways through a block round unequally."""
        super().__init__()
        self.samples = samples
        self.conv1 = nn.Conv1d(leads, CHANNELS[0], KERNEL, padding=KERNEL // 2, bias=False)
        self.bn1 = nn.BatchNorm1d(CHANNELS[0])
        self.resblock1d_0 = _Block(CHANNELS[0], CHANNELS[0], 1)
        left = samples
        for k in range(1, 5):
            self.add_module(f"resblock1d_{k}", _Block(CHANNELS[k - 1], CHANNELS[k], STEP))
            if left % STEP == STEP - 1 or left < STEP:
                raise ValueError(
                    f"expected samples that a quarter can be taken of four times, got {samples}; "
                    f"take a multiple of {STEP**4}, 4096 as published"
                )
            left //= STEP
        self.lin = nn.Linear(CHANNELS[-1] * left, targets)

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """One row of outputs per ECG; ValueError for another number of samples."""
        check_samples(x, self.samples)
        x = sum_of = self.bn1(self.conv1(x))
        for k in range(5):
            x, sum_of = self.get_submodule(f"resblock1d_{k}")(x, sum_of)
        return self.lin(x.flatten(1))


class _Block(nn.Module):
    """Two convolutions, and beside them a maximum; added before the last BatchNorm and ReLU."""

    def __init__(self, channels: int, out: int, step: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(channels, out, KERNEL, padding=KERNEL // 2, bias=False)
        self.bn1 = nn.BatchNorm1d(out)
        self.relu1 = nn.ReLU()
        self.dropout1 = nn.Dropout(DROPOUT)
        padding = (KERNEL - step + 1) // 2
        self.conv2 = nn.Conv1d(out, out, KERNEL, stride=step, padding=padding, bias=False)
        self.bn2 = nn.BatchNorm1d(out)
        self.relu2 = nn.ReLU()
        self.dropout2 = nn.Dropout(DROPOUT)
        beside = (nn.MaxPool1d(step), nn.Conv1d(channels, out, 1, bias=False)) if step > 1 else ()
        self.skip_connection = nn.Sequential(*beside)

    def forward(
        self, x: Float[Tensor, "batch in time"], sum_of: Float[Tensor, "batch in time"]
    ) -> tuple[Float[Tensor, "batch out less"], Float[Tensor, "batch out less"]]:
        """Features, and the sum before the last BatchNorm, which the next block adds."""
        x = self.dropout1(self.relu1(self.bn1(self.conv1(x))))
        sum_of = self.conv2(x) + self.skip_connection(sum_of)
        return self.dropout2(self.relu2(self.bn2(sum_of))), sum_of
