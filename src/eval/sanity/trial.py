"""What is left of every method's map in copies of a network, as rows of tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .estimates import Patients
from .floors import Ground
from .gates import Thresholds, Verdict, both, forgets
from .loss import floors_of, kept
from .maps import Explained, Heatmaps
from .permuted import gathered
from .rows import Numbers, above_floor, kind, output_agreement, row
from .views import SIGNS, VIEWS, View


@dataclass(frozen=True)
class Trial:
    """The maps of the original and of the label-permuted network, against which copies stand."""

    original: Explained
    permuted: Heatmaps
    ground: Ground
    patients: Patients

    @cached_property
    def floors(self) -> Mapping[tuple[str, View], Numbers]:
        """By method and view; they are the same for every copy."""
        found = {}
        for name, heatmaps in self.original.maps.items():
            foreign = gathered(self.permuted, [name], heatmaps.shape)[0]
            for view in VIEWS:
                found[name, view] = floors_of(heatmaps, foreign, self.ground, view)
        return found

    def numbers(self, name: str, copies: Sequence[Explained], view: View) -> Numbers:
        """ρ of a method's maps with those of the copies, and the floors."""
        heatmaps = self.original.maps[name]
        others = np.stack([gathered(one.maps, [name], heatmaps.shape)[0] for one in copies])
        return {**self.floors[name, view], **kept(heatmaps, others, self.ground, view)}

    def row(self, name: str, copies: Sequence[Explained], view: View) -> dict[str, Any]:
        """The row of a method in a view."""
        named = {"scale": view.scale, "sign": view.sign, "method": name, "kind": kind(name)}
        return named | row(self.numbers(name, copies, view), self.patients)

    def stage(self, copy: Explained) -> list[dict[str, Any]]:
        """The rows of one stage, with how far the output changed."""
        change = output_agreement(self.original.outputs, copy.outputs)
        views = [View("sample", sign) for sign in SIGNS]
        return [
            self.row(name, [copy], view) | change for name in self.original.maps for view in views
        ]

    def lost(self, copies: Sequence[Explained]) -> list[dict[str, Any]]:
        """The rows of every view when all weights are lost."""
        return [self.row(name, copies, view) for name in self.original.maps for view in VIEWS]

    def verdicts(self, copies: Sequence[Explained], limits: Thresholds) -> list[dict[str, Any]]:
        """The verdicts on each method."""
        rows = []
        for name in self.original.maps:
            numbers = self.numbers(name, copies, VIEWS[0])
            drawn = self._verdict(numbers, "value", limits)
            labels = self._verdict(numbers, "permuted", limits) if self.permuted else "not judged"
            rows.append(
                {
                    "method": name,
                    "weights_verdict": drawn,
                    "permuted_verdict": labels,
                    "verdict": both(drawn, labels),
                }
            )
        return rows

    def _verdict(self, numbers: Numbers, which: str, limits: Thresholds) -> Verdict:
        rho = self.patients.estimate(numbers[which])
        return forgets(rho, above_floor(numbers, self.patients, which), limits)
