"""Latest values of one signal while windows of it change from row to row."""

from collections.abc import Sequence
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import pad

from .steps import Span


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
        self._clean = pad(clean, (left, right), value=fill)
        self._latest = self._clean.clone()
        self._left = left
        self._touched = (0, 0)

    def advance(
        self,
        values: Float[Tensor, "row channel width"],
        span: Span,
        fresh: Sequence[bool],
        readings: Sequence[Reading],
    ) -> list[Float[Tensor, "row channel _"]]:
        """Windows that are read, after each row's window was written in turn.

        `fresh` is true in the first row of each curve.
        """
        rows, channels, width = values.shape
        found = [values.new_empty(rows, channels, reading.span.width) for reading in readings]
        wanted = [
            (reading.before, reading.span.width, (reading.span.starts + self._left).tolist(), out)
            for reading, out in zip(readings, (out.unbind() for out in found), strict=True)
        ]
        starts = (span.starts + self._left).tolist()
        # Row by row, because a row may read what any row before it wrote.
        for row, (start, new) in enumerate(zip(starts, values.unbind(), strict=True)):
            if fresh[row]:
                self._restore()
            changed = self._latest.narrow(1, start, width)
            for before, length, at, out in wanted:
                if before:
                    out[row].copy_(self._latest.narrow(1, at[row], length))
            changed.copy_(new)
            self._touch(start, start + width)
            for before, length, at, out in wanted:
                if not before:
                    out[row].copy_(self._latest.narrow(1, at[row], length))
        return found

    def _touch(self, start: int, end: int) -> None:
        low, high = self._touched
        self._touched = (min(low, start), max(high, end)) if high else (start, end)

    def _restore(self) -> None:
        low, high = self._touched
        self._latest[:, low:high] = self._clean[:, low:high]
        self._touched = (0, 0)
