"""Loss of maps when weights are redrawn (Adebayo 2018; Arends 2026, experiment 3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from ...ahead import Piece
from ...evaluation import Evaluation
from ...finding import Finding
from ...heatmaps.explained import explained, left_out, linter_notes
from ...networks import Networks
from ...statistics.estimates import Patients
from ...subject import Subject
from .baselines import ground_of, permuted_maps
from .copies import Stage, plan_of
from .gates import THRESHOLDS, Thresholds
from .redrawn import Redrawn, columns, parts
from .rows import RHO, by_verdict, frame, headline, mean_agreement, output_agreement, rho_table

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
        plan = plan_of(networks.nets[0], subject, self.stages, self.copies)
        # The last stage of the cascade is the first copy.
        copies = {copy.key: copy.piece for copy in (*plan.of_stages, *plan.of_all)}
        for maps in super().work(networks, subject):
            yield [*maps, *copies.values()]

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """ρ with copies at every stage and with all weights redrawn; the gates.

        NotApplicable for weights that are not known, as of a program or a function, and for layers
        that cannot be redrawn.
        """
        net = networks.nets[0]
        plan = plan_of(net, subject, self.stages, self.copies)
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
        drawn = redrawn.gate([one.maps for one in lost], self.limits)
        labels = redrawn.gate([other], self.limits) if other else {}
        table = headline(resolutions).merge(frame(columns(drawn, labels, self.limits)), on="method")
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
