"""A network behind the preparation that its spec declares."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ...ecg import LEADS, checked_rate
from ...engine import NEVER, Copies, Prepared, unperturbed
from ..programs import as_network
from .core import Core
from .declared import Declared
from .normalisation import Affine, BandPass, Resampling, Windows
from .with_each import is_an_ecg

Records = Float[Tensor, "batch lead time"]


class Adapted(Prepared):
    """Network from records, (batch, 12 leads of ecg.LEADS, time) in µV, to (batch, outputs).

    `core` reads prepared windows, (row, lead, time) in its own leads and units. All of the
    preparation has gradients, so that maps come back in the leads and samples of the record; they
    are 0 in leads and samples that the network does not read. A network may be all that as_network
    takes; functions get arrays. Raises ValueError for a rate below 100 Hz and for no network.
    """

    def __init__(self, net: Any, spec: Declared, fs: int | float = 500.0) -> None:
        super().__init__()
        nets = [as_network(one) for one in (net if isinstance(net, Sequence) else [net])]
        if not nets:
            raise ValueError("expected a torch.nn.Module or a list of them, got none")
        self.spec, self.fs = spec, checked_rate(fs, "fs")
        self.core, self.averaged = Core(nets, spec), len(nets)
        self._leads = [LEADS.index(lead) for lead in spec.leads]
        self._resampling = Resampling(self.fs, spec.fs)
        self._windows = Windows(spec.samples, spec.window, spec.hop)
        self._filter = None if spec.band is None else BandPass(spec.band, spec.order, spec.fs)
        normalised = spec.normalised
        self.keeps_statistics = (
            normalised is not None and normalised.of_each_ecg and normalised.statistics == "frozen"
        )
        self.standardises = normalised is not None and normalised.of_the_training_data
        # The modes of the networks themselves are left as they are.
        for own in (self, self.core, self.core.nets):
            own.training = False

    def extra_repr(self) -> str:
        return f"{self.spec}, fs={self.fs:g}"

    def forward(self, x: Records, **others: Tensor) -> Float[Tensor, "batch target"]:
        """Outputs for each record, the mean over its windows.

        Values beside a record are given to each of its windows; one that is a record itself is
        prepared like it, by its own statistics.
        """
        if x.ndim != 3 or x.shape[1] != len(LEADS):
            raise ValueError(
                f"expected records of shape (batch, {len(LEADS)}, time) in µV with the leads "
                f"{', '.join(LEADS)}, got {tuple(x.shape)}"
            )
        own = self.prepare(x)
        given = {name: self._beside(each, own.shape[1]) for name, each in others.items()}
        y = self.core(own.flatten(0, 1), **given)
        return y if own.shape[1] == 1 else y.unflatten(0, own.shape[:2]).mean(1)

    def prepare(self, x: Records) -> Float[Tensor, "batch window own_lead own_time"]:
        """Part of each record that the network reads."""
        record = self._in_units(x)
        return self._windowed(record, self._counting(record))

    def _counting(
        self, record: Float[Tensor, "batch lead own_time"]
    ) -> Float[Tensor, "one lead own_time"]:
        """Records whose statistics count: that of the unperturbed signal, or these themselves."""
        own = self.unperturbed if self.keeps_statistics else None
        return record if own is None else self._in_units(own)

    def _windowed(
        self,
        record: Float[Tensor, "batch lead given_time"],
        like: Float[Tensor, "other lead given_time"],
    ) -> Float[Tensor, "batch window own_lead own_time"]:
        """Windows of records, normalised by the statistics of these ones."""
        rule, windows = self._normalisation(like), self._windows.cut(record)
        return self._windows.padded(windows if rule is None else rule(windows), record.shape[-1])

    def _beside(self, value: Tensor, windows: int) -> Tensor:
        """A value beside each record for each of its windows."""
        if not is_an_ecg(value):
            return value.repeat_interleave(windows, 0)
        record = self._in_units(value)
        return self._windowed(record, record).flatten(0, 1)

    def own_copies(self, copies: Copies) -> Copies | None:
        """The same copies as windows of the core's own samples.

        None behind a filter or another rate, for several windows, and with live statistics.
        """
        time, windows, rule = copies.x.shape[-1], self._windows, self.spec.normalised
        each_sample = self._filter is None and self.fs == self.spec.fs
        live = rule is not None and rule.statistics == "live"
        if not each_sample or live or len(windows.starts(time)) > 1:
            return None
        record = self._in_units(copies.x[None])
        with unperturbed(self, copies.x):
            x = self.prepare(copies.x[None])[0, 0]
            affine = self._normalisation(self._counting(record))
        fields = windows.cut(copies.fields[:, self._leads])[:, 0] / self.spec.uv_per_unit
        fields = fields if affine is None else fields * affine.gain
        hit = windows.cut(copies.hit.reshape(-1, *copies.x.shape)[:, self._leads])[:, 0]
        fields = windows.padded(fields.reshape(-1, *hit.shape[1:]), time)
        hit = hit if copies.hit.ndim > copies.x.ndim else hit[0]
        hit = windows.padded(hit, time)  # steps begin at 1: a 0 is no sample of the record
        return replace(copies, x=x, hit=hit.masked_fill(hit == 0, NEVER), fields=fields)

    def reads(self, time: int) -> Bool[Tensor, "lead {time}"]:
        """Samples of the declared leads that lie in a window."""
        own_time = self._resampling.length(time)
        windows = len(self._windows.starts(own_time))
        ones = torch.ones(windows, 1, self._windows.size(own_time))
        found = torch.zeros(len(LEADS), time, dtype=torch.bool)
        found[self._leads] = self.along_record(ones, time)[0, 0] > 0
        return found

    def along_record(
        self, curve: Float[Tensor, "row 1 own_time"], time: int
    ) -> Float[Tensor, "batch 1 {time}"]:
        """Curve over the time of each window at the samples of the record, linear between them.

        Windows are added; 0 where none lies.
        """
        at = torch.arange(time, device=curve.device, dtype=curve.dtype) * (self.spec.fs / self.fs)
        return self._windows.along(curve, self._resampling.length(time), at)

    def _in_units(self, x: Records) -> Float[Tensor, "batch own_lead own_time"]:
        """The network's leads at its rate, filtered, in its unit."""
        if self._leads != list(range(len(LEADS))):
            x = x[:, self._leads]
        x = self._resampling(x)
        x = x if self._filter is None else self._filter(x)
        return x if self.spec.uv_per_unit == 1 else x / self.spec.uv_per_unit

    def _normalisation(self, record: Float[Tensor, "batch lead own_time"]) -> Affine | None:
        """Normalisation by the statistics of the windows of these records."""
        rule = self.spec.normalised
        if rule is None:
            return None
        record = record.detach() if self.keeps_statistics else record
        return rule.of(record[:, None] if rule.over == "record" else self._windows.cut(record))
