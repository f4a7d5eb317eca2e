"""The experiment with its settings, as a configuration names it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from ...measures import Panel
from ..sanity import Setup
from .axioms import axioms


@dataclass(frozen=True)
class Axioms:
    """See `axioms`; asked of the first network."""

    name: ClassVar[str] = "axioms"
    networks: ClassVar[int] = 1
    permuted: ClassVar[bool] = False
    ecgs: int = 32  # each is explained 4 + copies times
    copies: int = 2  # with noise of 10 µV; over thousands of samples copies hardly differ

    def __post_init__(self) -> None:
        if self.ecgs < 1 or self.copies < 1:
            raise ValueError(
                f"expected at least 1 ECG and 1 copy, got {self.ecgs} and {self.copies}"
            )

    def __call__(
        self, nets: Sequence[nn.Module], setup: Setup, permuted: nn.Module | None
    ) -> Panel:
        """Does each map keep what its definition promises?"""
        return axioms(nets[:1], setup, self.ecgs, self.copies)
