"""What a network says of copies of one ECG that differ from row to row in windows only."""

from collections import defaultdict
from collections.abc import Sequence

import torch
from jaxtyping import Float, Float64
from torch import Tensor

from .carried import Carried, Reading
from .copies import Copies
from .steps import INPUT, Local, Mean, Network, Span, whole

# Copies that go through a layer at once: 9 MB in the widest windows of a 10-s strip.
ROWS = 32


@torch.no_grad()
def follow(network: Network, copies: Copies) -> Float64[Tensor, "copy target"]:
    """The outputs for the ECG and its copies; each layer recomputes what can have changed.

    The same as passes over whole copies within rounding; means over time are summed in float64.
    """
    signals = _Signals(network, copies.x)
    changed = copies.spans()
    outputs = []
    for first in range(0, len(copies), ROWS):
        rows = slice(first, min(first + ROWS, len(copies)))
        _, step = copies.draw_and_step(rows)
        span = Span(changed.starts[step], changed.width)
        fresh = [copies.alone or one <= 1 for one in step.tolist()]
        sums = signals.advance(copies.windows(rows, span), span, fresh)
        outputs.append(_read_out(network, sums))
    return torch.cat(outputs)


def _read_out(
    network: Network, sums: dict[str, Float64[Tensor, "row channel"]]
) -> Float64[Tensor, "row target"]:
    means = [
        (found / step.time).reshape(len(found), *step.shape)
        for name, found in sums.items()
        if isinstance(step := network.steps[name], Mean)
    ]
    # Row by row, because a traced network has its batch size written down.
    if network.batched:
        return torch.func.vmap(network.readout)(*means)[:, 0]
    return torch.cat([network.readout(*row) for row in zip(*means, strict=True)])


class _Signals:
    """All signals inside a network, as the last copy left them."""

    def __init__(self, network: Network, x: Float[Tensor, "lead time"]) -> None:
        self._steps = network.steps
        self._readers: dict[str, list[str]] = defaultdict(list)
        for name, step in self._steps.items():
            for source in dict.fromkeys(step.sources):
                self._readers[source].append(name)
        self._times = {name: step.time for name, step in self._steps.items()}
        self._times[INPUT] = x.shape[1]
        self._cleaned = {INPUT: x}
        self._carried: dict[str, Carried] = {}
        self._latest_sums: dict[str, Float64[Tensor, " channel"]] = {}

    def _clean(self, wanted: str) -> Float[Tensor, "channel time"]:
        """A signal of the ECG itself; not needed where every step reaches all of it."""
        for name, step in self._steps.items():
            if wanted in self._cleaned:
                break
            if name not in self._cleaned and not isinstance(step, Mean):
                parts = [self._cleaned[source][None] for source in step.sources]
                self._cleaned[name] = step(parts, step.time)[0]
        return self._cleaned[wanted]

    def advance(
        self, entry: Float[Tensor, "row lead width"], span: Span, fresh: Sequence[bool]
    ) -> dict[str, Float64[Tensor, "row channel"]]:
        """The sums over time of the next copies, whose input differs in a window.

        `fresh` tells the copies that differ from x and not from the copy before.
        """
        spans = {INPUT: span}
        for name, step in self._steps.items():
            if not isinstance(step, Mean):
                spans[name] = step.span([spans[source] for source in step.sources])
        parts = self._bring(INPUT, entry, spans, fresh)
        sums = {}
        for name, step in self._steps.items():
            mine = [parts[name, source] for source in step.sources]
            if isinstance(step, Mean):
                sums[name] = self._sums(name, mine[0], spans[step.source], fresh)
            else:
                y = step(mine, spans[name].width)
                parts |= self._bring(name, y, spans, fresh)
            del mine
            for source in set(step.sources):
                del parts[name, source]
        return sums

    def _bring(
        self,
        source: str,
        values: Float[Tensor, "row channel width"],
        spans: dict[str, Span],
        fresh: Sequence[bool],
    ) -> dict[tuple[str, str], Tensor]:
        """What each reader of a signal wants of it; a mean wants how much the sum changed."""
        span = spans[source]
        all_of_it = span.width == self._times[source]
        parts: dict[tuple[str, str], Tensor] = {}
        readings: dict[tuple[str, str], Reading] = {}
        for name in self._readers[source]:
            step = self._steps[name]
            if isinstance(step, Mean):
                parts[name, source] = values.sum(-1, dtype=torch.float64)
                if not all_of_it:
                    readings[name, source] = Reading(span, before=True)
                continue
            wanted = step.reading(span, spans[name])
            if isinstance(step, Local) and spans[name].width == step.time:
                wanted = whole(len(values), self._times[source])
            if wanted.same_as(span):
                parts[name, source] = values
            else:
                readings[name, source] = Reading(wanted)
        if readings:
            carried = self._carrier(source)
            found = carried.advance(values, span, fresh, list(readings.values()))
            for key, (_, before), window in zip(readings, readings.values(), found, strict=True):
                if before:
                    parts[key] = parts[key] - window.sum(-1, dtype=torch.float64)
                else:
                    parts[key] = window
        return parts

    def _carrier(self, source: str) -> Carried:
        if source not in self._carried:
            local = [
                step
                for step in map(self._steps.get, self._readers[source])
                if isinstance(step, Local)
            ]
            left = max((step.filter.left for step in local), default=0)
            right = max((step.filter.length(step.time) for step in local), default=0)
            self._carried[source] = Carried(self._clean(source), max(0, left), right)
        return self._carried[source]

    def _sums(
        self, name: str, change: Float64[Tensor, "row channel"], span: Span, fresh: Sequence[bool]
    ) -> Float64[Tensor, "row channel"]:
        step = self._steps[name]
        if span.width == step.time:
            return change
        clean = self._clean(step.sources[0]).sum(-1, dtype=torch.float64)
        latest = self._latest_sums.get(name, clean)
        found = []
        for new, one in zip(fresh, change.unbind(), strict=True):
            latest = (clean if new else latest) + one
            found.append(latest)
        self._latest_sums[name] = latest
        return torch.stack(found)
