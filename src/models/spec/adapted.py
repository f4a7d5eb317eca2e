"""A network behind the preparation that its spec declares."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from ...ecg import LEADS
from ...engine import Prepared
from ..as_network import as_network
from .core import Core
from .declared import Declared
from .linear_steps import BandPass, Resampling


class Adapted(Prepared):
    """Network from records, (batch, 12 leads of ecg.LEADS, time) in µV, to (batch, outputs).

    `core` reads prepared windows, (row, lead, time) in its own leads and units. All of the
    preparation has gradients, so that maps come back in the leads and samples of the record; they
    are 0 in leads and samples that the network does not read. A network may be all that as_network
    takes; functions get arrays. Raises ValueError for a rate that is not above 0 and for no
    network.
    """

    def __init__(self, net: Any, spec: Declared, fs: int | float = 500.0) -> None:
        super().__init__()
        nets = [as_network(one) for one in (net if isinstance(net, Sequence) else [net])]
        if not nets:
            raise ValueError("expected a torch.nn.Module or a list of them, got none")
        if not 0 < fs < float("inf"):
            raise ValueError(f"expected the records' rate in Hz as fs above 0, got {fs}")
        self.spec, self.fs = spec, float(fs)
        self.core, self.averaged = Core(nets, spec), len(nets)
        self._leads = [LEADS.index(lead) for lead in spec.leads]
        self._resampling = Resampling(self.fs, spec.fs)
        self._filter = None if spec.band is None else BandPass(spec.band, spec.order, spec.fs)
        normalised = spec.normalised
        self.keeps_statistics = (
            normalised is not None and normalised.of_each_ecg and normalised.statistics == "frozen"
        )
        # The modes of the networks themselves are left as they are.
        for own in (self, self.core, self.core.nets):
            own.training = False

    def extra_repr(self) -> str:
        return f"{self.spec}, fs={self.fs:g}"

    def forward(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch target"]:
        """Outputs for each record, the mean over its windows."""
        if x.ndim != 3 or x.shape[1] != len(LEADS):
            raise ValueError(
                f"expected records of shape (batch, {len(LEADS)}, time) in µV with the leads "
                f"{', '.join(LEADS)}, got {tuple(x.shape)}"
            )
        own = self.prepare(x)
        y = self.core(own.flatten(0, 1))
        return y if own.shape[1] == 1 else y.unflatten(0, own.shape[:2]).mean(1)

    def prepare(
        self, x: Float[Tensor, "batch lead time"]
    ) -> Float[Tensor, "batch window own_lead own_time"]:
        """What the network reads of each record."""
        record = self._in_units(x)
        windows = self._windows(record)
        normalised = self.spec.normalised
        if normalised is not None:
            whole = normalised.over == "record"
            if not self.keeps_statistics:
                of = record[:, None] if whole else windows
            else:
                kept = record if self.unperturbed is None else self._in_units(self.unperturbed)
                of = (kept[:, None] if whole else self._windows(kept)).detach()
            windows = normalised.of(of)(windows)
        missing = self._size(record.shape[-1]) - windows.shape[-1]
        before = {"start": 0, "centre": missing // 2, "end": missing}[self.spec.window]
        return functional.pad(windows, (before, missing - before)) if missing else windows

    def starts(self, time: int) -> list[int]:
        """First sample of each window in a record of `time` samples at the network's rate.

        It is negative where zeros stand before the record.
        """
        size = self._size(time)
        spare = time - size
        if self.spec.hop is not None and spare >= 0:
            return list(range(0, spare + 1, self.spec.hop))
        if spare < 0:
            return [{"start": 0, "centre": -(-spare // 2), "end": spare}[self.spec.window]]
        return [{"start": 0, "centre": spare // 2, "end": spare}[self.spec.window]]

    def along_record(
        self, curve: Float[Tensor, "row 1 own_time"], time: int
    ) -> Float[Tensor, "batch 1 {time}"]:
        """Curve over the time of each window at the samples of the record, linear between them.

        Windows are added; 0 where none lies.
        """
        starts = self.starts(self._resampling.length(time))
        curves = curve.unflatten(0, (-1, len(starts)))
        last = curve.shape[-1] - 1
        at = torch.arange(time, device=curve.device) * (self.spec.fs / self.fs)
        found = curve.new_zeros(len(curves), 1, time)
        for number, start in enumerate(starts):
            place = (at - start).to(curve.dtype)
            inside = (place > -0.5) & (place < last + 0.5)
            place = place.clamp(0, last)
            before = place.long().clamp(max=max(0, last - 1))
            after = (before + 1).clamp(max=last)
            share = place - before
            one = curves[:, number]
            found += inside * (one[..., before] * (1 - share) + one[..., after] * share)
        return found

    def _in_units(
        self, x: Float[Tensor, "batch lead time"]
    ) -> Float[Tensor, "batch own_lead own_time"]:
        """The network's leads at its rate, filtered, in its unit."""
        if self._leads != list(range(len(LEADS))):
            x = x[:, self._leads]
        x = self._resampling(x)
        x = x if self._filter is None else self._filter(x)
        return x if self.spec.uv_per_unit == 1 else x / self.spec.uv_per_unit

    def _windows(
        self, record: Float[Tensor, "batch lead own_time"]
    ) -> Float[Tensor, "batch window lead some_time"]:
        """Windows of the record, without the zeros around a short one."""
        time = record.shape[-1]
        size = min(time, self._size(time))
        cut = [record[..., max(0, start) : max(0, start) + size] for start in self.starts(time)]
        return cut[0][:, None] if len(cut) == 1 else torch.stack(cut, 1)

    def _size(self, time: int) -> int:
        """Samples of a window."""
        return time if self.spec.samples is None else self.spec.samples
