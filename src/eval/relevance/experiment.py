"""What relevance says by class, lead and average beat, as an experiment (Bender 2023)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import pandas as pd
from torch import nn

from ...datamodules import Target
from ..asked import stacked
from ..measures import Panel
from ..sanity import Setup
from ..sanity.maps import left_out, notes
from .asked import Asked
from .measured import measures
from .words import in_words

QUESTION = "What does relevance say by class, lead and average beat?"
SOURCE = (
    "Bender et al. 2023, IEEE JBHI 27 (only its abstract was at hand); definitions and the rules "
    "for its findings are our own, written before they were computed"
)


@dataclass(frozen=True)
class Relevance:
    """Asked of the first network. `classes` are explained beside the target's own, in tables.

    The average beat is that of the maps of `shown`, or of the first method where it is not there.
    No table tells of fewer than `least` patients. Raises ValueError for fewer than 2, and for a
    class that the network does not have.
    """

    name: ClassVar[str] = "relevance"
    networks: ClassVar[int] = 1
    permuted: ClassVar[bool] = False
    ecgs: ClassVar[int | None] = None
    classes: Sequence[str] = ()
    shown: str = "integrated_gradients"
    least: int = 10

    def __post_init__(self) -> None:
        if self.least < 2:
            raise ValueError(f"expected means over at least 2 patients, got least={self.least}")

    def __call__(
        self, nets: Sequence[nn.Module], setup: Setup, permuted: nn.Module | None
    ) -> Panel:
        """Average relevance by class, part of the beat and lead; judge the study's findings."""
        linted = notes({"the network": nets[0]}, setup)
        asked = self._asked(nets[0], setup)
        first = asked[0]
        details = joined([each.tables | each.average_beats(self.shown) for each in asked])
        return Panel(
            experiment=self.name,
            question=QUESTION,
            source=SOURCE,
            measures=measures(first.target.unit),
            scores=stacked([first.numbers]),
            records=setup.ecgs.record,
            patients=setup.patients,
            seed=setup.seed,
            sentence=in_words(details["findings"], len(setup.ecgs.record)),
            notes=(
                *linted,
                *left_out(*(each.found for each in asked)),
                "one network was asked",
                *self._too_few(details),
            ),
            details=details,
        )

    def _too_few(self, details: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
        told = f"no group has {self.least} patients: no average beat, no table by wave and by lead"
        return () if "by_wave" in details else (told,)

    def _asked(self, net: nn.Module, setup: Setup) -> list[Asked]:
        """The target's own output, then the others of `classes`."""
        own = setup.label
        if own is None:
            own = Target(name="output", unit="", column="output")
        first = Asked(net, setup, own, self.least)
        others = [replace(own, explain=name) for name in self.classes if name != own.explained]
        return [
            first,
            *(Asked(net, replace(setup, target=each.index), each, self.least) for each in others),
        ]


def joined(parts: Sequence[dict[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """The rows of all parts by table; tables without any are left out."""
    names = dict.fromkeys(name for part in parts for name in part)
    tables = {name: [part[name] for part in parts if len(part.get(name, ()))] for name in names}
    return {name: pd.concat(each, ignore_index=True) for name, each in tables.items() if each}
