"""Relevance by wave against what happens when waves are swapped: the evaluation `effects`."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ecglens.ecg import WAVES
from ecglens.eval import (
    Evaluation,
    Finding,
    Measure,
    Networks,
    NotApplicable,
    Piece,
    Subject,
    explained,
    left_out,
    linter_notes,
    stacked,
)
from ecglens.eval.evaluations.sanity import Copy, plan_of
from ecglens.eval.heatmaps import Probe, probe_of
from torch import nn

from .wave_swaps import EFFECTS, TYPICAL, Effect, effect_piece, measured
from .yardstick import Against, ByWave, compared, finite_mean, share

SOURCE = "our own definition; swaps of aligned waves as the donor fill of the perturbation score"
OWN = "our own definition"
MEASURES = (
    Measure(
        "leads", "Effect by wave and lead", "", True, "faithfulness", OWN,
        "Spearman's ρ, over each wave of each lead, between relevance and how far the output moves "
        "when it is swapped with another patient's.",
    ),
    Measure(
        "adds", "What a wave adds", "", True, "faithfulness", OWN,
        "Cosine, over each wave of each lead, of signed relevance with how far the output lies "
        "above that with the typical wave.", 0.0,
    ),
    Measure(
        "waves", "Effect by wave", "", True, "faithfulness", OWN,
        "Spearman's ρ over the five waves, each swapped in all leads together.",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Effects(Evaluation):
    """Relevance by wave against the effect of swapping the wave; of the first network.

    details: `waves` the mean Δf by wave, all leads together, `relevance` the share of |a| by wave
    of each method, `yardstick` its agreement beside that of other maps (`compared`).
    Raises NotApplicable for ECGs of one patient, ValueError for no donors.
    """

    donors: int = 5  # other ECGs that each wave is swapped with; 65 predictions each
    redrawn: int = 32  # ECGs explained with redrawn weights; 0 for none

    name = "effects"
    question = "Does relevance by wave say how far the output moves when that wave is swapped?"
    source = SOURCE
    store_steps = (EFFECTS,)
    every_network = False

    def __post_init__(self) -> None:
        if self.donors < 1:
            raise ValueError(f"expected at least 1 donor, got {self.donors}")

    def check(self, subject: Callable[[], Subject]) -> None:
        """NotApplicable for ECGs of one patient."""
        _check_patients(subject())

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """The maps of every network and its copy, and what waves swapped do to its output."""
        _check_patients(subject)
        probes = [probe_of(net, subject) for net in networks.nets]
        copies = [one for net in networks.nets for one in self._copies(net, subject)[0]]
        of_copies = [
            probe_of(copy.redrawn(), copy.subject) for copy in copies if _several(copy.subject)
        ]
        for maps in super().work(networks, subject):
            yield [
                *maps,
                *(piece for probe in probes for piece in self._pieces(probe)),
                *(copy.piece for copy in copies),
                *(piece for probe in of_copies for piece in self._pieces(probe)),
            ]

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The measures of docs/effects.md for each method and control."""
        _check_patients(subject)
        linted = linter_notes(networks.by_name, subject)
        per_net = [explained(net, subject, name) for name, net in networks.by_name.items()]
        copied = [self._copies(net, subject) for net in networks.nets]
        against = [
            Against(
                effects_of(net, subject, self.donors),
                one,
                copies[0].explained() if copies else None,
                subject,
                self._other_effects(copies),
            )
            for net, one, (copies, _) in zip(networks.nets, per_net, copied, strict=True)
        ]
        return Finding(
            self.about(networks, subject),
            measures=MEASURES,
            scores=stacked([each.scores for each in against]),
            notes=(
                *linted,
                *left_out(*per_net),
                *dict.fromkeys(f"no redrawn network: {why}" for _, why in copied if why),
            ),
            details={
                "waves": _by_wave([measured(net, subject, self.donors) for net in networks.nets]),
                "relevance": _shares(against[0]),
                "yardstick": compared(against, subject),
            },
        )

    def _other_effects(self, copies: Sequence[Copy]) -> tuple[ByWave, ByWave] | None:
        """Effects on the network with redrawn weights; None without one, and of one patient."""
        if not copies or not _several(copies[0].subject):
            return None
        return effects_of(copies[0].redrawn(), copies[0].subject, self.donors)

    def _pieces(self, probe: Probe) -> list[Piece]:
        """The work of `effects_of`."""
        return [effect_piece(probe, self.donors), effect_piece(probe, TYPICAL, typical=True)]

    def _copies(self, net: nn.Module, subject: Subject) -> tuple[Sequence[Copy], str]:
        """The network with redrawn weights, or none and the reason."""
        if not self.redrawn:
            return (), ""
        try:
            return plan_of(net, subject.first(self.redrawn), stages=0, copies=1).of_all, ""
        except NotApplicable as reason:
            return (), str(reason)


def effects_of(net: nn.Module, subject: Subject, count: int) -> tuple[ByWave, ByWave]:
    """Mean |Δf| over `count` donors, and what each wave adds to the output with a typical one."""
    size = np.abs(measured(net, subject, count)).mean(1)
    return size, -measured(net, subject, TYPICAL, typical=True)[:, 0]


def _several(subject: Subject) -> bool:
    return len({*subject.patients}) > 1


def _check_patients(subject: Subject) -> None:
    if not _several(subject):
        raise NotApplicable("waves are swapped with other patients', and all ECGs are of one")


def _by_wave(moved: Sequence[Effect]) -> pd.DataFrame:
    """Mean |Δf| and Δf of each wave, all leads together, over networks, ECGs and donors."""
    together = np.concatenate([effect[:, :, -1] for effect in moved]).reshape(-1, len(WAVES))
    return pd.DataFrame(
        {
            "wave": WAVES,
            "mean_size": [finite_mean(np.abs(each)) for each in together.T],
            "mean_change": [finite_mean(each) for each in together.T],
        }
    )


def _shares(found: Against) -> pd.DataFrame:
    """The mean share of Σ |a| over the five waves that each method has in each of them."""
    rows = []
    for name, (sizes, _) in found.own.items():
        sums = sizes[:, -1]
        total = np.nansum(sums, 1, keepdims=True)
        shares = share(sums, np.broadcast_to(total, sums.shape))
        rows.append({"method": name, **dict(zip(WAVES, map(finite_mean, shares.T), strict=True))})
    return pd.DataFrame(rows)
