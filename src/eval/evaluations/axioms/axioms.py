"""What a map owes whatever the network is: adding up, standing still, saying what removal does."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from torch import nn

from ....models import device_of
from ...asked import PerEcg, changed, stacked
from ...heatmaps.explained import Explained, explained, left_out, notes
from ...measures import Panel
from ..effects.unit import slopes
from ..sanity import Setup
from .baseline import Baselines
from .change import Unshifted, baseline_shift, leads_off, noisy, without
from .infidelity import scaled, told, windows
from .measures import MEASURES
from .numbers import alike, completeness_gap, sensitivity_max, share_of
from .removed import removed

QUESTION = "Does each map keep what its definition promises, and does it stand still where it must?"
SOURCE = "Sundararajan 2017; Yeh 2019; Kindermans 2019; lead off, noise and runs are our own"


def axioms(nets: Sequence[nn.Module], setup: Setup, ecgs: int = 32, copies: int = 2) -> Panel:
    """The measures of docs/axioms.md for each method and control, on the first `ecgs` ECGs.

    `copies` noisy copies of each are explained. Raises ValueError for less than 1 of either, or
    nothing to explain.
    """
    if ecgs < 1 or copies < 1:
        raise ValueError(f"expected at least 1 ECG and 1 copy, got {ecgs} and {copies}")
    setup = setup.first(ecgs)
    linted = notes({f"network {k}": net for k, net in enumerate(nets)}, setup)
    each = [_Variants(net, setup, copies) for net in nets]
    scores = stacked([one.scores() for one in each])
    return Panel(
        experiment="axioms",
        question=QUESTION,
        source=SOURCE,
        measures=MEASURES,
        scores=scores,
        records=setup.ecgs.record,
        patients=setup.patients,
        seed=setup.seed,
        notes=(*linted, *dict.fromkeys(note for one in each for note in one.left_out)),
    )


class _Variants:
    """The maps of one network: as they are, under noise, shifted, with a lead off, drawn anew."""

    def __init__(self, net: nn.Module, setup: Setup, copies: int) -> None:
        x, _, _, record = setup.ecgs
        self.net, self.setup = net, setup
        self.own = explained(net, setup, "the ECGs")
        self.noisy = [
            explained(net, changed(setup, noisy(x, record, setup.seed, copy)), f"noise {copy + 1}")
            for copy in range(copies)
        ]
        shift = baseline_shift().to(x)
        unshifted = Unshifted(net, shift.to(device_of(net))).eval()
        self.shifted = explained(unshifted, changed(setup, x + shift), "baseline shifted")
        self.off = leads_off(record, setup.seed)
        self.lead_off = explained(net, changed(setup, without(x, self.off)), "a lead off")
        self.again = explained(net, replace(setup, seed=setup.seed + 1), "another seed")
        every = left_out(self.own, *self._others)
        self.left_out = (
            *every,
            *(
                f"no shift is asked of {name}: {why}"
                for name, why in self.shifted.left_out.items()
                if name in self.own.maps
            ),
        )

    @property
    def _others(self) -> list[Explained]:
        return [*self.noisy, self.lead_off, self.again]

    def scores(self) -> PerEcg:
        """The measures of each ECG, by method that is right on every variant."""
        names = [name for name in self.own.maps if all(name in one.maps for one in self._others)]
        is_slope, baselines = slopes(self.net, self.setup, names), Baselines(self.net, self.setup)
        moved = torch.from_numpy(removed(self.net, self.setup))
        found = {measure.name: {} for measure in MEASURES}
        for name in names:
            maps, copies = self.own.maps[name], [one.maps[name] for one in self.noisy]
            difference = self.own.outputs - baselines.of(self.setup.every[name])
            gap = completeness_gap(maps, difference)
            numbers = {
                "completeness": np.full_like(gap, np.nan) if is_slope[name] else gap,
                "infidelity": self._infidelity(maps, moved, is_slope[name]),
                "sensitivity": sensitivity_max(maps, np.stack(copies)),
                "noise": np.mean([alike(maps, copy) for copy in copies], 0),
                "shift": self._shift(name),
                "lead_off": share_of(self.lead_off.maps[name], self.off),
                "runs": alike(maps, self.again.maps[name]),
            }
            for measure, values in numbers.items():
                found[measure][name] = values
        return found

    def _shift(self, name: str) -> Float[np.ndarray, " ecg"]:
        """NaN of a method that cannot explain the network behind another layer."""
        maps = self.own.maps[name]
        there = name in self.shifted.maps
        return alike(maps, self.shifted.maps[name]) if there else np.full(len(maps), np.nan)

    def _infidelity(
        self, maps: Float[np.ndarray, "ecg lead time"], moved: torch.Tensor, slope: bool
    ) -> Float[np.ndarray, " ecg"]:
        x = self.setup.ecgs.x.cpu()
        away = windows(*x.shape[1:])
        pairs = zip(torch.from_numpy(maps), x, strict=True)
        said = torch.stack([told(heatmap, one, away, slope) for heatmap, one in pairs])
        return scaled(said, moved).numpy()
