"""Perturbed copies of one ECG."""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from .steps import Span, fitted

# A step that never comes, for the points that no step hits.
NEVER = torch.iinfo(torch.int64).max


@dataclass(frozen=True)
class Copies:
    """One ECG as it is, then its copies of steps 1, 2, … of each noise field in turn.

    `hit` is the step that hits a point; several points may share one. A copy has the noise of all
    points hit up to its step or, `alone`, of those hit by that very step.
    """

    x: Float[Tensor, "lead time"]
    hit: Int64[Tensor, "lead time"]
    fields: Float[Tensor, "draw lead time"]
    steps: int
    alone: bool = False

    def __len__(self) -> int:
        return 1 + len(self.fields) * self.steps

    def to(self, device: torch.device) -> "Copies":
        """The same copies on a device."""
        x, hit, fields = (one.to(device) for one in (self.x, self.hit, self.fields))
        return replace(self, x=x, hit=hit, fields=fields)

    def draw_and_step(self, rows: slice) -> tuple[Int64[Tensor, " row"], Int64[Tensor, " row"]]:
        """Which noise field each of these has, and up to which step; step 0 is the ECG itself."""
        number = torch.arange(len(self), device=self.x.device)[rows] - 1
        clean = number < 0
        draw, step = number // self.steps, number % self.steps + 1
        return draw.masked_fill(clean, 0), step.masked_fill(clean, 0)

    def full(self, rows: slice) -> Float[Tensor, "row lead time"]:
        """These copies themselves."""
        draw, step = self.draw_and_step(rows)
        return self.x + self.fields[draw] * self._noisy(self.hit, step[:, None, None])

    def windows(self, rows: slice, span: Span) -> Float[Tensor, "row lead width"]:
        """A window of each of these copies."""
        draw, step = self.draw_and_step(rows)
        at = (span.starts[:, None] + torch.arange(span.width))[:, None]
        lead = torch.arange(len(self.x))[None, :, None]
        noisy = self._noisy(self.hit[lead, at], step[:, None, None])
        return self.x[lead, at] + self.fields[draw[:, None, None], lead, at] * noisy

    def _noisy(self, hit: Int64[Tensor, "..."], step: Int64[Tensor, "..."]) -> Bool[Tensor, "..."]:
        return hit == step if self.alone else hit <= step

    def spans(self) -> Span:
        """A window around the points of each step 0, 1, …; all are as wide as the widest needs."""
        time = self.x.shape[1]
        step = self.hit.flatten()
        hits = step <= self.steps
        when = torch.arange(time).expand(len(self.x), -1).flatten()[hits]
        first = torch.full((self.steps + 1,), time).scatter_reduce(0, step[hits], when, "amin")
        last = torch.full((self.steps + 1,), -1).scatter_reduce(0, step[hits], when, "amax")
        return fitted(first, max(1, int((last - first).max()) + 1), time)
