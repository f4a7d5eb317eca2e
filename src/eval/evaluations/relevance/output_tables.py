"""One output of a network, explained by every method: its tables."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from jaxtyping import Float
from torch import nn

from ....datamodules import Target
from ....explain import Form, controls
from ...heatmaps.explained import Explained, explained
from ...measures.per_ecg import PerEcg, by_measure
from ...subject import Subject
from ..sanity.rows import of_methods
from .average import average_rows, strongest_lead
from .findings import Case
from .groups import Members, by_label, by_trait
from .measured import numbers
from .output import Output, at_zero
from .tables import Ecgs, frame, lead_rows, output_rows, part_rows, wave_rows


@dataclass(frozen=True, eq=False)
class ExplainedOutput:
    """The output of the subject's target; tables have groups of at least `least` patients."""

    net: nn.Module
    subject: Subject
    least: int

    @property
    def target(self) -> Target:
        """Name of the output."""
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
        methods = of_methods(self.found.maps)
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
