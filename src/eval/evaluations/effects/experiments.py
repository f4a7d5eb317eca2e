"""The experiments with their settings, as a configuration names them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from ...measures import Panel
from ..sanity import Setup
from .by_wave import check_patients, effects
from .counterfactuals import counterfactuals
from .pairs import pairs


@dataclass(frozen=True)
class Effects:
    """See `effects`; asked of the first network."""

    name: ClassVar[str] = "effects"
    networks: ClassVar[int] = 1
    permuted: ClassVar[bool] = False
    ecgs: ClassVar[int | None] = None
    donors: int = 5  # other ECGs that each wave is swapped with; 65 predictions each

    def __post_init__(self) -> None:
        if self.donors < 1:
            raise ValueError(f"expected at least 1 donor, got {self.donors}")

    def check(self, setup: Callable[[], Setup]) -> None:
        """NotApplicable for ECGs of one patient."""
        check_patients(setup())

    def __call__(
        self, nets: Sequence[nn.Module], setup: Setup, permuted: nn.Module | None
    ) -> Panel:
        """Does relevance by wave say how far the output moves when it is swapped?"""
        return effects(nets[:1], setup, self.donors)


@dataclass(frozen=True)
class Counterfactuals:
    """See `counterfactuals`; asked of the first network."""

    name: ClassVar[str] = "counterfactuals"
    networks: ClassVar[int] = 1
    permuted: ClassVar[bool] = False
    ecgs: int = 32  # each has six pairs; each pair costs every method's map

    def __post_init__(self) -> None:
        if self.ecgs < 1:
            raise ValueError(f"expected at least 1 ECG to change, got {self.ecgs}")

    def check(self, setup: Callable[[], Setup]) -> None:
        """NotApplicable for an ECG that is not exact, the first one as for all."""
        pairs(setup().first(1).ecgs, 0)

    def __call__(
        self, nets: Sequence[nn.Module], setup: Setup, permuted: nn.Module | None
    ) -> Panel:
        """Does the map say how the output moves when one label of an exact ECG is changed?"""
        return counterfactuals(nets[:1], setup, self.ecgs)
