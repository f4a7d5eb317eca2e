"""Kept share of every method's maps in networks with redrawn weights or permuted labels."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float

from ...evaluation import Evaluation, NotApplicable
from ...finding import Finding
from ...heatmaps.explained import Explained, Heatmaps, explained, left_out, linter_notes
from ...heatmaps.probe import probe_of
from ...precompute import Piece
from ...statistics.resampling import Patients
from ...subject import Networks, Subject
from .baselines import (
    JUDGED_MAPS,
    Ground,
    JudgedMaps,
    Kept,
    Numbers,
    Residuals,
    baselines_of,
    estimated,
    gathered,
    ground_of,
    kept,
    partial_rhos,
    permuted_maps,
)
from .copies import Plan, Stage, plan_of
from .correlation import RESOLUTIONS, SIGNS, Resolution
from .gates import (
    RHO,
    THRESHOLDS,
    Case,
    Decision,
    Thresholds,
    Verdict,
    both,
    forgets,
    frame,
    headline,
    kind,
    mean_agreement,
    output_agreement,
    rho_table,
    row,
)
from .moved import moved_finding, moved_pieces
from .twins import INTERVALS, SCORED, Twin, judged, score_sentence
from .twins import columns as columns_of

NOT_JUDGED: Verdict = "not judged"
# Beginnings of the columns of both gates by score: weights redrawn, labels permuted.
SCORES = ("redrawn", "labels")
# What is lost in each gate by ρ, by the beginning of its columns.
GATES = {"weights": "weights redrawn", "permuted": "labels permuted"}


class Judged(NamedTuple):
    """Kept share of a method's maps for each part, and the decision on it."""

    parts: Mapping[JudgedMaps, Kept]
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
            part = self.parts(name, [copy.maps], JUDGED_MAPS[:1])[JUDGED_MAPS[0]]
            left = {"absolute": self.patients.estimate(part[0]).value if len(part) else np.nan}
            for sign in SIGNS:
                resolution = Resolution("sample", sign)
                row = self.row(name, resolution, self.numbers(name, [copy], resolution))
                rows.append(row | {"kept": left.get(sign, np.nan)} | change)
        return rows

    def lost(
        self, copies: Sequence[Explained]
    ) -> tuple[list[dict[str, Any]], dict[str, Float[np.ndarray, "1 1 ecg"]]]:
        """Rows of every resolution with all weights lost, and each ECG's mean ρ.

        The ρ are at the resolution that is judged.
        """
        rows, rhos = [], {}
        for name in self.original.maps:
            found = {each: self.numbers(name, copies, each) for each in RESOLUTIONS}
            rows += [self.row(name, each, numbers) for each, numbers in found.items()]
            rhos[name] = found[RESOLUTIONS[0]]["value"][None, None]
        return rows, rhos

    def gate(self, others: Sequence[Heatmaps], limits: Thresholds) -> dict[str, Judged]:
        """Decision on each method, corrected over the methods; controls are corrected apart.

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
        self, name: str, others: Sequence[Heatmaps], wanted: Sequence[JudgedMaps] = JUDGED_MAPS
    ) -> Mapping[JudgedMaps, Float[np.ndarray, "redraw ecg"]]:
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
        rows.append(row | {"rho_verdict": both(*verdicts)})
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
    DEAR_REDRAWS), and what is kept beyond |x| by the part that is kept most (gates.forgets), which
    describes. details:
    `resolutions` every resolution; `kept` every part that a gate judges; `stages` both signs by
    sample at each of `stages` steps from the output to the input, in a cascade and each alone,
    with the change of the output; `layers` the layers of a step; neither for no stages.
    """

    permuted: bool = True
    permuted_ecgs: int | None = None  # fewer are learned by heart, in more epochs
    permuted_epochs: int | None = None
    stages: int = 6  # groups of layers from the output to the input; each costs two sets of maps
    copies: int = 10  # networks with all weights redrawn; 3 for methods dearer than a gradient
    ecgs: int | None = None  # fewer cost less: every one is explained 2 × stages + 1 + copies times
    limits: Thresholds = THRESHOLDS

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
        own, redrawn, labels = _twins(networks, subject, plan)
        scored = probe_of(networks.nets[0], subject)
        yield [each.piece(scored) for each in (own, *redrawn, *labels)]

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
        own, *twins = _twins(networks, subject, plan)
        probe = probe_of(net, subject)
        mine = own.areas(probe)
        scored = [
            judged(mine, [one.areas(probe) for one in each], subject.patients) for each in twins
        ]
        drawn = redrawn.gate([one.maps for one in lost], self.limits)
        labels = redrawn.gate([other], self.limits) if other else {}
        table = headline(resolutions).merge(frame(columns(drawn, labels, self.limits)), on="method")
        for prefix, found in zip(SCORES, scored, strict=True):
            table = table.merge(columns_of(prefix, found), on="method")
        verdicts = zip(*(table[f"{prefix}_verdict"] for prefix in SCORES), strict=True)
        table["verdict"] = [both(*each) for each in verdicts]
        table = table.assign(**mean_agreement(changes))
        kept = frame([*parts("weights", drawn), *parts("permuted", labels)])
        tables = {"kept": kept, "resolutions": resolutions}
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


def _twins(
    networks: Networks, subject: Subject, plan: Plan
) -> tuple[Twin, Sequence[Twin], Sequence[Twin]]:
    """The network itself, those with redrawn weights, and that on permuted labels if there is."""
    every, permuted = subject.every_method, networks.permuted
    return (
        Twin(lambda: networks.nets[0], every),
        [Twin(copy.redrawn, copy.subject.every_method) for copy in plan.of_all[:SCORED]],
        [] if permuted is None else [Twin(lambda: permuted, every)],
    )


def _layers(steps: Sequence[Stage]) -> pd.DataFrame:
    return frame(
        {"mode": stage.mode, "stage": stage.number, "layer": layer}
        for stage in steps
        for layer in stage.layers
    )
