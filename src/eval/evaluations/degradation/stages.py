"""Step at which each point is removed; every step removes equally many."""

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ....engine import NEVER
from ...heatmaps.folding import fold
from ...heatmaps.order import rank_points

WINDOW = 16  # samples of one lead (Suh 2022)

Hits = Int64[Tensor, "lead time"]


def window_stages(heatmap: Float[Tensor, "lead time"], seed: int, record: str) -> tuple[Hits, int]:
    """Step of each point when windows go, the largest sum of |map| first; the number of steps.

    A window is 16 samples of one lead. A step takes as many windows as there are leads: the same
    share of an ECG as a step of the article takes of its single lead.
    """
    leads, time = heatmap.shape
    windows = torch.arange(time) // WINDOW
    steps = int(windows.max()) + 1
    order = rank_points(fold(heatmap, windows)[None], leads * steps, seed, [record])[0]
    return staged(order, len(order), steps).reshape(leads, steps)[:, windows], steps


def point_stages(
    heatmap: Float[Tensor, "lead time"], steps: int, positive: bool, seed: int, record: str
) -> Hits:
    """Step of each single point, the largest |map| first; NEVER for points that stay.

    With `positive` they are those of positive relevance alone (Turbé 2023).
    """
    relevance = heatmap.clamp(min=0) if positive else heatmap
    count = int((relevance > 0).sum()) if positive else relevance.numel()
    order = rank_points(relevance[None], relevance.numel(), seed, [record])[0]
    return staged(order, count, steps).reshape(heatmap.shape)


def staged(order: Int64[Tensor, " point"], count: int, steps: int) -> Int64[Tensor, " point"]:
    """The step 1 … steps of each point: the first `count` of the order in equal parts."""
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order))
    step = rank * steps // max(count, 1) + 1
    return torch.where(rank < count, step, NEVER)


def turned(hits: Hits, steps: int) -> Hits:
    """Steps in the reverse order: the last points go first."""
    return torch.where(hits == NEVER, NEVER, steps + 1 - hits)
