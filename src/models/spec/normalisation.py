"""Preparation of an ECG for a network: normalisation, resampling, filters, windows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from functools import cached_property
from math import ceil, isfinite
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.nn import functional

from ...store import check_types


class Affine(NamedTuple):
    """z · gain + offset about a centre: (z − centre) · gain + offset."""

    centre: Tensor
    gain: Tensor
    offset: float = 0.0

    def __call__(self, z: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        return (z - self.centre) * self.gain + self.offset


@dataclass(frozen=True)
class Normalisation:
    """Normalisation of each ECG, in the unit of the network.

    - "z-score": less the mean, divided by the SD (`ddof` 0: of the population, as NumPy's; 1: of a
      sample, as torch's), which counts as at least `least_sd`;
    - "min-max": from minimum … maximum to the `to` range;
    - "fixed": less `mean`, divided by `sd`, each one number or one per lead of the network.

    Statistics are taken `per` lead or over all leads of the ECG, `over` the window that the network
    reads or the whole record. A lead that is constant has nothing to divide by: the network reads
    its centre there, and no perturbed copy changes that.

    `statistics` "frozen": copies of an ECG that a method or an evaluation perturbs are normalised
    by the statistics of the unperturbed ECG, so that the network is an ordinary function of its
    samples. "live": by their own, as in use; the network is then blind to scale and offset.
    Raises ValueError for settings that do not fit.
    """

    kind: Literal["z-score", "min-max", "fixed"]
    per: Literal["lead", "ecg"] = "lead"
    over: Literal["window", "record"] = "window"
    ddof: Literal[0, 1] = 0
    least_sd: int | float = 1e-6  # as in the networks of Ahus; far below 1 µV in any unit
    to: Sequence[int | float] = (0.0, 1.0)
    mean: int | float | Sequence[int | float] = 0.0
    sd: int | float | Sequence[int | float] = 1.0
    statistics: Literal["frozen", "live"] = "frozen"

    def __post_init__(self) -> None:
        check_types(Normalisation, asdict(self), "normalisation")
        for name in ("to", "mean", "sd"):
            value = getattr(self, name)
            if not isinstance(value, int | float):
                object.__setattr__(self, name, tuple(value))
        if len(self.to) != 2 or not self.to[0] < self.to[1]:
            raise ValueError(f"expected normalisation.to as [low, high], got {list(self.to)}")
        if not 0 < self.least_sd < float("inf"):
            raise ValueError(f"expected normalisation.least_sd above 0, got {self.least_sd}")
        if not all(isfinite(one) and one > 0 for one in self.numbers("sd")):
            raise ValueError(f"expected every normalisation.sd above 0, got {self.sd}")
        if self.of_each_ecg and (self.mean, self.sd) != (0.0, 1.0):
            raise ValueError(f"expected kind fixed for normalisation.mean and sd, got {self.kind}")
        if not all(map(isfinite, self.numbers("mean"))):
            raise ValueError(f"expected finite numbers in normalisation.mean, got {self.mean}")

    def numbers(self, name: Literal["mean", "sd"]) -> tuple[float, ...]:
        """Fixed numbers as a tuple: one, or one per lead."""
        value = getattr(self, name)
        return tuple(map(float, [value] if isinstance(value, int | float) else value))

    @property
    def of_each_ecg(self) -> bool:
        """True if the numbers are statistics of the ECG."""
        return self.kind != "fixed"

    @property
    def of_the_training_data(self) -> bool:
        """True if the numbers are a mean and an SD that were measured on other ECGs."""
        return self.kind == "fixed" and {*self.numbers("mean"), *self.numbers("sd")} != {0.0, 1.0}

    def of(self, z: Float[Tensor, "batch window lead time"]) -> Affine:
        """Normalisation by the statistics of these signals."""
        if self.kind == "fixed":
            mean, sd = (z.new_tensor(self.numbers(name))[:, None] for name in ("mean", "sd"))
            return Affine(mean, 1 / sd)
        over = (-1,) if self.per == "lead" else (-2, -1)
        low, high = z.amin(over, keepdim=True), z.amax(over, keepdim=True)
        if self.kind == "min-max":
            span = high - low
            inverse = torch.where(span > 0, 1 / torch.where(span > 0, span, 1.0), 0.0)
            return Affine(low, (self.to[1] - self.to[0]) * inverse, self.to[0])
        flat = high == low
        mean = torch.where(flat, low, z.mean(over, keepdim=True))
        variance = z.var(over, correction=self.ddof, keepdim=True)
        # The gradient of the square root of 0 would be infinite.
        sd = torch.where(flat, 1.0, variance).sqrt().clamp(min=self.least_sd)
        return Affine(mean, torch.where(flat, 0.0, 1 / sd))


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
            with torch.inference_mode(False):  # a gradient has to pass it later
                self._matrices[time] = _polyphase(self._ratio, time)
        return self._matrices[time]


def _polyphase(ratio: Fraction, time: int) -> Float[Tensor, "new_time time"]:
    """Matrix of resample_poly with padtype="line", in float64; sparse."""
    from scipy.signal import firwin  # a second that most networks need not wait for

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
            from scipy.signal import sosfilt

            impulse = np.zeros(time)
            impulse[0] = 1.0
            self._responses[time] = torch.from_numpy(sosfilt(self._sections, impulse))
        response, first = self._responses[time].to(y.device), y[..., :1]
        spectrum = torch.fft.rfft(y - first, 2 * time) * torch.fft.rfft(response, 2 * time)
        return torch.fft.irfft(spectrum, 2 * time)[..., :time] + self._gain * first

    @cached_property
    def _sections(self) -> Float[np.ndarray, "section 6"]:
        from scipy.signal import butter

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
