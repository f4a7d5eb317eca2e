"""Windows of a record that a network reads, and their samples on the record."""

from dataclasses import dataclass

import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class Windows:
    """Windows of `samples` (None: the whole record) at a `place`, or one every `hop` samples."""

    samples: int | None
    place: str
    hop: int | None

    def size(self, time: int) -> int:
        """Samples of a window in a record of `time` samples."""
        return time if self.samples is None else self.samples

    def starts(self, time: int) -> list[int]:
        """First sample of each window; negative where zeros stand before the record."""
        spare = time - self.size(time)
        if self.hop is not None and spare >= 0:
            return list(range(0, spare + 1, self.hop))
        # More zeros behind than before, where their number is odd.
        middle = spare // 2 if spare >= 0 else -(-spare // 2)
        return [{"start": 0, "centre": middle, "end": spare}[self.place]]

    def cut(
        self, record: Shaped[Tensor, "batch lead time"]
    ) -> Shaped[Tensor, "batch window lead some_time"]:
        """Windows of the record, without the zeros around a short one."""
        time = record.shape[-1]
        size = min(time, self.size(time))
        found = [record[..., max(0, one) : max(0, one) + size] for one in self.starts(time)]
        return found[0][:, None] if len(found) == 1 else torch.stack(found, 1)

    def padded(
        self, windows: Shaped[Tensor, "*any some_time"], time: int
    ) -> Shaped[Tensor, "*any own_time"]:
        """Windows of a record of `time` samples, with zeros where it is too short."""
        missing = self.size(time) - windows.shape[-1]
        before = -min(0, self.starts(time)[0])
        return functional.pad(windows, (before, missing - before))

    def along(
        self, curve: Float[Tensor, "row 1 own_time"], own_time: int, at: Float[Tensor, " time"]
    ) -> Float[Tensor, "batch 1 time"]:
        """Curve of each window at places `at` in a record of `own_time` samples, linear between.

        Windows are added; 0 where none lies.
        """
        starts, last = self.starts(own_time), curve.shape[-1] - 1
        curves = curve.unflatten(0, (-1, len(starts)))
        found = curve.new_zeros(len(curves), 1, len(at))
        for number, start in enumerate(starts):
            place = at - start
            inside = (place > -0.5) & (place < last + 0.5)
            place = place.clamp(0, last)
            before = place.long().clamp(max=max(0, last - 1))
            after, share = (before + 1).clamp(max=last), place - before
            one = curves[:, number]
            found += inside * (one[..., before] * (1 - share) + one[..., after] * share)
        return found
