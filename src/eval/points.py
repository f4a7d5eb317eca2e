"""Which points of an ECG are hit, and by which step."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ..engine import generator

# A step that never comes, for the points that no step hits.
NEVER = torch.iinfo(torch.int64).max


def rank_points(
    heatmap: Float[Tensor, "batch lead time"], steps: int, seed: int, records: Sequence[str]
) -> Int64[Tensor, "batch {steps}"]:
    """The `steps` points of largest |heatmap|, largest first, as lead · T + time; on the CPU.

    Equal values, zeros among them, come in a random order by (seed, record): taken as they lie in
    memory, an empty map would mean "perturb lead I from its beginning". Raises ValueError when the
    heatmap has fewer points than steps or a value that is not finite.
    """
    sizes = heatmap.detach().abs().flatten(1).cpu()
    if steps > sizes.shape[1]:
        raise ValueError(f"expected at most {sizes.shape[1]} steps, one a point; got {steps}")
    if not sizes.isfinite().all():
        raise ValueError("expected a finite heatmap, got NaN or infinity; attribute() gives none")
    shuffled = torch.stack(
        [
            torch.randperm(sizes.shape[1], generator=generator(seed, "ties", record))
            for record in records
        ]
    )
    # A stable sort keeps equal values in the order they were shuffled into.
    order = sizes.gather(1, shuffled).argsort(dim=1, descending=True, stable=True)
    return shuffled.gather(1, order[:, :steps])


def step_of_points(
    order: Int64[Tensor, "batch step"], shape: tuple[int, int]
) -> Int64[Tensor, "batch lead time"]:
    """The step (1, 2, …) that hits each point of a (lead, time) map; NEVER where none does."""
    batch, steps = order.shape
    hit = torch.full((batch, shape[0] * shape[1]), NEVER)
    hit.scatter_(1, order, torch.arange(1, steps + 1).expand(batch, -1))
    return hit.reshape(batch, *shape)
