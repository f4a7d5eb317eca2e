"""Loss of maps when weights are redrawn (Adebayo 2018; Arends 2026, experiment 3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd
from torch import nn

from ....models import layers, randomised
from ...ahead import Piece
from ...evaluation import Evaluation, NotApplicable
from ...finding import Finding
from ...heatmaps.explained import Explained, explained, left_out, linter_notes, map_piece
from ...networks import Networks
from ...statistics.estimates import Patients
from ...subject import Subject
from .baselines import ground_of
from .gates import THRESHOLDS, Thresholds
from .judged import columns, parts
from .permuted import permuted_maps
from .price import DEAR_REDRAWS, cheap
from .redrawn import Redrawn
from .rows import RHO, by_verdict, frame, headline, mean_agreement, output_agreement, rho_table
from .stages import Stage, stages_of

QUESTION = "Is the map lost when the network loses what it has learned?"
SOURCE = (
    "Adebayo 2018 (weights redrawn in a cascade and layer by layer; labels permuted) and Arends "
    "2026, experiment 3 (only its abstract was at hand); baselines and limits are ours"
)
INTERVALS = (
    "intervals hold for this network: over redraws and patients, of the label-permuted network and "
    "of baselines over patients alone; p is corrected over methods within each gate, not over gates"
)


@dataclass(frozen=True)
class Weights(Evaluation):
    """ρ between the maps of the first network and of copies of it whose weights were redrawn.

    The table has, absolute and by sample, the mean over `copies` networks with all weights redrawn
    (methods dearer than a gradient: the first DEAR_REDRAWS), and for the gates on the weights and
    on permuted labels the part that decides, its interval, p and verdict (gates.forgets). details:
    `resolutions` every resolution; `kept` every part that a gate judges; `stages` both signs by
    sample at each of `stages` steps from the output to the input, in a cascade and each alone,
    with the change of the output; `layers` the layers of a step. Raises ValueError for layers that
    cannot be redrawn.
    """

    permuted: bool = True
    stages: int = 6  # groups of layers from the output to the input; each costs two sets of maps
    copies: int = 10  # networks with all weights redrawn; 3 for methods dearer than a gradient
    ecgs: int | None = None  # fewer cost less: every one is explained 2 × stages + 1 + copies times
    limits: Thresholds = THRESHOLDS

    name = "weights"
    question = QUESTION
    source = SOURCE
    cites = ("arends2026", "adebayo2018")
    every_network = False

    def __post_init__(self) -> None:
        if self.stages < 1 or self.copies < 1:
            raise ValueError(
                f"expected at least 1 stage and 1 copy, got {self.stages} and {self.copies}"
            )

    def check_networks(self, networks: Networks, subject: Subject) -> None:
        """ValueError where weights cannot be redrawn."""
        layers(networks.nets[0], subject.ecgs.x[:1])

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """The maps of the network, of that on permuted labels, and of every copy."""
        net = networks.nets[0]
        names = layers(net, subject.ecgs.x)
        # The last stage of the cascade is the first copy.
        each = {(stage.layers, 0): subject for stage in stages_of(names, self.stages)}
        for number, own in enumerate(self._of_copies(net, subject)):
            each[tuple(names), number] = own
        copies = [
            map_piece(partial(_redrawn, net, subject, *place), own) for place, own in each.items()
        ]
        for maps in super().work(networks, subject):
            yield [*maps, *copies] if names else maps

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """ρ with copies at every stage and with all weights redrawn; the gates.

        NotApplicable for a program or a function, whose weights are not known.
        """
        net = networks.nets[0]
        names = layers(net, subject.ecgs.x)
        if not names:
            raise NotApplicable("the network has no weights that can be drawn again")
        linted = linter_notes({"the network": net}, subject)
        steps = stages_of(names, self.stages)
        original = explained(net, subject, "the network")
        other, remarks = permuted_maps(networks.permuted, subject)
        patients = Patients(subject.patients, subject.seed)
        redrawn = Redrawn(original, other, ground_of(subject), patients)
        rows = [
            {"mode": stage.mode, "stage": stage.number} | one
            for stage in steps
            for one in redrawn.stage(
                _copy(net, subject, stage.layers, 0, f"{stage.mode} {stage.number}")
            )
        ]
        lost = self._lost(net, subject, names)
        of_lost, rhos = redrawn.lost(lost)
        resolutions = frame(of_lost)
        changes = [output_agreement(original.outputs, one.outputs) for one in lost]
        drawn = redrawn.gate([one.maps for one in lost], self.limits)
        labels = redrawn.gate([other], self.limits) if other else {}
        table = headline(resolutions).merge(frame(columns(drawn, labels, self.limits)), on="method")
        table = table.assign(**mean_agreement(changes))
        kept = frame([*parts("weights", drawn), *parts("permuted", labels)])
        tables = {
            "kept": kept,
            "resolutions": resolutions,
            "stages": frame(rows),
            "layers": _layers(steps),
        }
        return Finding(
            self.about(networks, subject),
            measures=(RHO,),
            scores={RHO.name: rhos},
            table=rho_table(table, tables),
            sentence=in_words(table, len(subject.records)),
            notes=(
                *linted,
                *left_out(original),
                *remarks,
                *(f"with all weights redrawn: {one}" for one in left_out(*lost)),
                INTERVALS,
            ),
            details=tables,
        )

    def _lost(self, net: nn.Module, subject: Subject, names: Sequence[str]) -> list[Explained]:
        """Copies with all weights redrawn; dear methods are explained on the first few."""
        return [
            _copy(net, own, names, number, f"copy {number + 1} of {self.copies}")
            for number, own in enumerate(self._of_copies(net, subject))
        ]

    def _of_copies(self, net: nn.Module, subject: Subject) -> list[Subject]:
        """The subject of each copy, with fewer methods from DEAR_REDRAWS on."""
        if self.copies <= DEAR_REDRAWS:
            return [subject] * self.copies
        cheaper = replace(subject, methods=cheap(net, subject))
        return [subject] * DEAR_REDRAWS + [cheaper] * (self.copies - DEAR_REDRAWS)


def _copy(
    net: nn.Module, subject: Subject, drawn: Sequence[str], number: int, doing: str
) -> Explained:
    """The maps of the network after the weights of these layers were redrawn."""
    return explained(_redrawn(net, subject, drawn, number), subject, doing)


def _redrawn(net: nn.Module, subject: Subject, drawn: Sequence[str], number: int) -> nn.Module:
    return randomised(net, drawn, subject.ecgs.x, subject.seed + number)


def _layers(steps: Sequence[Stage]) -> pd.DataFrame:
    return frame(
        {"mode": stage.mode, "stage": stage.number, "layer": layer}
        for stage in steps
        for layer in stage.layers
    )


def in_words(table: pd.DataFrame, ecgs: int) -> str:
    """The answer in one sentence."""
    verdicts = by_verdict(
        table, {"passes": "lost", "fails": "not lost", "cannot be said": "cannot be said"}
    )
    return (
        f"When the network loses what it has learned, the maps are {verdicts} (at most "
        f"{table['limit'].iloc[0]:.2f} of a map may be kept beyond |x|; {ecgs} ECGs, with all "
        f"weights redrawn the outputs keep r = {table['output_r'].iloc[0]:.2f})."
    )
