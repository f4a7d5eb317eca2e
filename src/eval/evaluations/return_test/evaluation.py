"""How far a reading returns to the typical one as a signed map's segments become typical."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ....explain import Method, left_out_notes
from ....progress import progress_bar
from ...chunks import Keeper
from ...evaluation import Evaluation, NotApplicable
from ...finding import Finding
from ...heatmaps.attributions import kept_attributions, made_maps, maps_key
from ...heatmaps.explained import linter_notes
from ...measures import Measure, by_measure, stacked
from ...precompute import ChunkTask, Piece
from ...subject import Networks, Subject
from .table import of_each_ecg, scores_of, sentence, shown
from .typical import NULLS, PATIENTS, Null, Typical, deviations, return_chunks, typical_of

DEVIATION = "|x − mean beat|"  # control of this test alone
ALONE = "were left out, because no other ECG is on the same side of the typical reading"
QUESTION = "Does a map say what makes this ECG's reading differ from the typical one?"
SOURCE = "our own definition; rule in docs/ladder.md"
MEASURES = (
    Measure(
        "returned", "Return to the typical reading", "", True, "faithfulness",
        "our own definition",
        "How far the reading comes back while the segments that the signed map holds responsible "
        "become typical, mean over the first 15.",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class ReturnTest(Evaluation):
    """Return of readings to the typical one by signed maps.

    `methods` are the names of those to test among the subject's; empty for all.

    details: `shown` has a row per network, method or control and typical ECG: the mean
    |f(x) − f(t)|, the shares of it that five and fifteen segments bring back, each null as a share
    of the own return with its 95 % interval, whether the own return is beyond all of them, and the
    name of the null that returns as much (NO_TEMPLATE for none).
    `returns` has the return of each ECG by the own map and by each null.
    Raises NotApplicable for strips and too few patients.
    """

    name = "return_test"
    question = QUESTION
    source = SOURCE
    methods: Sequence[str] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "methods", tuple(self.methods or ()))

    def limited(self, subject: Subject) -> Subject:
        """The subject with the methods to test."""
        own = super().limited(subject)
        return replace(own, methods={name: own.methods[name] for name in self._asked(subject)})

    def _asked(self, subject: Subject) -> list[str]:
        return [name for name in subject.methods if not self.methods or name in self.methods]

    def check(self, subject: Callable[[], Subject]) -> None:
        """NotApplicable without a method to test, and for ECGs of too few patients."""
        own = subject()
        if not self._asked(own):
            one = "one of them" if len(self.methods) > 1 else "it"
            raise NotApplicable(f"it tests {', '.join(self.methods)} alone; add {one} to method")
        if (count := len({*own.patients})) < PATIENTS + 1:
            raise NotApplicable(f"expected ECGs of at least {PATIENTS + 1} patients, got {count}")

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """The maps, then the returns of each method."""
        self.check(lambda: subject)
        yield from super().work(networks, subject)
        for net in networks.nets:
            typical = typical_of(net, subject)
            pieces = (
                _piece(typical, method, _nulls(name, subject))
                for name, method in subject.every_method.items()
            )
            yield [piece for piece in pieces if piece is not None]

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        self.check(lambda: subject)
        linted = linter_notes(networks.by_name, subject)
        scores, tables, per_ecg, wrong, unsigned = [], [], [], {}, {}
        every = [typical_of(net, subject) for net in networks.nets]
        keys = networks.keys(subject.shape)
        chunks = sum(len(each.probe.chunks) for each in every)
        with progress_bar(
            (2 * len(subject.every_method) + 1) * chunks, self.name, subject.progress
        ) as done:
            for key, typical in zip(keys, every, strict=True):
                keeper = Keeper(subject.store, len(typical.probe.chunks), done.update)
                found = {}
                for name, method in subject.every_method.items():
                    try:
                        kept = kept_attributions(typical.probe, method, 1, keeper)
                        maps = kept.all("maps")
                    except ValueError as problem:  # the method's own check on these ECGs
                        wrong[name] = str(problem)
                        continue
                    nulls = _nulls(name, subject)
                    returns = return_chunks(typical, maps, maps_key(kept), keeper, nulls)
                    found[name] = returns.all("returns")
                    if name in subject.methods and (maps >= 0).all():
                        unsigned[name] = f"{name}: its maps have no sign; segments go by their size"
                control = return_chunks(typical, deviations(typical), DEVIATION, keeper, ())
                rows = {**found, DEVIATION: control.all("returns")}
                table = shown(rows, np.abs(typical.away), subject)
                table.insert(0, "network", key)
                tables.append(table)
                per_ecg += of_each_ecg(key, found, subject)
                scores.append(by_measure({name: scores_of(each) for name, each in found.items()}))
        table = pd.concat(tables, ignore_index=True)
        alone = len(subject.records) - int(table["ecgs"].min())
        lacking = [f"{alone} of {len(subject.records)} ECGs {ALONE}"] * bool(alone)
        return Finding(
            self.about(networks, subject),
            measures=MEASURES,
            scores=stacked(scores),
            sentence=sentence(table),
            notes=(*linted, *left_out_notes(wrong), *unsigned.values(), *lacking),
            details={"shown": table, "returns": pd.DataFrame(per_ecg)},
        )


def _nulls(name: str, subject: Subject) -> Sequence[Null]:
    """The nulls of a method; controls have none, because nothing is claimed of them."""
    return NULLS if name in subject.methods else ()


def _piece(typical: Typical, method: Method, nulls: Sequence[Null]) -> Piece | None:
    """The returns of a method, None while any of its maps is missing."""
    made = made_maps(typical.probe, method, 1)
    if made is None:
        return None

    def begin() -> ChunkTask:
        maps, made_of = made.all("maps"), maps_key(made)
        return lambda keeper: return_chunks(typical, maps, made_of, keeper, nulls)

    return Piece(made.count, begin, lambda: typical.away)
