"""The areas of one target in every universe: one option of every choice of multiverse.yaml."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

RANDOM = "random"


@dataclass(frozen=True, eq=False)
class Universes:
    """Areas of the methods, and of random as the last one, in every universe.

    `at_cutoffs` are those up to every cut-off from 10 to 25, `relative` says where the outcome is
    an error as a share of the true value.
    """

    target: str
    methods: tuple[str, ...]  # without random
    areas: Float[np.ndarray, "universe series"]
    at_cutoffs: Float[np.ndarray, "universe cutoff series"]
    relative: Bool[np.ndarray, " universe"]

    @property
    def own(self) -> Float[np.ndarray, "universe method"]:
        """Areas of the methods alone."""
        return self.areas[:, :-1]

    @property
    def above_random(self) -> Float[np.ndarray, "universe method"]:
        """Areas beyond that of random."""
        return self.own - self.areas[:, -1:]

    def of(self, *names: str) -> list[int]:
        """Columns of these methods. Raises ValueError for one that is not there."""
        missing = [name for name in names if name not in self.methods]
        if missing:
            raise ValueError(f"expected {', '.join(missing)} among the methods, got {self.methods}")
        return [self.methods.index(name) for name in names]

    def dealt(self, order: Sequence[int], rows: Sequence[int]) -> "Universes":
        """These universes, with the areas of the methods given to others in this order."""
        columns = [*order, len(self.methods)]
        return replace(
            self,
            areas=self.areas[rows][:, columns],
            at_cutoffs=self.at_cutoffs[rows][:, :, columns],
            relative=self.relative[rows],
        )

    def winners(self) -> Bool[np.ndarray, "universe method"]:
        """Which methods have the largest area."""
        return self.own == self.own.max(1, keepdims=True)
