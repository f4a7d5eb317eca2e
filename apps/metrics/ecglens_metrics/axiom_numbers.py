"""Numbers of the axioms: completeness from the baseline, infidelity, similarity of maps."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import torch
from ecglens.ecg import FS_HZ
from ecglens.engine import keeps_statistics, unperturbed
from ecglens.eval import Chunks, Keeper, Piece, Subject, progress_bar
from ecglens.eval.evaluations.sanity import spearman
from ecglens.eval.heatmaps import Probe, predictions, probe_of
from ecglens.explain import Method, segmented, wave_segments
from ecglens.models import device_of
from ecglens.store import Step
from jaxtyping import Bool, Float, Float64, Int
from torch import Tensor, nn

from .yardstick import share

Maps = Float[np.ndarray, "ecg lead time"]
Windows = Float64[Tensor, "*ecg window"]
PerEcg = Float64[np.ndarray, " ecg"]


def completeness_gap(maps: Maps, difference: Float[np.ndarray, " ecg"]) -> PerEcg:
    """|Σa − Δ| / (|Σa| + |Δ|), Δ = f(x) − f(baseline); NaN where both are 0."""
    total = maps.astype(np.float64).sum((1, 2))
    return share(np.abs(total - difference), np.abs(total) + np.abs(difference))


def sensitivity_max(maps: Maps, noisy: Float[np.ndarray, "copy ecg lead time"]) -> PerEcg:
    """The largest ‖a(x + δ) − a(x)‖ / ‖a(x)‖ of the copies; captum divides by 1 where a is 0."""
    own = maps.astype(np.float64)
    length = np.linalg.norm(own.reshape(len(own), -1), axis=1)
    away = np.linalg.norm((noisy - own).reshape(*noisy.shape[:2], -1), axis=2)
    return (away / np.where(length > 0, length, 1.0)).max(0)


def alike(maps: Maps, others: Maps) -> PerEcg:
    """Spearman's ρ of two maps of each ECG, both absolute."""
    one, other = (np.abs(each).reshape(len(each), -1) for each in (maps, others))
    return spearman(one, other)


def share_of(maps: Maps, leads: Int[np.ndarray, " ecg"]) -> PerEcg:
    """The share of Σ|a| that lies in this lead of each ECG; NaN for a map of 0."""
    size = np.abs(maps.astype(np.float64)).sum(2)
    return share(size[np.arange(len(size)), leads], size.sum(1))


# The length of a P wave.
WINDOW_MS = 100.0


def windows(leads: int, time: int, fs_hz: float = FS_HZ) -> Bool[Tensor, "window lead time"]:
    """Every 100 ms of every lead, one after the other; the last of a lead may be shorter."""
    width = round(WINDOW_MS * fs_hz / 1e3)
    place = torch.arange(time) // width
    within = place == torch.arange(int(place.max()) + 1)[:, None]
    return torch.einsum("lk,wt->lwkt", torch.eye(leads), within.float()).flatten(0, 1) > 0


def predicted_change(
    heatmap: Float[Tensor, "lead time"],
    x: Float[Tensor, "lead time"],
    removed: Bool[Tensor, "window lead time"],
    slope: bool,
) -> Float64[Tensor, " window"]:
    """Iᵀa of each window that is set to 0 µV, I/x in place of I for a contribution (captum)."""
    each = heatmap.double() * (x.double() if slope else (x != 0).double())
    return torch.einsum("wlt,lt->w", removed.double(), each)


def infidelity(predicted: Windows, moved: Windows) -> Float64[Tensor, "*ecg"]:
    """Mean of (Iᵀa − (f(x) − f(x − I)))², Yeh 2019, definition 2.1."""
    return (predicted - moved).square().mean(-1)


def scaled(predicted: Windows, moved: Windows) -> Float64[Tensor, "*ecg"]:
    """Infidelity of β·a with the best β, as a share of that of a map of 0; 1 for such a map.

    β is that of Yeh 2019, section 2; the share is ours. NaN where no removal moves the output.
    """
    square = predicted.square().mean(-1)
    beta = torch.where(square > 0, (predicted * moved).mean(-1) / square, 0.0)
    return infidelity(beta[..., None] * predicted, moved) / moved.square().mean(-1)


def scaled_infidelity(
    maps: Float[Tensor, "ecg lead time"],
    x: Float[Tensor, "ecg lead time"],
    moved: Float64[Tensor, "ecg window"],
    slope: bool,
) -> Float64[Tensor, " ecg"]:
    """`scaled` infidelity of each map; `moved` is what `removed` measured on these ECGs."""
    away = windows(*x.shape[1:])
    pairs = zip(maps, x, strict=True)
    return scaled(torch.stack([predicted_change(*pair, away, slope) for pair in pairs]), moved)


REMOVED = Step("removed_windows", version=1)


def removed(net: nn.Module, subject: Subject) -> Float64[np.ndarray, "ecg window"]:
    """f(x) − f(x − I) for every window of every lead set to 0 µV, in the target's unit."""
    probe = probe_of(net, subject)
    number = len(probe.chunks)
    with progress_bar(number, "windows removed", subject.progress) as done:
        return removed_chunks(probe, Keeper(subject.store, number, done.update)).all("change")


def removed_piece(probe: Probe) -> Piece:
    """The work of `removed`."""
    return Piece(len(probe.chunks), lambda: partial(removed_chunks, probe))


def removed_chunks(probe: Probe, keeper: Keeper) -> Chunks:
    """The chunks of `removed`."""
    away = windows(*probe.ecgs.x.shape[1:])

    def make(chunk: int) -> Mapping[str, np.ndarray]:
        each = []
        for x in probe.ecgs.x[probe.chunks[chunk]].cpu():
            copies = torch.cat([x[None], x.masked_fill(away, 0.0)])
            with unperturbed(probe.net, x.to(probe.device)):
                found = predictions(probe.net, copies, probe.output)
            each.append(found[0] - found[1:])
        return {"change": np.stack(each)}

    return keeper.chunks(REMOVED, probe.settings, make)


class Baselines:
    """Outputs of one network at the baselines of these ECGs; each is computed at most once."""

    def __init__(self, net: nn.Module, subject: Subject) -> None:
        self._net, self._subject = net, subject
        self._known: dict[str, PerEcg] = {}

    def of(self, method: Method) -> PerEcg:
        """Mean output of the other ECGs, of their mean, of each ECG with hidden waves, or f(0)."""
        kind = str(method.facts.baseline)
        if kind not in self._known:
            self._known[kind] = self._at(kind)
        return self._known[kind]

    def _at(self, kind: str) -> PerEcg:
        if kind == "line":
            return self._lines()
        if kind not in ("others", "mean of others"):
            return self._of_each(torch.zeros_like(self._subject.ecgs.x[:1]))
        others = self._subject.background
        if others is None:
            raise ValueError(
                "expected ECGs of others to compare with, got none; give Subject(background=…)"
            )
        return self._of_each(others if kind == "others" else others.mean(0, keepdim=True))

    def _lines(self) -> PerEcg:
        x, _, segments, _ = self._subject.ecgs
        hidden = [
            segmented(one, wave_segments(marks), "line").hidden
            for one, marks in zip(x.cpu(), segments.cpu(), strict=True)
        ]
        if not keeps_statistics(self._net):
            return self._outputs(torch.stack(hidden))
        return np.concatenate([self._copies(*pair) for pair in zip(x, hidden, strict=True)])

    def _of_each(self, baselines: Float[Tensor, "other lead time"]) -> PerEcg:
        """Mean output at the baselines, for each ECG."""
        x = self._subject.ecgs.x
        if not keeps_statistics(self._net):
            return np.full(len(x), self._outputs(baselines).mean())
        return np.array([self._copies(one, baselines).mean() for one in x])

    def _copies(
        self, x: Float[Tensor, "lead time"], baselines: Float[Tensor, "*other lead time"]
    ) -> Float64[np.ndarray, " other"]:
        """Outputs at the baselines, normalised as this ECG."""
        with unperturbed(self._net, x.to(device_of(self._net))):
            return self._outputs(baselines.reshape(-1, *x.shape))

    def _outputs(self, x: Float[Tensor, "ecg lead time"]) -> PerEcg:
        return predictions(self._net, x, self._subject.output)
