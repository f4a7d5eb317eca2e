"""The settings of a perturbation experiment: the house rules and those of Storås 2025."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Protocol:
    """How points are perturbed and how the outcome is read; PROTOCOL names say whose rules.

    `outcome` is the change of the prediction |f(x_k) − f(x)| in the target's unit (faithfulness
    to the network), or the relative error |f(x_k) − y| / y against the true value (Storås 2025).
    """

    name: str = "house"
    steps: int = 25  # the AUC needs 15 and its check cut-offs up to 25
    draws: int = 5  # one draw's SD within an ECG equals the SD between ECGs
    noise: float = 0.2  # SD as a share of max − min of the clean input (Storås 2025)
    noise_scope: Literal["sample", "lead"] = "sample"
    until: int = 15  # the AUC runs over the indices 0…15 (Storås 2025)
    cutoffs: tuple[int, int] = (10, 25)  # the order must hold for every cut-off between these
    outcome: Literal["change", "relative_error"] = "change"


HOUSE = Protocol()
# 199 perturbations make the 200 points of the published curve; one noise draw.
STORAS2025 = Protocol(name="storas2025", steps=199, draws=1, outcome="relative_error")
