"""Kept share of every method's map in copies of a network, as rows and columns of tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from ...heatmaps.explained import Explained, Heatmaps
from ...statistics.estimates import Patients
from .baselines import Ground, Numbers, baselines_of, gathered, kept
from .correlation import RESOLUTIONS, SIGNS, Resolution
from .gates import Case, Decision, Thresholds, Verdict, both, forgets
from .kept import PARTS, Kept, Part, Residuals, estimated, partial_rhos
from .rows import kind, output_agreement, row

NOT_JUDGED: Verdict = "not judged"
# What is lost in each gate, by the beginning of its columns.
GATES = {"weights": "weights redrawn", "permuted": "labels permuted"}


class Judged(NamedTuple):
    """Kept share of a method's maps for each part, and the decision on it."""

    parts: Mapping[Part, Kept]
    decision: Decision


@dataclass(frozen=True)
class Redrawn:
    """The maps of the original and of the label-permuted network, against which copies stand."""

    original: Explained
    permuted: Heatmaps
    ground: Ground
    patients: Patients

    @cached_property
    def baselines(self) -> Mapping[tuple[str, Resolution], Numbers]:
        """Baselines by method and resolution; they are the same for every copy."""
        found = {}
        for name, heatmaps in self.original.maps.items():
            foreign = gathered(self.permuted, [name], heatmaps.shape)[0]
            for resolution in RESOLUTIONS:
                found[name, resolution] = baselines_of(heatmaps, foreign, self.ground, resolution)
        return found

    def numbers(self, name: str, copies: Sequence[Explained], resolution: Resolution) -> Numbers:
        """ρ of a method's maps with those of the copies that it explains, and the baselines."""
        others = _maps_of(name, [one.maps for one in copies], self.original.maps[name])
        kept_ = kept(self.original.maps[name], others, self.ground, resolution)
        return {**self.baselines[name, resolution], **kept_}

    def row(self, name: str, resolution: Resolution, numbers: Numbers) -> dict[str, Any]:
        """Row of a method at a resolution."""
        named = {
            "scale": resolution.scale,
            "sign": resolution.sign,
            "method": name,
            "kind": kind(name),
        }
        return named | row(numbers, self.patients)

    def stage(self, copy: Explained) -> list[dict[str, Any]]:
        """The rows of one stage, with how far the output changed.

        `kept`, of absolute maps, is what the gate judges (`partial_rhos` by sample), a mean.
        """
        change = output_agreement(self.original.outputs, copy.outputs)
        rows = []
        for name in self.original.maps:
            part = self.parts(name, [copy.maps], PARTS[:1])[PARTS[0]]
            left = {"absolute": self.patients.estimate(part[0]).value if len(part) else np.nan}
            for sign in SIGNS:
                resolution = Resolution("sample", sign)
                row = self.row(name, resolution, self.numbers(name, [copy], resolution))
                rows.append(row | {"kept": left.get(sign, np.nan)} | change)
        return rows

    def lost(
        self, copies: Sequence[Explained]
    ) -> tuple[list[dict[str, Any]], dict[str, Float[np.ndarray, "1 1 ecg"]]]:
        """When all weights are lost: rows of every resolution, and each ECG's mean ρ.

        The ρ are at the resolution that is judged.
        """
        rows, rhos = [], {}
        for name in self.original.maps:
            found = {each: self.numbers(name, copies, each) for each in RESOLUTIONS}
            rows += [self.row(name, each, numbers) for each, numbers in found.items()]
            rhos[name] = found[RESOLUTIONS[0]]["value"][None, None]
        return rows, rhos

    def gate(self, others: Sequence[Heatmaps], limits: Thresholds) -> dict[str, Judged]:
        """Each method's decision, corrected over the methods; controls are corrected apart.

        `others` are the maps of networks that have lost what the original learned.
        """
        found = {}
        for wanted in ("method", "control"):
            cases = {
                name: self._case(name, others, limits)
                for name in self.original.maps
                if kind(name) == wanted
            }
            decisions = forgets(cases, limits)
            found |= {name: Judged(cases[name].parts, decisions[name]) for name in cases}
        return found

    @cached_property
    def residuals(self) -> Residuals:
        """Residuals of maps of these ECGs beyond |x|."""
        return Residuals(self.ground, self.patients.names)

    def parts(
        self, name: str, others: Sequence[Heatmaps], wanted: Sequence[Part] = PARTS
    ) -> Mapping[Part, Float[np.ndarray, "redraw ecg"]]:
        """Partial ρ of a method's maps with those of these networks."""
        own = self.original.maps[name]
        return partial_rhos(own, _maps_of(name, others, own), self.residuals, wanted)

    def _case(self, name: str, others: Sequence[Heatmaps], limits: Thresholds) -> Case:
        baselines, names = self.baselines[name, RESOLUTIONS[0]], self.patients.names
        parts = {
            part: estimated(rhos, names, limits.limit, limits.missing)
            for part, rhos in self.parts(name, others).items()
        }
        copied = (
            self.patients.estimate(baselines[baseline]) for baseline in ("abs_x", "other_ecg")
        )
        return Case(parts, *copied)


def _maps_of(
    name: str, others: Sequence[Heatmaps], own: Float[np.ndarray, "ecg lead time"]
) -> Float[np.ndarray, "redraw ecg lead time"]:
    given = [maps[name] for maps in others if name in maps]
    return np.stack(given) if given else np.empty((0, *own.shape), own.dtype)


def columns(
    drawn: Mapping[str, Judged], labels: Mapping[str, Judged], limits: Thresholds
) -> list[dict[str, Any]]:
    """A row per method: of each gate what decides, its interval, p and verdict.

    `labels` is empty where no label-permuted network was given.
    """
    rows = []
    for name, weights in drawn.items():
        row = {"method": name, "limit": limits.limit} | _of("weights", weights)
        row |= _of("permuted", labels.get(name))
        verdicts = (row["weights_verdict"], row["permuted_verdict"])
        rows.append(row | {"verdict": both(*verdicts)})
    return rows


def parts(gate: str, judged: Mapping[str, Judged]) -> list[dict[str, Any]]:
    """A row for every method and part of a gate."""
    return [
        {
            "gate": GATES[gate],
            "method": name,
            "kind": kind(name),
            "part": str(part),
            "kept": kept.value,
            "kept_low": kept.low,
            "kept_high": kept.high,
            "missing": kept.missing,
            "redraws": kept.redraws,
        }
        for name, each in judged.items()
        for part, kept in each.parts.items()
    ]


def _of(gate: str, judged: Judged | None) -> dict[str, Any]:
    """`kept` is of the part that decides; of none where a map is a copy or nothing was given."""
    part = judged.decision.part if judged else None
    kept = judged.parts[part] if judged and part else None
    numbers = (kept.value, kept.low, kept.high) if kept else (np.nan,) * 3
    names = ("kept", "kept_low", "kept_high")
    return {f"{gate}_{name}": number for name, number in zip(names, numbers, strict=True)} | {
        f"{gate}_redraws": max((one.redraws for one in judged.parts.values()), default=0)
        if judged
        else 0,
        f"{gate}_p": judged.decision.p if judged else np.nan,
        f"{gate}_why": judged.decision.why if judged else "",
        f"{gate}_verdict": judged.decision.verdict if judged else NOT_JUDGED,
    }
