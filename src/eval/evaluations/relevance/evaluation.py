"""Relevance by class, lead and average beat (Bender 2023)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from torch import nn

from ...ahead import Piece
from ...evaluation import Evaluation
from ...finding import Finding
from ...heatmaps.explained import left_out, linter_notes, map_pieces
from ...measures.per_ecg import stacked
from ...networks import Networks
from ...subject import Subject
from .measured import measures
from .output_tables import ExplainedOutput
from .words import in_words

QUESTION = "What does relevance say by class, lead and average beat?"
SOURCE = (
    "Bender et al. 2023, IEEE JBHI 27 (only its abstract was at hand); definitions and the rules "
    "for its findings are our own, written before they were computed"
)


@dataclass(frozen=True)
class Relevance(Evaluation):
    """Relevance on the first network. `classes` are explained beside the target's own, in tables.

    The average beat is that of the maps of `shown`, or of the first method where it is not there.
    Tables leave out groups of fewer than `least` patients. Raises ValueError for fewer than 2, and
    for a class that the network does not have.
    """

    classes: Sequence[str] = ()
    shown: str = "integrated_gradients"
    least: int = 10

    name = "relevance"
    question = QUESTION
    source = SOURCE
    cites = ("bender2023",)
    every_network = False

    def __post_init__(self) -> None:
        if self.least < 2:
            raise ValueError(f"expected means over at least 2 patients, got least={self.least}")

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """The maps of each explained output."""
        net = networks.nets[0]
        every = [map_pieces(net, each.subject) for each in self._outputs(net, subject)]
        yield [one for each in every for one in each]

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """Average relevance by class, segment of the beat and lead; the study's findings judged."""
        net = networks.nets[0]
        linted = linter_notes({"the network": net}, subject)
        outputs = self._outputs(net, subject)
        first = outputs[0]
        details = joined([each.tables | each.average_beats(self.shown) for each in outputs])
        return Finding(
            self.about(networks, subject),
            measures=measures(first.target.unit),
            scores=stacked([first.numbers]),
            sentence=in_words(details["findings"], len(subject.records)),
            notes=(
                *linted,
                *left_out(*(each.found for each in outputs)),
                "one network was asked",
                *self._too_few(details),
            ),
            details=details,
        )

    def _too_few(self, details: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
        reason = (
            f"no group has {self.least} patients: no average beat, no table by wave and by lead"
        )
        return () if "by_wave" in details else (reason,)

    def _outputs(self, net: nn.Module, subject: Subject) -> list[ExplainedOutput]:
        """The target's own output, then the others of `classes`."""
        own = subject.target
        others = [replace(own, explain=name) for name in self.classes if name != own.explained]
        return [
            ExplainedOutput(net, subject, self.least),
            *(
                ExplainedOutput(net, replace(subject, target=each, output=each.index), self.least)
                for each in others
            ),
        ]


def joined(parts: Sequence[dict[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """The rows of all parts by table; tables without any are left out."""
    names = dict.fromkeys(name for part in parts for name in part)
    tables = {name: [part[name] for part in parts if len(part.get(name, ()))] for name in names}
    return {name: pd.concat(each, ignore_index=True) for name, each in tables.items() if each}
