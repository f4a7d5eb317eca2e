"""Kept share of every method's maps in networks with redrawn weights or permuted labels."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from ....explain import GivenMaps
from ...evaluation import Evaluation, NotApplicable
from ...finding import Finding
from ...heatmaps.explained import Explained, Heatmaps, Maps, explained, left_out, linter_notes
from ...heatmaps.probe import probe_of
from ...precompute import Piece
from ...statistics.resampling import Patients
from ...subject import Networks, Subject
from .baselines import (
    BeyondX,
    Ground,
    Numbers,
    baselines_of,
    estimated,
    gathered,
    ground_of,
    kept,
    permuted_maps,
)
from .copies import Plan, Stage, plan_of
from .correlation import RESOLUTIONS, SIGNS, Resolution
from .gates import (
    RHO,
    both,
    frame,
    headline,
    kind,
    mean_agreement,
    output_agreement,
    rho_table,
    row,
)
from .moved import moved_finding, moved_pieces
from .twins import INTERVALS, SCORED, Twin, asked_of, columns, judged, score_sentence, twins_of

# Beginnings of the columns of both gates by score: weights redrawn, labels permuted.
SCORES = ("redrawn", "labels")


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
        named = {
            "scale": resolution.scale,
            "sign": resolution.sign,
            "method": name,
            "kind": kind(name),
        }
        return named | row(numbers, self.patients)

    def stage(self, copy: Explained) -> list[dict[str, Any]]:
        """The rows of one stage, with how far the output changed.

        `beyond_x`, of absolute maps, is a mean partial ρ given |x|.
        """
        change = output_agreement(self.original.outputs, copy.outputs)
        rows = []
        for name in self.original.maps:
            rhos = self.beyond_x(name, [copy.maps])
            left = {"absolute": self.patients.estimate(rhos[0]).value if len(rhos) else np.nan}
            for sign in SIGNS:
                resolution = Resolution("sample", sign)
                row = self.row(name, resolution, self.numbers(name, [copy], resolution))
                rows.append(row | {"beyond_x": left.get(sign, np.nan)} | change)
        return rows

    def lost(
        self, copies: Sequence[Explained]
    ) -> tuple[list[dict[str, Any]], dict[str, Float[np.ndarray, "1 1 ecg"]]]:
        """Rows of every resolution with all weights lost, and each ECG's mean ρ at the first."""
        rows, rhos = [], {}
        for name in self.original.maps:
            found = {each: self.numbers(name, copies, each) for each in RESOLUTIONS}
            rows += [self.row(name, each, numbers) for each, numbers in found.items()]
            rhos[name] = found[RESOLUTIONS[0]]["value"][None, None]
        return rows, rhos

    def beyond_x(self, name: str, others: Sequence[Heatmaps]) -> Float[np.ndarray, "redraw ecg"]:
        """Partial ρ, given |x|, of a method's absolute maps with those of these networks."""
        own = self.original.maps[name]
        return self.ground.partial_rhos(own, _maps_of(name, others, own))


def _maps_of(
    name: str, others: Sequence[Heatmaps], own: Maps
) -> Float[np.ndarray, "redraw ecg lead time"]:
    given = [maps[name] for maps in others if name in maps]
    return np.stack(given) if given else np.empty((0, *own.shape), own.dtype)


QUESTION = "Does a map score higher on this network than the map of one that has learned nothing?"
SOURCE = (
    "Adebayo 2018 (weights redrawn in a cascade and layer by layer; labels permuted) and Arends "
    "2026, experiment 3 (only its abstract was at hand); scores, baselines and limits are ours"
)


@dataclass(frozen=True)
class Weights(Evaluation):
    """Maps of the first network against those of copies whose weights were redrawn.

    The table has for both gates, on the weights (`redrawn_`) and on permuted labels (`labels_`),
    the share of the score that such maps bring on this network, by the protocol that decides, with
    interval, p and verdict (twins.judged). Then ρ of the maps, absolute and by sample, the mean
    over `copies` networks with all weights redrawn (methods dearer than a gradient: the first
    DEAR_REDRAWS), and the partial ρ given |x|, which describe. details: `resolutions` every
    resolution; `stages` both signs by sample at each of `stages` steps from the output to the
    input, in a cascade and each alone, with the change of the output; `layers` the layers of a
    step; neither for no stages.
    """

    permuted: bool = True
    permuted_ecgs: int | None = None  # fewer are learned by heart, in more epochs
    permuted_epochs: int | None = None
    stages: int = 6  # groups of layers from the output to the input; each costs two sets of maps
    copies: int = 10  # networks with all weights redrawn; 3 for methods dearer than a gradient
    ecgs: int | None = None  # fewer cost less: every one is explained 2 × stages + 1 + copies times

    name = "weights"
    question = QUESTION
    source = SOURCE
    cites = ("arends2026", "adebayo2018")
    every_network = False
    any_rate = True

    def __post_init__(self) -> None:
        if self.stages < 0 or self.copies < 1:
            raise ValueError(
                f"expected at least 0 stages and 1 copy, got {self.stages} and {self.copies}"
            )
        few = (self.permuted_ecgs, self.permuted_epochs)
        if any(each is not None and each < least for each, least in zip(few, (2, 1), strict=True)):
            raise ValueError(
                "expected at least 2 ECGs and 1 epoch of permuted labels, got permuted_ecgs="
                f"{self.permuted_ecgs} and permuted_epochs={self.permuted_epochs}"
            )

    def limited(self, subject: Subject) -> Subject:
        """Without maps that were given: they are the same for every network."""
        own = super().limited(subject)
        made = {name: each for name, each in own.methods.items() if not isinstance(each, GivenMaps)}
        return replace(own, methods=made)

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """The maps of the network, of that on permuted labels, and of every copy."""
        try:
            plan = plan_of(networks.nets[0], subject, self.stages, self.copies)
        except NotApplicable:
            yield from super().work(networks, subject)
            yield moved_pieces(networks, subject)
            return
        # The last stage of the cascade is the first copy.
        copies = {copy.key: copy.piece for copy in (*plan.of_stages, *plan.of_all)}
        for maps in super().work(networks, subject):
            yield [*maps, *copies.values()]
        own, labels = twins_of(networks, subject)
        scored = probe_of(networks.nets[0], subject)
        yield [each.piece(scored) for each in (own, *_redrawn_twins(plan), *labels)]

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """ρ with copies at every stage and with all weights redrawn; the gates.

        Where weights cannot be redrawn, as of a program or a function, the score kept behind a
        moved input alone (moved_finding); NotApplicable where that makes no difference either.
        """
        net = networks.nets[0]
        try:
            plan = plan_of(net, subject, self.stages, self.copies)
        except NotApplicable as why:
            return moved_finding(networks, subject, self.about(networks, subject), str(why))
        linted = linter_notes({"the network": net}, subject)
        original = explained(net, subject, "the network")
        other, remarks = permuted_maps(networks.permuted, subject)
        patients = Patients(subject.patients, subject.seed)
        redrawn = Redrawn(original, other, ground_of(subject), patients)
        rows = [
            {"mode": stage.mode, "stage": stage.number} | one
            for stage, copy in zip(plan.stages, plan.of_stages, strict=True)
            for one in redrawn.stage(copy.explained())
        ]
        lost = [copy.explained() for copy in plan.of_all]
        of_lost, rhos = redrawn.lost(lost)
        resolutions = frame(of_lost)
        changes = [output_agreement(original.outputs, one.outputs) for one in lost]
        own, permuted = twins_of(networks, subject)
        probe = probe_of(net, subject)
        mine = own.areas(probe)
        scored = [
            judged(mine, [one.areas(probe) for one in each], subject.patients, asked_of(each))
            for each in (_redrawn_twins(plan), permuted)
        ]
        table = headline(resolutions)
        maps = [one.maps for one in lost]
        table[[*BeyondX._fields]] = [
            estimated(redrawn.beyond_x(name, maps), patients.names) for name in table["method"]
        ]
        for prefix, found in zip(SCORES, scored, strict=True):
            table = table.merge(columns(prefix, found), on="method")
        verdicts = zip(*(table[f"{prefix}_verdict"] for prefix in SCORES), strict=True)
        table["verdict"] = [both(*each) for each in verdicts]
        table = table.assign(**mean_agreement(changes))
        tables = {"resolutions": resolutions}
        if plan.stages:
            tables |= {"stages": frame(rows), "layers": _layers(plan.stages)}
        return Finding(
            self.about(networks, subject),
            measures=(RHO,),
            scores={RHO.name: rhos},
            table=rho_table(table, tables),
            sentence=score_sentence(
                table,
                len(subject.records),
                "networks without what this one learned",
                "with all weights redrawn",
            ),
            notes=(
                *linted,
                *left_out(original),
                *remarks,
                *(f"with all weights redrawn: {one}" for one in left_out(*lost)),
                INTERVALS,
            ),
            details=tables,
        )


def _redrawn_twins(plan: Plan) -> list[Twin]:
    return [Twin(copy.redrawn, copy.subject.every_method) for copy in plan.of_all[:SCORED]]


def _layers(steps: Sequence[Stage]) -> pd.DataFrame:
    return frame(
        {"mode": stage.mode, "stage": stage.number, "layer": layer}
        for stage in steps
        for layer in stage.layers
    )
