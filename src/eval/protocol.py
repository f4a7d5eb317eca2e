"""The settings of a perturbation experiment: the house rules and those of Storås 2025."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Protocol:
    """How points are perturbed and how the outcome is read; `name` says whose rules.

    `outcome` is the change of the prediction |f(x_k) − f(x)| in the target's unit (faithfulness
    to the network), or the relative error |f(x_k) − y| / y against the true value (Storås 2025).
    `whole_labels` rounds the true value to the nearest integer first, as the published code has it.
    `folded` steps hit the same point of every beat of a strip; it changes nothing on median beats.
    Raises ValueError for numbers that contradict each other.
    """

    name: str = "house"
    steps: int = 25  # the AUC needs 15 and its check cut-offs up to 25
    draws: int = 5  # one draw's SD within an ECG equals the SD between ECGs
    noise: float = 0.2  # SD as a share of max − min of the clean input (Storås 2025)
    noise_scope: Literal["sample", "lead"] = "sample"
    until: int = 15  # the AUC runs over the indices 0…15 (Storås 2025)
    cutoffs: Sequence[int] = (10, 25)  # the order must hold for every cut-off between these
    outcome: Literal["change", "relative_error"] = "change"
    whole_labels: bool = False  # a measured label is real; only the published code has integers
    folded: bool = True  # 15 of a strip's 60 000 points would hardly be noticed

    def __post_init__(self) -> None:
        first, last = self.cutoffs
        # A tuple even from a configuration's list, so that equal protocols compare equal.
        object.__setattr__(self, "cutoffs", (first, last))
        if not 1 <= first <= self.until <= last <= self.steps:
            raise ValueError(
                "expected 1 ≤ first cut-off ≤ until ≤ last cut-off ≤ steps, "
                f"got {first}, {self.until}, {last}, {self.steps}"
            )
        if self.draws < 1 or not self.noise > 0:
            raise ValueError(
                f"expected at least 1 draw and noise above 0, got {self.draws} and {self.noise}"
            )
        if self.noise_scope not in ("sample", "lead"):
            raise ValueError(f"expected noise_scope sample or lead, got {self.noise_scope!r}")
        if self.outcome not in ("change", "relative_error"):
            raise ValueError(f"expected outcome change or relative_error, got {self.outcome!r}")


HOUSE = Protocol()
# 199 perturbations make the 200 points of the published curve; one noise draw; labels in whole ms
# or µV; single points.
STORAS2025 = Protocol(
    name="storas2025",
    steps=199,
    draws=1,
    outcome="relative_error",
    whole_labels=True,
    folded=False,
)
