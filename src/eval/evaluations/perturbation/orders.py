"""Order in which a map, or the oracle, hits the units of an ECG, and the curves kept along it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from ....engine import NEVER, Copies, Walker, noise_field
from ....explain import Method
from ....progress import progress_bar
from ....store import Step
from ...chunks import BlockSettings, Chunks, Keeper
from ...curves import CurveArray
from ...heatmaps.attributions import ATTRIBUTIONS, TOP, heatmaps
from ...heatmaps.folding import fold, from_r_peak
from ...heatmaps.order import rank_points, step_of_samples
from ...heatmaps.probe import Probe
from ...protocol import Protocol
from .curves import (
    Noise,
    changed_by,
    changes,
    folds,
    most_steps,
    noise_deviation,
    predictions,
    segments_from,
    units_of,
    width_of,
)


def oracle(
    net: nn.Module | Walker,
    x: Float[Tensor, "batch lead time"],
    target: int = 0,
    noise: Noise = Noise(),  # noqa: B008 - frozen
    draws: int = 1,
    progress: bool = True,
) -> Float[Tensor, "batch lead time"]:
    """|f(x with noise on one point) − f(x)| for every point, the mean over `draws`.

    As a heatmap it ranks the points by what perturbing them really does, one at a time, with the
    noise that `perturbation_curve` gives them in `draws` repeats from `noise.draw` on; our own
    definition. An ECG of 12 × 600 samples takes 7200 predictions a draw.
    Raises ValueError for no draws or another number of names than of ECGs.
    """
    if draws < 1:
        raise ValueError(f"expected at least one draw, got {draws}")
    x = torch.as_tensor(x).to(torch.float32)
    names = noise.names(x)
    leads, time = x.shape[1:]
    deviation = noise_deviation(x, noise.share, noise.scope).cpu()
    walker = net if isinstance(net, Walker) else Walker(net, x[0])
    effects = torch.zeros_like(x, device="cpu")
    with progress_bar(len(x) * leads, "oracle", progress) as done:
        for number, (one, name) in enumerate(zip(x.cpu(), names, strict=True)):
            numbers = range(noise.draw, noise.draw + draws)
            drawn = [noise_field(noise.seed, [name], draw, (leads, time)) for draw in numbers]
            fields = deviation[number] * torch.cat(drawn).to(x.dtype)
            effects[number] = unit_effects(
                walker, one, fields, torch.arange(time), target, lambda: done.update()
            )
    return effects.to(x.device)


def unit_effects(
    walker: Walker,
    x: Float[Tensor, "lead time"],
    changed: Float[Tensor, "draw lead time"],
    units: Int64[Tensor, " time"],
    target: int,
    done: Callable[[], object] = lambda: None,
) -> Float[Tensor, "lead unit"]:
    """|f(x with one unit of one lead changed) − f(x)|, the mean over draws; `done` after a lead."""
    count = int(units.max()) + 1
    effects = x.new_zeros(len(x), count)
    for lead in range(len(x)):
        hit = torch.full(x.shape, NEVER)
        hit[lead] = units + 1
        curves = predictions(walker, Copies(x, hit, changed, count, alone=True), target)
        effects[lead] = (curves[:, 1:] - curves[:, :1]).abs().mean(0)
        done()
    return effects


ORDERS = Step("orders", version=1)
ORACLES = Step("oracles", version=1)


@dataclass(frozen=True)
class PerturbationOrder:
    """Units of each ECG, first perturbed first: `read` gives those of a chunk of ECGs.

    `settings` is what those of each block were made from. A point or segment (a
    unit of the protocol) is numbered lead · units + unit.
    """

    settings: BlockSettings
    read: Callable[[int], Int64[np.ndarray, "ecg step"]]


def perturbation_order(
    probe: Probe, protocol: Protocol, method: Method, attributed: Chunks, keeper: Keeper
) -> PerturbationOrder:
    """Perturbation order by a method's maps; points, most relevant first, are kept with the maps.

    Other orders are kept in their turn. The maps of long ECGs, which are not kept, are made again.
    """

    def made_of(block: int) -> Mapping[str, Any]:
        own = attributed.settings[block]
        # Maps may be of another network than the one that is perturbed.
        other = {} if own["network"] == probe.key else {"network": probe.key}
        return {"attributions": {"settings": own, "version": ATTRIBUTIONS.version}, **other}

    if protocol.plain:
        name = "folded" if folds(probe, protocol) else "plain"
        settings = probe.of_blocks(made_of)
        return PerturbationOrder(settings, lambda number: attributed.read(number, name))
    units = units_of(probe, protocol)
    top = _top(probe, protocol)

    def ranked(block: int) -> Mapping[str, Any]:
        return {
            "order": protocol.order,
            "folded": folds(probe, protocol),
            **segments_from(probe, protocol, probe.blocks[block]),
            "top": top,
        }

    def with_order(block: int) -> Mapping[str, Any]:
        return {**made_of(block), "ranked": {**ranked(block), "version": ORDERS.version}}

    def make(number: int) -> Mapping[str, np.ndarray]:
        chunk = probe.chunks[number]
        maps = torch.from_numpy(attributed.read(number, "maps"))
        if len(maps) == 0:
            maps = heatmaps(probe, method, chunk)
        each = zip(maps, units[chunk], probe.ecgs.record[chunk], strict=True)
        found = [
            rank_points(fold(heatmap, own)[None], top, probe.seed, [record], protocol.order)
            for heatmap, own, record in each
        ]
        return {"order": torch.cat(found).numpy()}

    own = probe.of_blocks(lambda block: {**made_of(block), **ranked(block)})
    kept = keeper.chunks(ORDERS, own, make)
    return PerturbationOrder(probe.of_blocks(with_order), lambda number: kept.read(number, "order"))


def oracle_order(probe: Probe, protocol: Protocol, keeper: Keeper) -> PerturbationOrder:
    """Perturbation order by the protocol's own oracle, for the first `protocol.oracle` ECGs.

    Each point or segment is changed alone, just as its step would change it (unit_effects).
    """
    ecgs = range(min(protocol.oracle, len(probe.ecgs.record)))
    units, changed = units_of(probe, protocol), changes(probe, protocol)
    top = _top(probe, protocol)

    def of_block(block: int) -> Mapping[str, Any]:
        return {
            **probe.settings[block],
            **changed_by(probe, protocol, probe.blocks[block]),
            "anchored": len(ecgs[probe.blocks[block]]),
            "order": protocol.order,
            "top": top,
        }

    def make(number: int) -> Mapping[str, np.ndarray]:
        found = []
        for ecg in ecgs[probe.chunks[number]]:
            x, record = probe.ecgs.x[ecg], probe.ecgs.record[ecg]
            effects = unit_effects(probe.walker, x, changed(ecg), units[ecg], probe.output)
            found.append(rank_points(effects[None], top, probe.seed, [record], protocol.order))
        return {"order": torch.cat(found).numpy()}

    def made_of(block: int) -> Mapping[str, Any]:
        return {"oracle": {"settings": kept.settings[block], "version": ORACLES.version}}

    kept = keeper.chunks(ORACLES, probe.of_blocks(of_block), make)
    return PerturbationOrder(probe.of_blocks(made_of), lambda number: kept.read(number, "order"))


def _top(probe: Probe, protocol: Protocol) -> int:
    """Number of an ECG's units that are kept in order."""
    return min(max(TOP, protocol.steps), most_steps(probe, protocol))


PLACE_MS = 30  # as the segments: exact points of some tens of ECGs hardly ever meet


def places(
    probe: Probe, protocol: Protocol
) -> Callable[[PerturbationOrder], Int64[np.ndarray, "ecg step"]]:
    """Function of a perturbation order that gives the place hit by each step, for every ECG.

    A place is a lead and PLACE_MS of the beat (or a segment, where these are hit), counted from
    the R peak and numbered alike in all of these ECGs.
    """
    width = width_of(probe, protocol)
    width = width if width > 1 else max(1, round(PLACE_MS * probe.fs / 1e3))
    # Part 0 of the beat has the R peak in its middle.
    from_r = (from_r_peak(one) + width // 2 for one in probe.ecgs.segments)
    parts = [one.div(width, rounding_mode="floor") for one in from_r]
    first = min(int(one.min()) for one in parts)
    span = max(int(one.max()) for one in parts) - first + 1
    of_unit = []
    for part, units in zip(parts, units_of(probe, protocol), strict=True):
        found = torch.zeros(int(units.max()) + 1, dtype=torch.int64)
        # The samples of a unit are of one part, but where a strip that is not folded is cut.
        found.scatter_reduce_(0, units, part - first, "amin", include_self=False)
        of_unit.append(found.numpy())

    def hit(order: PerturbationOrder) -> Int64[np.ndarray, "ecg step"]:
        found = []
        for number, chunk in enumerate(probe.chunks):
            for steps, own in zip(order.read(number), of_unit[chunk], strict=True):
                lead, unit = np.divmod(steps[: protocol.steps], len(own))
                found.append(lead * span + own[unit])
        return np.stack(found)

    return hit


CURVES = Step("curves", version=2)


def kept_curves(
    probe: Probe, protocol: Protocol, order: PerturbationOrder, keeper: Keeper
) -> CurveArray:
    """Predictions at each step for ECGs of the keeper that have an order; made where missing."""
    return curve_chunks(probe, protocol, order, keeper).all("curves", axis=1)


def curve_chunks(
    probe: Probe, protocol: Protocol, order: PerturbationOrder, keeper: Keeper
) -> Chunks:
    """The chunks of `kept_curves`."""

    def of_block(block: int) -> Mapping[str, Any]:
        own, changed = order.settings[block], changed_by(probe, protocol, probe.blocks[block])
        return {**own, "steps": protocol.steps, **changed}

    units, changed = units_of(probe, protocol), changes(probe, protocol)

    def make(number: int) -> Mapping[str, np.ndarray]:
        first = probe.chunks[number].start
        each = [
            ecg_curves(probe, protocol.steps, ecg, torch.from_numpy(own), units[ecg], changed(ecg))
            for ecg, own in enumerate(order.read(number), first)
        ]
        return {"curves": torch.stack(each, dim=1).numpy()}

    return keeper.chunks(CURVES, probe.of_blocks(of_block), make)


def ecg_curves(
    probe: Probe,
    steps: int,
    ecg: int,
    order: Int64[Tensor, "*draw step"],
    units: Int64[Tensor, " time"],
    changed: Float[Tensor, "draw lead time"],
) -> Float[Tensor, "draw point"]:
    """Curves of one ECG by one order or one a draw; a step hits the samples of a unit in a lead."""
    x = probe.ecgs.x[ecg]
    hit = step_of_samples(order[..., :steps], units, len(x))
    copies = Copies(x, hit, changed, steps)
    return predictions(probe.walker, copies, probe.output, probe.subject.named(ecg))
