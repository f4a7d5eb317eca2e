"""Resampling and filtering of records as SciPy does it, linear and with gradients."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from scipy.signal import butter, firwin, sosfilt
from torch import Tensor


@dataclass(eq=False)
class Resampling:
    """scipy.signal.resample_poly from `fs` to `to` Hz, the ends continued along a line.

    The same as ecg.resampled, which prepares records. Matrices are kept by length.
    """

    fs: int | float
    to: int | float
    _matrices: dict[int, Tensor] = field(default_factory=dict)

    def length(self, time: int) -> int:
        """Number of samples that come out."""
        return ceil(time * self._ratio)

    def __call__(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch lead new_time"]:
        """Signals at the other rate."""
        if self._ratio == 1:
            return x
        flat = x.flatten(0, 1).double().T
        # In float64, as the matrix is: its rounding would depend on the level of the record.
        found = torch.sparse.mm(self._matrix(x.shape[-1]).to(x.device), flat)
        return found.T.unflatten(0, x.shape[:2]).to(x.dtype)

    @property
    def _ratio(self) -> Fraction:
        return Fraction(self.to / self.fs).limit_denominator(1000)

    def _matrix(self, time: int) -> Float[Tensor, "new_time time"]:
        if time not in self._matrices:
            self._matrices[time] = _polyphase(self._ratio, time)
        return self._matrices[time]


def _polyphase(ratio: Fraction, time: int) -> Float[Tensor, "new_time time"]:
    """Matrix of resample_poly with padtype="line", in float64; sparse."""
    up, down = ratio.numerator, ratio.denominator
    half = 10 * max(up, down)  # as SciPy's filter: ten samples of the lower rate on each side
    kaiser: Any = ("kaiser", 5.0)
    taps = up * firwin(2 * half + 1, 1 / max(up, down), window=kaiser)
    out = np.arange(ceil(time * ratio))
    # Output k is the sum over samples j of taps[k · down + half − j · up] · x[j].
    first = -(-(out * down - half) // up)
    column = first[:, None] + np.arange(2 * half // up + 1)
    place = out[:, None] * down + half - column * up
    weight = np.where(place >= 0, taps[place.clip(0)], 0.0)
    row = np.broadcast_to(out[:, None], column.shape)
    # Beyond the ends: x[0] + k · (x[−1] − x[0]) / (time − 1) for k below 0, likewise after the end.
    inside = column.clip(0, time - 1)
    beyond = (column - inside) / max(1, time - 1)
    ends = [np.zeros_like(column), np.full_like(column, time - 1)]
    rows = np.concatenate([row.ravel()] * 3)
    columns = np.concatenate([one.ravel() for one in (inside, *ends)])
    weights = np.concatenate([one.ravel() for one in (weight, -weight * beyond, weight * beyond)])
    kept = weights != 0
    indices = torch.from_numpy(np.stack([rows[kept], columns[kept]]))
    shape = (len(out), time)
    return torch.sparse_coo_tensor(
        indices, torch.from_numpy(weights[kept]), shape, check_invariants=True
    ).coalesce()


@dataclass(eq=False)
class BandPass:
    """scipy.signal.sosfiltfilt of a Butterworth filter within `band` (Hz; 0: no limit).

    Linear in the signal: with the state that SciPy begins in, a filter's output is that for the
    signal less its first sample, plus that sample times the gain at 0 Hz.
    """

    band: Sequence[int | float]
    order: int
    fs: int | float
    _responses: dict[int, Tensor] = field(default_factory=dict)

    def __call__(self, x: Float[Tensor, "batch lead time"]) -> Float[Tensor, "batch lead time"]:
        """Filtered signals; raises ValueError for signals shorter than the ends that SciPy adds."""
        edge, time = self._edge, x.shape[-1]
        if time <= edge:
            raise ValueError(
                f"expected more than {edge} samples for a filter of order {self.order}, got {time}"
            )
        y = x.double()
        before = 2 * y[..., :1] - y[..., 1 : edge + 1].flip(-1)
        after = 2 * y[..., -1:] - y[..., -edge - 1 : -1].flip(-1)
        y = torch.cat([before, y, after], dim=-1)
        for _ in range(2):  # forwards, then backwards
            y = self._once(y).flip(-1)
        return y[..., edge:-edge].to(x.dtype)

    def _once(self, y: Float[Tensor, "batch lead long"]) -> Float[Tensor, "batch lead long"]:
        time = y.shape[-1]
        if time not in self._responses:
            impulse = np.zeros(time)
            impulse[0] = 1.0
            self._responses[time] = torch.from_numpy(sosfilt(self._sections, impulse))
        response, first = self._responses[time].to(y.device), y[..., :1]
        spectrum = torch.fft.rfft(y - first, 2 * time) * torch.fft.rfft(response, 2 * time)
        return torch.fft.irfft(spectrum, 2 * time)[..., :time] + self._gain * first

    @property
    def _sections(self) -> Float[np.ndarray, "section 6"]:
        low, high = self.band
        edges = (low, high) if low and high else low or high
        kind = "bandpass" if low and high else "highpass" if low else "lowpass"
        return np.asarray(butter(self.order, edges, kind, fs=self.fs, output="sos"))

    @property
    def _gain(self) -> float:
        """Gain at 0 Hz."""
        b, a = self._sections[:, :3].sum(1), self._sections[:, 3:].sum(1)
        return float(np.prod(b / a))

    @property
    def _edge(self) -> int:
        """Samples that SciPy adds at each end."""
        sections = self._sections
        zeros = min(int((sections[:, 2] == 0).sum()), int((sections[:, 5] == 0).sum()))
        return 3 * (2 * len(sections) + 1 - zeros)
