"""Networks set by hand, whose gains are known on exact ECGs.

An exact ECG is a sum of raised cosines that are zero outside their support: lead II without a
neighbouring beat has its P wave alone before QRS, so a first moment of the signal is the place of
P, and the level of V5 at one sample is an amplitude. Labels are read by differentiable rules.
"""

import torch
from ecglens.ecg import R_INDEX, V5
from jaxtyping import Float
from torch import Tensor, nn

LEAD_II = 1
LEADS_OF_P = (1, 9, 10)  # II, V4, V5
MS = 2.0
# Samples between which only P lies in exact sinus beats at PR ≤ 250 ms.
BEFORE_P, BEFORE_QRS = 60, R_INDEX - 35


class Reads(nn.Module):
    """A reading of ECGs (batch, 12, 600) by a rule, (batch, 1)."""

    def __init__(self, rule) -> None:
        super().__init__()
        self.rule = rule
        self.eval()

    def forward(self, x: Float[Tensor, "batch 12 time"]) -> Float[Tensor, "batch 1"]:
        return self.rule(x)[:, None]


def place_of_p(x: Float[Tensor, "batch 12 time"], lead: int = LEAD_II) -> Float[Tensor, " batch"]:
    """Time (ms) from the centre of P to the R peak: PR ± what the ECG's own QRS and P add."""
    p = x[:, lead, BEFORE_P:BEFORE_QRS]
    at = torch.arange(BEFORE_P, BEFORE_QRS)
    return (R_INDEX - (p * at).sum(1) / p.sum(1)) * MS


def height(x: Float[Tensor, "batch 12 time"]) -> Float[Tensor, " batch"]:
    """µV of V5 at the R peak."""
    return x[:, V5, R_INDEX]
