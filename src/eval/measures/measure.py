"""Measure of a heatmap: its name, meaning and direction."""

import re
from dataclasses import dataclass
from typing import Literal

# Faithfulness: what the network uses. Plausibility: where a cardiologist looks. Never averaged.
About = Literal["faithfulness", "plausibility", "robustness", "description"]


@dataclass(frozen=True)
class Measure:
    """One number per ECG and method.

    `name` is that of its files and columns, `label` its printed name, `explained` one sentence for
    a reader who does not know it. `higher_is_better` is None where no value is better. `unit` is
    "" for a share or a coefficient. `chance` is what a random map gets, where it is known.
    Raises ValueError for a name that is no file name.
    """

    name: str
    label: str
    unit: str
    higher_is_better: bool | None
    about: About
    source: str
    explained: str
    chance: float | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9_]+", self.name):
            raise ValueError(
                f"expected a measure's name of a–z, 0–9 and _ alone, got {self.name!r}"
            )
