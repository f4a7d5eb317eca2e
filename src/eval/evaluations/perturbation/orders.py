"""Perturbation order: which point or segment of an ECG each step of its curve hits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64

from ....explain import Method
from ....store import Step
from ...chunks import BlockSettings, Chunks, Keeper
from ...heatmaps.attributions import ATTRIBUTIONS, TOP, heatmaps
from ...heatmaps.folding import fold
from ...heatmaps.order import rank_points
from ...heatmaps.probe import Probe
from ...protocol import Protocol
from .changes import changed_by, changes
from .oracle import unit_effects
from .units import folds, most_steps, segments_from, units_of

ORDERS = Step("orders", version=1)
ORACLES = Step("oracles", version=1)


@dataclass(frozen=True)
class PerturbationOrder:
    """Units of each ECG, first perturbed first: `read` gives those of a chunk of ECGs.

    `settings` is what those of each block were made from.

    A point or segment (a unit of the protocol) is numbered lead · units + unit.
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
        return {"attributions": {"settings": own, "version": ATTRIBUTIONS.version}}

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
