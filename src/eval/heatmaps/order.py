"""Points of an ECG that are hit, and the step that hits each."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional

from ...engine import NEVER, generator

# Two sizes this near, as a share of the map's largest, are one. In float32 a point moves by up to
# 5·10⁻⁷ of it with the batch it was computed in (measured on the reference network), so plateaus
# would be ranked by rounding; twenty times that ties 10 of a map's first 200 points at most.
NEAR = 1e-5
# Least relevant first, where a map's small values lie so dense that such gaps would tie most of
# them, a fifth of that: still four times what rounding parts.
NEAR_LEAST = 2e-6


def rank_points(
    heatmap: Float[Tensor, "batch lead time"],
    steps: int,
    seed: int,
    records: Sequence[str],
    order: Literal["morf", "lerf"] = "morf",
) -> Int64[Tensor, "batch {steps}"]:
    """The `steps` points of largest |heatmap|, largest first, as lead · T + time; on the CPU.

    With `order` least they are those of smallest |heatmap|, smallest first. Values that are equal
    but for rounding, zeros among them, come in a random order by (seed, record): taken as they lie
    in memory, an empty map would mean "perturb lead I from its beginning". Raises ValueError when
    the heatmap has fewer points than steps or a value that is not finite.
    """
    sizes = heatmap.detach().abs().flatten(1).cpu()
    points = sizes.shape[1]
    if steps > points:
        raise ValueError(f"expected at most {points} steps, one a point; got {steps}")
    if not sizes.isfinite().all():
        raise ValueError("expected a finite heatmap, got NaN or infinity; attribute() gives none")
    ties = (generator(seed, "ties", record) for record in records)
    shuffled = torch.stack([torch.randperm(points, generator=random) for random in ties])
    level = levels(sizes) if order == "morf" else -levels(sizes, NEAR_LEAST)
    # Points of one level stay in the order they were shuffled into: its place is the key's rest.
    keys = level.gather(1, shuffled) * points + torch.arange(points)
    place = torch.from_numpy(np.sort(keys.numpy(), axis=1)[:, :steps] % points)
    return shuffled.gather(1, place)


def levels(sizes: Float[Tensor, "batch point"], near: float = NEAR) -> Int64[Tensor, "batch point"]:
    """The level of each point: 0 with the largest size, 1 below the first gap, and so on.

    A level ends where the next smaller size is further than `near` times the largest away.
    Rounding to a grid instead would part near values that lie on both sides of a line.
    """
    # numpy's sorts of numbers take a fifth of the time of torch's stable one.
    order = torch.from_numpy(np.argsort(-sizes.numpy(), axis=1))
    falling = sizes.gather(1, order)
    gaps = -falling.diff(dim=1) > near * falling[:, :1]
    level = functional.pad(gaps.cumsum(1), (1, 0))
    return torch.empty_like(level).scatter_(1, order, level)


def step_of_points(
    order: Int64[Tensor, "batch step"], shape: tuple[int, int]
) -> Int64[Tensor, "batch lead time"]:
    """The step (1, 2, …) that hits each point of a (lead, time) map; NEVER where none does."""
    batch, steps = order.shape
    hit = torch.full((batch, shape[0] * shape[1]), NEVER)
    hit.scatter_(1, order, torch.arange(1, steps + 1).expand(batch, -1))
    return hit.reshape(batch, *shape)


def step_of_samples(
    order: Int64[Tensor, "*draw step"], units: Int64[Tensor, " time"], leads: int
) -> Int64[Tensor, "*draw {leads} time"]:
    """The step (1, 2, …) that hits each sample of an ECG; NEVER where none does.

    A step of the `order` hits all samples of a unit in one lead, numbered lead · units + unit.
    """
    each = order.reshape(-1, order.shape[-1])
    hit = step_of_points(each, (leads, int(units.max()) + 1))[..., units]
    return hit.reshape(*order.shape[:-1], *hit.shape[1:])
