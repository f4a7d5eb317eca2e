"""Perturbation curves: outputs while the points that a heatmap ranks highest are perturbed.

Storås et al. 2025 (JAMIA 32:79) add noise to one point a step and read the relative error; the
change of the prediction, several noise draws and random order of ties are our own definition.

Zero, mean, noise and interpolation are the usual baselines (Samek 2017; Ismail 2020); the smooth
bump and the donor's segment are our own definition. A change is that of the clean ECG: the points
beside a segment count as they are there, whether or not another step has hit them.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from ....engine import Copies, Walker, column_of, lines, noise_field, runs, sample_ids
from ....store import fingerprint
from ...heatmaps.explained import check_finite
from ...heatmaps.folding import aligned, r_peaks
from ...heatmaps.order import rank_points, step_of_points
from ...heatmaps.probe import Probe
from ...protocol import Protocol


@dataclass(frozen=True)
class Noise:
    """Noise of a perturbation curve: its size, and what it is drawn from.

    Its standard deviation is `share` times the clean input's max − min, of the whole ECG or of
    each lead (`scope`; Storås 2025: 0.2 of the ECG's). `draw` numbers the repeats for one `seed`.
    `records` name the ECGs, None names them by a hash of their samples.
    """

    share: float = 0.2
    seed: int = 0
    records: Sequence[str] | None = None
    draw: int = 0
    scope: Literal["sample", "lead"] = "sample"

    def names(self, x: Float[Tensor, "batch lead time"]) -> Sequence[str]:
        """Names of the ECGs; raises ValueError for another number of names than of ECGs."""
        names = sample_ids(x) if self.records is None else self.records
        if len(names) != len(x):
            raise ValueError(f"expected a name for each of {len(x)} ECGs, got {len(names)} names")
        return names


def perturbation_curve(
    net: nn.Module | Walker,
    x: Float[Tensor | np.ndarray, "batch lead time"],
    heatmap: Float[Tensor | np.ndarray, "batch lead time"],
    target: int = 0,
    steps: int = 200,
    noise: Noise | float = Noise(),
) -> Float[Tensor, "batch {steps}+1"]:
    """Predictions while step k adds noise to the point of k-th largest |heatmap|; index 0 is clean.

    The noise stays in place while later steps add theirs (Storås 2025). Points of equal
    |heatmap| are in random order, by the seed and the names of `noise`.
    The network is evaluated in evaluation mode and left as it was; several calls may share a
    Walker made of it.
    Raises ValueError for a heatmap of another shape, with NaN, or with fewer points than steps,
    another number of names than of ECGs, and without an ECG, a step or noise.

    .. deprecated:: 0.2.0
       A number as `noise`, its share; give Noise(share=…).
    """
    if not isinstance(noise, Noise):
        said = f"perturbation_curve(noise={noise}) ends with 0.3; give noise=Noise(share={noise})"
        warnings.warn(said, DeprecationWarning, stacklevel=2)
        noise = Noise(share=noise)
    if len(x) == 0 or steps < 1:
        raise ValueError(f"expected at least 1 ECG and 1 step, got {len(x)} ECGs and steps={steps}")
    if heatmap.shape != x.shape:
        raise ValueError(
            f"expected a heatmap of the shape of x, {tuple(x.shape)}, got {tuple(heatmap.shape)}"
        )
    x, heatmap = torch.as_tensor(x).to(torch.float32), torch.as_tensor(heatmap)
    names = noise.names(x)
    leads, time = x.shape[1:]
    hit = step_of_points(rank_points(heatmap, steps, noise.seed, names), (leads, time))
    deviation = noise_deviation(x, noise.share, noise.scope).cpu()
    field = deviation * noise_field(noise.seed, names, noise.draw, (leads, time)).to(x.dtype)
    walker = net if isinstance(net, Walker) else Walker(net, x[0])
    curves = [
        predictions(walker, Copies(*one, steps), target, f"index {ecg}")[0]
        for ecg, one in enumerate(zip(x.cpu(), hit, field[:, None], strict=True))
    ]
    return torch.stack(curves).to(x.device)


def noise_deviation(
    x: Float[Tensor, "batch lead time"], share: float, scope: Literal["sample", "lead"]
) -> Float[Tensor, "batch _ 1"]:
    """`share` × max − min of each clean ECG (Storås 2025) or lead, µV; ValueError for no noise."""
    if scope not in ("sample", "lead") or not share > 0:
        raise ValueError(f"expected a share above 0 of a sample or lead, got {share} of {scope!r}")
    over = (1, 2) if scope == "sample" else (2,)
    return share * (x.amax(over, keepdim=True) - x.amin(over, keepdim=True))


def predictions(
    walker: Walker, copies: Copies, target: int, name: str = "one of them"
) -> Float[Tensor, "draw {copies.steps}+1"]:
    """One ECG's predictions for every noise field and step, on the CPU; index 0 is clean.

    An ECG's copies never share a pass with another's, so that a curve is the same to the last bit
    whatever ECGs come with it. Raises ValueError for a target that the network does not have, and
    with the name of the ECG for predictions that are not finite.
    """
    outputs = walker(copies)
    predicted = column_of(outputs, len(outputs), target)
    check_finite(predicted[None], [name])
    draws = len(copies.fields)
    clean, perturbed = predicted[:1], predicted[1:]
    return torch.cat([clean.expand(draws, 1), perturbed.reshape(draws, copies.steps)], dim=1)


def folds(probe: Probe, protocol: Protocol) -> bool:
    """True where a step of this protocol changes every beat of these ECGs."""
    return protocol.folded and probe.strips


def units_of(probe: Probe, protocol: Protocol) -> list[Int64[Tensor, " time"]]:
    """The number of the point or segment of a lead that each sample belongs to, per ECG."""
    return probe.units(folds(probe, protocol), width_of(probe, protocol))


def width_of(probe: Probe, protocol: Protocol) -> int:
    """Samples of a lead that a step hits together in one beat; at least one at a low rate."""
    return max(1, protocol.width(probe.fs))


def segments_from(probe: Probe, protocol: Protocol, ecgs: slice) -> Mapping[str, Any]:
    """Settings that the segments of these ECGs depend on beside the beats; {} for points.

    Those are their width and the first R peaks.
    """
    width = width_of(probe, protocol)
    if width == 1:
        return {}
    first = [r_peaks(one)[:1].tolist() for one in probe.ecgs.segments[ecgs]]
    return {"width": width, "r_peaks": fingerprint({"first": first})}


def most_steps(probe: Probe, protocol: Protocol) -> int:
    """The largest number of steps that every ECG has points or segments for."""
    return probe.most_steps(folds(probe, protocol), width_of(probe, protocol))


def noise_change(
    x: Float[Tensor, "lead time"],
    field: Float[Tensor, "lead time"],
    units: Int64[Tensor, " time"],
    noise: float,
    scope: Literal["sample", "lead"],
) -> Float[Tensor, "lead time"]:
    """One draw of the field times a raised cosine over each run of samples of one unit.

    The bump's summit has `noise` times max − min as its standard deviation, and at both ends it
    sets out from zero: half a sample outside the run. A run of one sample gets its noise as it is.
    """
    first, length = runs(units)
    place = torch.arange(len(units)) - first
    bump = (1 - torch.cos(2 * torch.pi * (place + 0.5) / length)) / 2
    deviation = noise_deviation(x[None], noise, scope)[0].cpu()
    return deviation * field[:, first].to(x.dtype) * bump.to(x.dtype)


def changes(probe: Probe, protocol: Protocol) -> Callable[[int], Float[Tensor, "draw lead time"]]:
    """A function of an ECG's place that gives what is added to its points in every draw.

    Raises ValueError where donors are wanted and all ECGs are of one patient.
    """
    ecgs, draws = probe.ecgs, range(protocol.draws)
    units, others = units_of(probe, protocol), _donors(probe, protocol)

    def drawn(ecg: int, draw: int) -> Float[Tensor, "lead time"]:
        x = ecgs.x[ecg].cpu()
        if protocol.fill == "noise":
            field = noise_field(probe.seed, [ecgs.record[ecg]], draw, (len(x), x.shape[1]))[0]
            return noise_change(x, field, units[ecg], protocol.noise, protocol.noise_scope)
        if protocol.fill == "linear":
            return lines(x, units[ecg]) - x
        if protocol.fill == "mean":
            return x.mean(1, keepdim=True) - x
        if protocol.fill == "zero":
            return -x
        other = others[draw][ecg]
        at = aligned(ecgs.segments[ecg], ecgs.segments[other])
        return ecgs.x[other].cpu()[:, at] - x

    return lambda ecg: torch.stack([drawn(ecg, draw) for draw in draws])


def changed_by(probe: Probe, protocol: Protocol, ecgs: slice) -> Mapping[str, Any]:
    """The settings that the changes of these ECGs depend on, beside those of the probe."""
    settings = {
        "draws": protocol.draws,
        "folded": folds(probe, protocol),
        **segments_from(probe, protocol, ecgs),
    }
    if protocol.fill == "noise":
        return {**settings, "noise": protocol.noise, "noise_scope": protocol.noise_scope}
    given = [probe.of_others(each[ecgs]) for each in _donors(probe, protocol)]
    return {**settings, "fill": protocol.fill, **({"donors": given} if given else {})}


def _donors(probe: Probe, protocol: Protocol) -> list[list[int]]:
    """The donor of each ECG in each draw; none where the fill needs none."""
    if protocol.fill != "donor":
        return []
    return [probe.donors(draw) for draw in range(protocol.draws)]
