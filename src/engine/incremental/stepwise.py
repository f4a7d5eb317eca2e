"""Predictions for perturbed copies of one ECG, window by window."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Float64, Int64
from torch import Tensor
from torch.nn.functional import pad

from ..black_box import fitting
from .graph import Network
from .steps import INPUT, Local, Mean, Pointwise, Span, Whole, fitted, whole

Windows = Float[Tensor, "row channel width"]  # one in each row
# Step of the points that no step hits.
NEVER = torch.iinfo(torch.int64).max


@dataclass(frozen=True)
class Copies:
    """One ECG as it is, followed by its copies of steps 1, 2, … of each noise field in turn.

    `hit` is the step that hits a point, in every draw or in each; several points may share one. A
    copy has the noise of all points hit up to its step or, if `alone`, of those hit by its own.
    """

    x: Float[Tensor, "lead time"]
    hit: Int64[Tensor, "*draw lead time"]
    fields: Float[Tensor, "draw lead time"]
    steps: int
    alone: bool = False

    def __len__(self) -> int:
        return 1 + len(self.fields) * self.steps

    def to(self, device: torch.device) -> "Copies":
        given = (self.x, self.hit, self.fields)
        x, hit, fields = (one.to(device, non_blocking=device.type != "cpu") for one in given)
        return replace(self, x=x, hit=hit, fields=fields)

    def draw_and_step(self, rows: slice) -> tuple[Int64[Tensor, " row"], Int64[Tensor, " row"]]:
        """Noise field and latest step of each of these rows; step 0 is the ECG itself."""
        number = torch.arange(len(self), device=self.x.device)[rows] - 1
        clean = number < 0
        draw, step = number // self.steps, number % self.steps + 1
        return draw.masked_fill(clean, 0), step.masked_fill(clean, 0)

    def full(self, rows: slice) -> Float[Tensor, "row lead time"]:
        draw, step = self.draw_and_step(rows)
        hit = self.hit[draw] if self.hit.ndim > self.x.ndim else self.hit
        copies = self.fields[draw]  # a copy for each row, which takes the rest in place
        copies *= self._noisy(hit, step[:, None, None])
        copies += self.x
        return copies

    def windows(self, rows: slice, span: Span) -> Float[Tensor, "row lead width"]:
        """A window of each of these copies."""
        draw, step = self.draw_and_step(rows)
        at = (span.starts[:, None] + torch.arange(span.width))[:, None]
        lead = torch.arange(len(self.x))[None, :, None]
        hit = self._orders[self._order(draw)[:, None, None], lead, at]
        noisy = self._noisy(hit, step[:, None, None])
        return self.x[lead, at] + self.fields[draw[:, None, None], lead, at] * noisy

    def _noisy(self, hit: Int64[Tensor, "..."], step: Int64[Tensor, "..."]) -> Bool[Tensor, "..."]:
        return hit == step if self.alone else hit <= step

    def spans(self, rows: slice) -> Span:
        """A window around the points of each row's step; all are as wide as the widest needs."""
        draw, step = self.draw_and_step(rows)
        starts, width = self._windows
        return Span(starts[self._order(draw) * (self.steps + 1) + step], width)

    @cached_property
    def _windows(self) -> Span:
        """Window of each step 0, 1, … of each order in turn."""
        time, orders = self.x.shape[1], len(self._orders)
        step = self._orders.flatten()
        hits = step <= self.steps
        number = torch.arange(orders).repeat_interleave(self.x.numel())[hits] * (self.steps + 1)
        number += step[hits]
        when = torch.arange(time).repeat(orders * len(self.x))[hits]
        none = torch.full((orders * (self.steps + 1),), time)
        first = none.scatter_reduce(0, number, when, "amin")
        last = torch.full_like(none, -1).scatter_reduce(0, number, when, "amax")
        return fitted(first, max(1, int((last - first).max()) + 1), time)

    @cached_property
    def _orders(self) -> Int64[Tensor, "order lead time"]:
        return self.hit.reshape(-1, *self.x.shape)

    def _order(self, draw: Int64[Tensor, " row"]) -> Int64[Tensor, " row"]:
        """Place of each draw's order among `_orders`."""
        return draw if self.hit.ndim > self.x.ndim else torch.zeros_like(draw)


class Reading(NamedTuple):
    """A window that a later step reads in each row, after or before the row's change."""

    span: Span
    before: bool = False


class Carried:
    """One signal whose rows differ from one another in windows only.

    The first row of a curve starts from the clean signal, and every other from the row before.
    """

    def __init__(
        self, clean: Float[Tensor, "channel time"], left: int, right: int, fill: float = 0.0
    ) -> None:
        """`left` and `right` are how many samples of `fill` beyond the signal may be read."""
        # NumPy takes a window in a fifth of the time that torch takes.
        self._clean = _widened(pad(clean, (left, right), value=fill)).numpy()
        self._latest = self._clean.copy()
        self._left = left
        self._touched = (clean.shape[1], 0)  # none

    def advance(
        self, values: Windows, span: Span, fresh: Sequence[bool], readings: Sequence[Reading]
    ) -> list[Float[Tensor, "row channel _"]]:
        """Windows that are read, after each row's window was written in turn.

        `fresh` is true in the first row of each curve.
        """
        rows, channels, width = values.shape
        kind, values = values.dtype, _widened(values)
        windows = [values.new_empty(rows, channels, reading.span.width) for reading in readings]
        wanted = [
            (reading.before, reading.span.width, (reading.span.starts + self._left).tolist(), out)
            for reading, out in zip(readings, (out.numpy() for out in windows), strict=True)
        ]
        starts = (span.starts + self._left).tolist()
        low, high = self._touched
        # Row by row, because a row may read what any row before it wrote.
        for row, (start, new) in enumerate(zip(starts, values.numpy(), strict=True)):
            if fresh[row]:
                self._latest[:, low:high] = self._clean[:, low:high]
                low, high = start, 0
            changed = self._latest[:, start : start + width]
            for before, length, at, out in wanted:
                if before:
                    out[row] = self._latest[:, at[row] : at[row] + length]
            changed[:] = new
            low, high = min(low, start), max(high, start + width)
            for before, length, at, out in wanted:
                if not before:
                    out[row] = self._latest[:, at[row] : at[row] + length]
        self._touched = (low, high)
        return [window.to(kind) for window in windows]


def _widened(values: Tensor) -> Tensor:
    """The same values in a type that NumPy has: within autocast they may be bfloat16."""
    return values.float() if values.dtype == torch.bfloat16 else values


@torch.no_grad()
def follow(network: Network, copies: Copies) -> Float64[Tensor, "copy target"]:
    """Outputs for the ECG and its copies; each layer recomputes the window that can have changed.

    They equal those of passes over whole copies within rounding; means over time are summed in
    float64.
    """
    signals = _Signals(network, copies.x)
    outputs = []
    size = fitting(network.rows)
    for first in range(0, len(copies), size):
        rows = slice(first, min(first + size, len(copies)))
        _, step = copies.draw_and_step(rows)
        span = copies.spans(rows)
        fresh = [copies.alone or one <= 1 for one in step.tolist()]
        found = signals.advance(copies.windows(rows, span), span, fresh)
        if signals.missed:
            network.carried.update(signals.missed)
            return follow(network, copies)  # once more, with these up to date
        filled = {name: _as_many(value, network.rows) for name, value in found.items()}
        outputs.append(network.readout(filled)[: len(step)].double())
    return torch.cat(outputs)


def _as_many(
    value: Float[Tensor, "row channel *_"], rows: int
) -> Float[Tensor, "{rows} channel *_"]:
    """These rows, with the last one repeated until there are `rows`."""
    missing = rows - len(value)
    return torch.cat([value, value[-1:].expand(missing, *value.shape[1:])]) if missing else value


class _Signals:
    """Signals inside a network, as the latest copy left them."""

    def __init__(self, network: Network, x: Float[Tensor, "lead time"]) -> None:
        self._steps, self._always = network.steps, network.carried
        # Signals that hold an older copy than the latest, and those that were read all the same.
        self._older, self.missed = set[tuple[str, float]](), set[tuple[str, float]]()
        self._readers: dict[str, list[str]] = defaultdict(list)
        for name, step in self._steps.items():
            for source in dict.fromkeys(step.sources):
                self._readers[source].append(name)
        self._times = {name: step.time for name, step in self._steps.items()}
        self._times[INPUT] = x.shape[1]
        self._cleaned = {INPUT: x}
        # By signal and by what stands beyond its ends.
        self._carried: dict[tuple[str, float], Carried] = {}
        self._latest_sums: dict[str, Float64[Tensor, " channel"]] = {}

    def _clean(self, wanted: str) -> Float[Tensor, "channel time"]:
        """Signal of the ECG itself; not computed where every step reaches all of it."""
        for name, step in self._steps.items():
            if wanted in self._cleaned:
                break
            if name not in self._cleaned and isinstance(step, Local | Pointwise):
                parts = [self._cleaned[source][None] for source in step.sources]
                self._cleaned[name] = step(parts, whole(1, step.time))[0]
        return self._cleaned[wanted]

    def advance(
        self, entry: Float[Tensor, "row lead width"], span: Span, fresh: Sequence[bool]
    ) -> dict[str, Float[Tensor, "row channel *_"]]:
        """Means over time and whole signals of the next copies, whose input differs in a window.

        `fresh` is true for copies that differ from x and not from the copy before.
        """
        if fresh[0]:
            self._older.clear()
        spans = {INPUT: span}
        for name, step in self._steps.items():
            if isinstance(step, Local | Pointwise):
                spans[name] = step.span([spans[source] for source in step.sources])
        parts = self._bring(INPUT, entry, spans, fresh)
        advanced = {}
        for name, step in self._steps.items():
            mine = [parts[name, source] for source in step.sources]
            if isinstance(step, Mean):
                advanced[name] = (
                    self._sums(name, mine[0], spans[step.sources[0]], fresh) / step.time
                )
            elif isinstance(step, Whole):
                advanced[name] = mine[0]
            else:
                parts |= self._bring(name, step(mine, spans[name]), spans, fresh)
            del mine
            for source in set(step.sources):
                del parts[name, source]
        return advanced

    def _bring(
        self, source: str, values: Windows, spans: dict[str, Span], fresh: Sequence[bool]
    ) -> dict[tuple[str, str], Tensor]:
        """Window of a signal for each of its readers; for a mean, the change of the sum."""
        span = spans[source]
        parts: dict[tuple[str, str], Tensor] = {}
        readings: dict[float, dict[tuple[str, str], Reading]] = defaultdict(dict)
        same = set()
        for name in self._readers[source]:
            step = self._steps[name]
            # Value that the step reads beyond the ends of its signal.
            fill = step.filter.fill if isinstance(step, Local) else 0.0
            if isinstance(step, Mean):
                parts[name, source] = values.sum(-1, dtype=torch.float64)
                if span.width == self._times[source]:
                    same.add(fill)
                else:
                    readings[fill][name, source] = Reading(span, before=True)
                continue
            if isinstance(step, Whole) or spans[name].width == step.time:
                wanted = whole(len(values), self._times[source])
            else:
                wanted = step.reading(spans[name])
            if wanted.same_as(span):
                parts[name, source] = values
                same.add(fill)
            else:
                readings[fill][name, source] = Reading(wanted)
        self.missed.update((source, fill) for fill in readings if (source, fill) in self._older)
        for fill in same - readings.keys():
            if (source, fill) in self._always:
                readings[fill] = {}  # brought up to date, and read by nobody
            else:
                self._older.add((source, fill))
        for fill, asked in readings.items():
            self._older.discard((source, fill))
            carried = self._carrier(source, fill)
            found = carried.advance(values, span, fresh, list(asked.values()))
            for key, (_, before), window in zip(asked, asked.values(), found, strict=True):
                if before:
                    parts[key] = parts[key] - window.sum(-1, dtype=torch.float64)
                else:
                    parts[key] = window
        return parts

    def _carrier(self, source: str, fill: float) -> Carried:
        key = source, fill
        if key not in self._carried:
            local = [
                step
                for step in map(self._steps.__getitem__, self._readers[source])
                if isinstance(step, Local) and step.filter.fill == fill
            ]
            left = max((step.filter.left for step in local), default=0)
            right = max((step.filter.length(step.time) for step in local), default=0)
            self._carried[key] = Carried(self._clean(source), max(0, left), right, fill)
        return self._carried[key]

    def _sums(
        self, name: str, change: Float64[Tensor, "row channel"], span: Span, fresh: Sequence[bool]
    ) -> Float64[Tensor, "row channel"]:
        step = self._steps[name]
        if span.width == step.time:
            self._latest_sums[name] = change[-1]
            return change
        clean = self._clean(step.sources[0]).sum(-1, dtype=torch.float64)
        latest = self._latest_sums.get(name, clean)
        found = []
        for new, one in zip(fresh, change.unbind(), strict=True):
            latest = (clean if new else latest) + one
            found.append(latest)
        self._latest_sums[name] = latest
        return torch.stack(found)
