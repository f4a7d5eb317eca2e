"""The experiments with their settings, as a configuration names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import nn

from ...heatmaps.explained import Setup
from .consistency import consistency
from .finding import Finding
from .similarity import similarity
from .weights import weights


@dataclass(frozen=True)
class Similarity:
    """See `similarity`; asked of the first network."""

    name: ClassVar[str] = "similarity"
    networks: ClassVar[int] = 1
    permuted: bool = True  # one more network is trained, for that floor
    ecgs: int | None = None

    def __call__(
        self, nets: Sequence[nn.Module], setup: Setup, permuted: nn.Module | None
    ) -> Finding:
        """Do the methods agree with each other?"""
        return similarity(nets[0], setup.first(self.ecgs), permuted)


@dataclass(frozen=True)
class Consistency:
    """See `consistency`."""

    name: ClassVar[str] = "consistency"
    networks: ClassVar[int] = 2
    permuted: bool = True
    ecgs: int | None = None

    def __call__(
        self, nets: Sequence[nn.Module], setup: Setup, permuted: nn.Module | None
    ) -> Finding:
        """Does a method find the same in networks that were trained anew?"""
        return consistency(nets, setup.first(self.ecgs), permuted)


@dataclass(frozen=True)
class Weights:
    """See `weights`; asked of the first network."""

    name: ClassVar[str] = "weights"
    networks: ClassVar[int] = 1
    permuted: bool = True
    stages: int = 6  # groups of layers from the output to the input; each costs two sets of maps
    copies: int = 10  # networks with all weights redrawn; 3 for methods dearer than a gradient
    ecgs: int | None = None  # fewer cost less: every one is explained 2 × stages + 1 + copies times

    def __post_init__(self) -> None:
        if self.stages < 1 or self.copies < 1:
            raise ValueError(
                f"expected at least 1 stage and 1 copy, got {self.stages} and {self.copies}"
            )

    def __call__(
        self, nets: Sequence[nn.Module], setup: Setup, permuted: nn.Module | None
    ) -> Finding:
        """Is the map lost when the network loses what it has learned?"""
        return weights(nets[0], setup.first(self.ecgs), permuted, self.stages, self.copies)
