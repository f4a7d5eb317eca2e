"""Maps that were computed elsewhere, as a method beside the others."""

import hashlib
from collections.abc import Mapping
from dataclasses import InitVar, dataclass, field

import torch
from jaxtyping import Float
from torch import Tensor

from ...engine import sample_ids
from ..method import Facts, LacksData, Method


@dataclass(frozen=True)
class GivenMaps(Method):
    """The map of each ECG as it was given; an ECG without one is refused, so that none is invented.

    `of` maps the names that ECGs get from their samples (engine.sample_ids) to their maps; `digest`
    is the hash of these maps.
    """

    of: InitVar[Mapping[str, Float[Tensor, "lead time"]]]
    digest: str = field(init=False, default="")
    declared = Facts(any_network=True)

    def __post_init__(self, of: Mapping[str, Tensor]) -> None:
        object.__setattr__(self, "_maps", dict(of))
        digest = hashlib.sha256()
        for name, each in sorted(of.items()):
            digest.update(name.encode() + each.to(torch.float32).contiguous().numpy().tobytes())
        object.__setattr__(self, "digest", digest.hexdigest()[:16])

    def heatmap(self, net, x, target, context):
        known: dict[str, Tensor] = self._maps  # pyright: ignore[reportAttributeAccessIssue]
        names = sample_ids(x)
        if missing := sum(name not in known for name in names):
            raise LacksData(
                f"expected a given map for each ECG, got none for {missing} of {len(names)}; maps "
                "that were computed elsewhere are known for the ECGs they came with alone"
            )
        return torch.stack([known[name] for name in names]).to(x)
