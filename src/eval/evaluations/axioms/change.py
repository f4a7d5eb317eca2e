"""Changed networks and ECGs for the axioms on what must leave a map unchanged."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from ....ecg import INDEPENDENT, LEADS, from_eight
from ....engine import generator

NOISE_UV = 10.0  # largest: what is left of noise in a good median beat
SHIFT_UV = 100.0  # 1 mm on paper
CHEST = [LEADS.index(f"V{number}") for number in range(1, 7)]


class Unshifted(nn.Module):
    """A network behind a first layer that takes a shift of the baseline off again."""

    shift: Tensor

    def __init__(self, net: nn.Module, shift: Float[Tensor, "lead 1"]) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("shift", shift)

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """Output for the ECGs without the shift."""
        return self.net(x - self.shift)


def baseline_shift() -> Float[Tensor, "12 1"]:
    """100 µV in the independent leads, and what follows from it in the others."""
    return torch.from_numpy(from_eight(np.full((len(INDEPENDENT), 1), SHIFT_UV))).float()


def noisy(
    x: Float[Tensor, "ecg lead time"], records: Sequence[str], seed: int, copy: int
) -> Float[Tensor, "ecg lead time"]:
    """Each ECG with noise uniform in ± 10 µV on the independent leads, drawn by its name."""
    shape = (len(INDEPENDENT), x.shape[2])
    drawn = [
        2 * torch.rand(shape, generator=generator(seed, "axioms", record, copy)) - 1
        for record in records
    ]
    return x + torch.from_numpy(from_eight(NOISE_UV * torch.stack(drawn).numpy())).to(x)


def leads_off(records: Sequence[str], seed: int) -> Int[np.ndarray, " ecg"]:
    """The chest lead of each ECG that is to be set to 0, drawn by its name."""
    drawn = [
        int(torch.randint(len(CHEST), (), generator=generator(seed, "lead off", record)))
        for record in records
    ]
    return np.array([CHEST[number] for number in drawn])


def without(
    x: Float[Tensor, "ecg lead time"], leads: Int[np.ndarray, " ecg"]
) -> Float[Tensor, "ecg lead time"]:
    """Each ECG with this lead of it at 0 µV."""
    off = x.clone()
    off[torch.arange(len(x)), torch.from_numpy(leads)] = 0.0
    return off
