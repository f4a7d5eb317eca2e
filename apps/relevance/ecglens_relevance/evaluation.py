"""Relevance by class, lead and average beat (Bender 2023): the evaluation and its tables."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from ecglens.datamodules import Target
from ecglens.ecg import SEGMENTS, wave_shares
from ecglens.eval import (
    Evaluation,
    Explained,
    Finding,
    Measure,
    Networks,
    PerEcg,
    Piece,
    Subject,
    by_measure,
    explained,
    left_out,
    linter_notes,
    map_pieces,
    stacked,
)
from ecglens.explain import Form, controls
from jaxtyping import Float, Int8
from torch import nn

from .findings import Case, RelationVerdict
from .output import Members, Output, at_zero, by_label, by_trait, excess, unmovable
from .tables import (
    Ecgs,
    average_rows,
    frame,
    lead_rows,
    output_rows,
    part_rows,
    strongest_lead,
    wave_rows,
)

BENDER = "Bender et al. 2023 (only the abstract was at hand); our own definition"
IN_WORDS = {
    "P": "the P wave",
    "PQ": "the PQ segment",
    "QRS": "the QRS complex",
    "ST": "the ST segment",
    "T": "the T wave",
    "TP": "what belongs to no wave or segment",
}


def measures(unit: str) -> tuple[Measure, ...]:
    """A share for each segment of the beat, the gap of the sum, and what no ECG can move."""
    by_segment = [
        Measure(
            name=f"share_{segment.lower()}",
            label=f"Share in {segment}",
            unit="",
            higher_is_better=None,
            about="description",
            source=BENDER,
            explained=f"How much of all |relevance| lies in {IN_WORDS[segment]}, over all leads.",
        )
        for segment in SEGMENTS
    ]
    gap = Measure(
        name="gap",
        label="Completeness gap",
        unit=unit,
        higher_is_better=None,
        about="description",
        source="Sundararajan et al. 2017, axiom of completeness",
        explained="How far the sum of the map is from f(x) − f(0), for maps in the output's unit.",
    )
    limb = Measure(
        name="unmovable",
        label="Limb leads: unmovable",
        unit="",
        higher_is_better=None,
        about="description",
        source="Einthoven 1908 and Goldberger 1942; our own definition",
        explained="The share of the limb leads' energy in directions in which no ECG can differ, "
        "since four of the six leads follow from two; of maps of slopes alone.",
        chance=2 / 3,  # four of six directions
    )
    return (*by_segment, gap, limb)


def numbers(
    maps: Float[np.ndarray, "ecg lead time"],
    segments: Int8[np.ndarray, "ecg time"],
    output: Output,
    kind: Form,
    control: bool,
) -> Mapping[str, Float[np.ndarray, " ecg"]]:
    """One number of each ECG by the names of `measures`, NaN where it has none."""
    none = np.full(len(maps), np.nan)
    by_segment = wave_shares(maps, segments).sum(1).T
    found = {
        f"share_{segment.lower()}": each for segment, each in zip(SEGMENTS, by_segment, strict=True)
    }
    found["gap"] = np.abs(excess(maps, output)) if kind == "product" else none
    found["unmovable"] = unmovable(maps) if kind == "slope" or control else none
    return found


# Words before the number of methods with each verdict.
WORDS: dict[RelationVerdict, str] = {
    "holds": "holds for",
    "holds, as the line does": "holds no more than for the line for",
    "identity": "could not come out otherwise (the map adds up to the output) for",
    "does not hold": "does not hold for",
    "cannot be said": "cannot be said for",
}


def relevance_sentence(findings: pd.DataFrame, ecgs: int) -> str:
    """Number of methods that each finding holds for, and the verdicts of the others."""
    counts: dict[tuple[str, str], Counter[RelationVerdict]] = {}
    for row in findings.to_dict("records"):
        if row["kind"] == "method":
            verdicts = counts.setdefault((row["explained"], row["finding"]), Counter())
            verdicts[row["verdict"]] += 1
    if not counts:
        return f"On {ecgs} ECGs there is no method to ask."
    phrases = [
        f"“{finding}” ({explained}) "
        + ", ".join(f"{WORDS[verdict]} {_methods(n)}" for verdict, n in found.items())
        for (explained, finding), found in counts.items()
    ]
    return f"On {ecgs} ECGs {'; '.join(phrases)}."


def _methods(count: int) -> str:
    return "1 method" if count == 1 else f"{count} methods"


@dataclass(frozen=True, eq=False)
class ExplainedOutput:
    """The output of the subject's target; tables have groups of at least `least` patients."""

    net: nn.Module
    subject: Subject
    least: int

    @property
    def target(self) -> Target:
        """Target that the output predicts."""
        return self.subject.target

    @cached_property
    def found(self) -> Explained:
        """The maps of every method and control, and the outputs."""
        return explained(self.net, self.subject, f"relevance of {self.target.explained}")

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables by method: findings, relevance against the output, by wave, lead and trait."""
        maps, kinds = self.found.maps, self._kinds
        tables = {
            "findings": frame({n: self._case.findings(m, kinds[n]) for n, m in maps.items()}),
            "by_output": frame(
                {n: output_rows(self._ecgs, m, self._output, kinds[n]) for n, m in maps.items()}
            ),
            "by_wave": frame({n: wave_rows(self._ecgs, m, self._groups) for n, m in maps.items()}),
            "by_lead": frame(
                {n: lead_rows(self._ecgs, m, kinds[n], self._groups) for n, m in maps.items()}
            ),
            "by_trait": frame({n: part_rows(self._ecgs, m, self._people) for n, m in maps.items()}),
        }
        return {name: self._named(table) for name, table in tables.items()}

    def average_beats(self, shown: str) -> dict[str, pd.DataFrame]:
        """Average beats in twelve leads, and of each subgroup in the lead that counts most."""
        methods = [name for name in self.found.maps if name not in controls()]
        name = shown if shown in methods else next(iter(methods), None)
        if name is None:
            return {}
        maps = self.found.maps[name]
        people = {f"{trait}: {group}": each for (trait, group), each in self._people.items()}
        lead = strongest_lead(maps, self._of_interest)
        tables = {
            "average_beats": frame({name: average_rows(self._ecgs, maps, self._groups)}),
            "subgroup_beats": frame({name: average_rows(self._ecgs, maps, people, (lead,))}),
        }
        return {name: self._named(table) for name, table in tables.items()}

    @property
    def numbers(self) -> PerEcg:
        """The numbers of the measures."""
        found = {
            name: numbers(
                maps, self._ecgs.segments, self._output, self._kinds[name], name in controls()
            )
            for name, maps in self.found.maps.items()
        }
        return by_measure(found)

    def _named(self, table: pd.DataFrame) -> pd.DataFrame:
        if "explained" not in table:
            table.insert(0, "explained", self.target.explained)
        return table

    @cached_property
    def _ecgs(self) -> Ecgs:
        x, _, segments, _ = self.subject.ecgs
        args = (self.subject.patients, self.subject.seed, self.least)
        return Ecgs(x.cpu().numpy(), segments.cpu().numpy(), *args)

    @cached_property
    def _output(self) -> Output:
        truth = self._y[:, self.subject.output]
        binary = self.target.kind == "binary"
        return Output(self.found.outputs, at_zero(self.net, self.subject), truth, binary)

    @cached_property
    def _case(self) -> Case:
        ecgs = self._ecgs
        args = (ecgs.x, ecgs.segments, ecgs.patients, ecgs.seed, ecgs.least)
        return Case(self.target.explained, self._output, *args)

    @cached_property
    def _kinds(self) -> dict[str, Form]:
        return {name: method.facts.form for name, method in self.subject.every_method.items()}

    @property
    def _y(self) -> Float[np.ndarray, "ecg output"]:
        return self.subject.ecgs.y.cpu().numpy().astype(np.float64)

    @cached_property
    def _groups(self) -> dict[str, Members]:
        return self._ecgs.large(by_label(self._y, self.subject.output, self.target))

    @property
    def _of_interest(self) -> Members:
        """The ECGs with the class that is explained; all of them where it is a number."""
        has = self._output.truth == 1
        return has if self._output.binary and has.any() else np.ones(len(has), bool)

    @cached_property
    def _people(self) -> dict[tuple[str, str], Members]:
        groups = by_trait(self.subject.traits)
        return self._ecgs.large({name: each & self._of_interest for name, each in groups.items()})


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
            sentence=relevance_sentence(details["findings"], len(subject.records)),
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
