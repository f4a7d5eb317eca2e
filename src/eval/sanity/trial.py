"""What is left of every method's map in copies of a network, as rows of tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .estimates import Patients
from .floors import Ground
from .gates import Thresholds, Verdict, both, forgets
from .loss import beyond_x, floors_of, kept
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
        """The verdicts on each method, and what the one on the weights stands on."""
        rows = []
        for name in self.original.maps:
            left = self._beyond_x(name, [copy.maps for copy in copies])
            drawn = self._verdict(name, left, limits)
            labels = "not judged"
            if self.permuted:
                labels = self._verdict(name, self._beyond_x(name, [self.permuted]), limits)
            rho = self.patients.estimate(left["value"])
            rows.append(
                {
                    "method": name,
                    "beyond_x": rho.value,
                    "beyond_x_low": rho.low,
                    "beyond_x_high": rho.high,
                    "beyond_x_other_ecg": self.patients.estimate(left["other_ecg"]).value,
                    "weights_verdict": drawn,
                    "permuted_verdict": labels,
                    "verdict": both(drawn, labels),
                }
            )
        return rows

    def _beyond_x(self, name: str, others: Sequence[Heatmaps]) -> Numbers:
        own = self.original.maps[name]
        each = np.stack([gathered(other, [name], own.shape)[0] for other in others])
        return beyond_x(own, each, self.ground, VIEWS[0])

    def _verdict(self, name: str, left: Numbers, limits: Thresholds) -> Verdict:
        abs_x = self.patients.estimate(self.floors[name, VIEWS[0]]["abs_x"])
        rho = self.patients.estimate(left["value"])
        return forgets(rho, above_floor(left, self.patients), abs_x, limits)
