"""The networks of an evaluation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from torch import nn

from ..models import network_key


@dataclass(frozen=True, eq=False)
class Networks:
    """Networks that read the same target and differ only in their seed.

    `permuted` was trained on permuted labels, None where there is none. `facts` (plain JSON) has
    an entry for each network: its settings and how well it reads its target; empty where nothing
    is known. Raises ValueError for no network, or another number of facts.
    """

    nets: Sequence[nn.Module]
    permuted: nn.Module | None = None
    facts: Sequence[Mapping[str, Any]] = field(default=())

    def __post_init__(self) -> None:
        facts = tuple(self.facts or [{} for _ in self.nets])
        if not self.nets or len(facts) != len(self.nets):
            raise ValueError(
                f"expected at least one network and facts for each, got {len(self.nets)} networks "
                f"and {len(facts)} facts"
            )
        object.__setattr__(self, "nets", tuple(self.nets))
        object.__setattr__(self, "facts", facts)

    def __len__(self) -> int:
        return len(self.nets)

    def first(self) -> "Networks":
        """The first network and the one trained on permuted labels."""
        return Networks(self.nets[:1], self.permuted, self.facts[:1])

    def keys(self, shape: tuple[int, int]) -> tuple[str, ...]:
        """The key of each network for ECGs of this shape (models.network_key)."""
        return tuple(network_key(net, shape) for net in self.nets)
