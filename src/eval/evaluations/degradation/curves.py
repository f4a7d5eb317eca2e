"""The outputs while an ECG is taken away, kept chunk by chunk."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ....engine import Copies, noise_field
from ....explain import Method
from ....store import Step
from ...chunks import Chunks, Keeper
from ...heatmaps.attributions import ATTRIBUTIONS, kept_attributions
from ...heatmaps.probe import Probe
from ..perturbation.curves import predictions
from .stages import WINDOW, Hits, point_stages, turned, window_stages

DEGRADED = Step("degraded", version=1)
ORDERS = ("windows_most", "windows_least", "points_top", "points_bottom")


@dataclass(frozen=True)
class Rules:
    """Fill of windows, number of steps of points, and which points go."""

    fill: Literal["mean", "zero"]
    steps: int
    positive: bool


def degraded(
    probe: Probe, method: Method, rules: Rules, keeper: Keeper
) -> dict[str, Float[np.ndarray, "ecg point"]]:
    """Output of every ECG before and after each step by ORDERS, and the share `replaced`.

    Raises ValueError when the method is wrong on this network.
    """
    kept = degraded_chunks(probe, method, rules, keeper)
    return {name: kept.all(name).astype(np.float64) for name in (*ORDERS, "replaced")}


def degraded_chunks(probe: Probe, method: Method, rules: Rules, keeper: Keeper) -> Chunks:
    """The chunks of `degraded`; errors as there."""
    attributed = kept_attributions(probe, method, 1, keeper)

    def of_block(block: int) -> Mapping[str, Any]:
        own = {"settings": attributed.settings[block], "version": ATTRIBUTIONS.version}
        return {
            "attributions": own,
            "window": WINDOW,
            "fill": rules.fill,
            "steps": rules.steps,
            "positive": rules.positive,
        }

    def make(number: int) -> Mapping[str, np.ndarray]:
        first = probe.chunks[number].start
        maps = torch.from_numpy(attributed.read(number, "maps"))
        each = [taken(probe, ecg, one, rules) for ecg, one in enumerate(maps, first)]
        return {name: torch.stack([one[name] for one in each]).numpy() for name in each[0]}

    return keeper.chunks(DEGRADED, probe.of_blocks(of_block), make)


def taken(
    probe: Probe, ecg: int, heatmap: Float[Tensor, "lead time"], rules: Rules
) -> dict[str, Tensor]:
    """Outputs of one ECG with this map, as `degraded` has them."""
    x, record = probe.ecgs.x[ecg].cpu(), probe.ecgs.record[ecg]
    windows, count = window_stages(heatmap, probe.seed, record)
    points = point_stages(heatmap, rules.steps, rules.positive, probe.seed, record)
    removal = (x.mean(1, keepdim=True) if rules.fill == "mean" else 0.0) - x
    # The article's noise has the SD of its standardised signals: here that of the ECG.
    noise = x.std() * noise_field(probe.seed, [record], 0, (len(x), x.shape[1]))[0] - x

    def outputs(hits: Hits, change: Float[Tensor, "lead time"], steps: int) -> Tensor:
        copies = Copies(x, hits, change[None].to(x.dtype), steps)
        return predictions(probe.walker, copies, probe.output)[0]

    gone = torch.stack([(points <= step).double().mean() for step in range(rules.steps + 1)])
    return {
        "windows_most": outputs(windows, removal, count),
        "windows_least": outputs(turned(windows, count), removal, count),
        "points_top": outputs(points, noise, rules.steps),
        "points_bottom": outputs(turned(points, rules.steps), noise, rules.steps),
        "replaced": gone,
    }
