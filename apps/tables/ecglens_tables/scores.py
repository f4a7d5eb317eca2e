"""Areas under the perturbation curves of ECGs whose donors lie anywhere in a table."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any

import numpy as np
import torch
from ecglens.datamodules import Batch
from ecglens.eval import DEFAULT, Subject, areas_of_first, donor_places, prior_key, score
from ecglens.eval.heatmaps import method_key
from ecglens.explain import controls, find, find_all
from ecglens.store import fingerprint
from ecglens_sheets import KnownNetwork

from .rows import Row, marks_of, probes, row_of
from .sources import Source, key_of_all

PROBES = 4  # ECGs on which network and methods are tried, and resolutions of maps are read off
CACHED = 1024  # ECGs that are kept as donors of others: 30 MB


@dataclass(frozen=True, eq=False)
class Scorer:
    """Scores ECGs by the default protocol, with the numbers of eval.score on the whole table.

    `among` are the ECGs of all parts. The donor of an ECG is the next usable one of another patient
    on the circle of their ids (eval.donors), so that only donors are read beside the ECGs.
    """

    known: KnownNetwork
    methods: tuple[str, ...]
    among: Source

    @cached_property
    def made_by(self) -> dict[str, Any]:
        """What decides the scores of a part beside its ECGs, as plain JSON."""
        seed = self.known.finding.about.seed
        methods = {name: {**method_key(find(name)), "seed": seed} for name in self.methods}
        return {
            "methods": [*self.methods],
            "settings": fingerprint({"protocol": asdict(DEFAULT), "methods": methods}),
            "donors": key_of_all(self.among),
        }

    @cached_property
    def grains(self) -> Mapping[str, str]:
        """Resolution of each method's maps, which decides its target prior.

        Raises ValueError for strips, for a network that does not read perturbed ECGs, and for a
        method that would be wrong on it.
        """
        if (input := self.known.finding.about.input) != "median":
            raise ValueError(
                f"expected a network that reads median beats, for scores, got {input}: "
                "`ecglens evaluate` scores strips"
            )
        try:
            tried = self._subject(probes(self.known, PROBES))
            found = score(self.known.net, tried, replace(DEFAULT, draws=1, ladder=0))
        except ValueError as problem:
            raise ValueError(f"expected a network that has scores, got: {problem}") from None
        for name, reason in found.left_out.items():
            raise ValueError(f"expected a method that has scores here, got {name}: {reason}")
        return {name: found.grains[name] for name in self.methods}

    @cached_property
    def columns(self) -> list[str]:
        """Names of the columns: methods, controls, and target priors where there is a region."""
        target = self.known.finding.about.target
        region = bool(target.edges or target.waves)
        priors = [prior_key(each) for each in dict.fromkeys(self.grains.values()) if region]
        return [column(name) for name in (*self.methods, *controls(), *priors)]

    def add(self, rows: Sequence[Row]) -> None:
        """Add scores to usable ECGs; one without is flagged, with the reason."""
        if not rows:
            return
        try:
            donors = {each.values["id"]: each for row in rows for each in self._donors_of(row)}
            own = {row.values["id"] for row in rows}
            every = [*rows, *(each for name, each in donors.items() if name not in own)]
            areas = self._areas(every, len(rows))
        except ValueError as problem:
            if len(rows) == 1:
                rows[0].flag(f"no score: {problem}")
            half = len(rows) // 2
            for some in (rows[:half], rows[half:]) if half else ():
                self.add(some)
            return
        for name, values in areas.items():
            for row, value in zip(rows, values, strict=True):
                row.values[column(name)] = value
        for row in rows:
            row.values["patient"] = row.patient

    def _areas(self, rows: Sequence[Row], ecgs: int) -> dict[str, np.ndarray]:
        grains = dict.fromkeys(self.grains.values())
        return areas_of_first(self.known.net, self._subject(rows), ecgs, grains)

    def _subject(self, rows: Sequence[Row]) -> Subject:
        about, training = self.known.finding.about, self.known.training
        x = np.stack([np.asarray(row.x, np.float32) for row in rows])
        methods = find_all(list(self.methods))
        needed = training and any(each.facts.needs_background for each in methods.values())
        return Subject(
            ecgs=Batch(
                torch.from_numpy(x),
                torch.full((len(x), about.target.index + 1), torch.nan),
                torch.stack([marks_of(row) for row in rows]),
                [row.values["id"] for row in rows],
            ),
            methods=methods,
            target=about.target,
            output=about.target.index,
            seed=about.seed,
            patients=[row.patient for row in rows],
            background=training.background if training and needed else None,
            gallery=0,
            progress=False,
            workers=1,
        )

    @cached_property
    def _circles(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Places on the circle of each draw in order, and the ECG at each."""
        found = []
        for draw in range(DEFAULT.draws):
            places = donor_places(self.among.all_ids, self.known.finding.about.seed, draw)
            order = places.argsort(kind="stable")
            found.append((places[order], order))
        return found

    @cached_property
    def _row(self) -> Any:
        """Function of an ECG's number that gives its row."""

        def read(number: int) -> Row:
            (ecg,) = self.among.read(number, number + 1)
            return row_of(ecg, self.known)

        return lru_cache(CACHED)(read)

    def _donors_of(self, row: Row) -> list[Row]:
        """The donor of an ECG in each draw; ValueError where all usable ECGs are of its patient."""
        found = []
        for draw, (places, order) in enumerate(self._circles):
            own = donor_places([row.values["id"]], self.known.finding.about.seed, draw)
            after = int(np.searchsorted(places, own[0], "right"))
            around = map(self._row, map(int, chain(order[after:], order[:after])))
            for other in around:
                if other.x is not None and other.patient != row.patient:
                    found.append(other)
                    break
            else:
                raise ValueError("expected usable ECGs of at least 2 patients, for donors")
        return found


def column(name: str) -> str:
    """Column of the scores of a method, control or target prior."""
    return f"score_{name}".replace(" ", "_")


@lru_cache(maxsize=1)  # for the parts of one loop
def scorer_of(known: KnownNetwork, methods: tuple[str, ...], among: Source | None) -> Scorer:
    """The scorer of these methods; ValueError where the ECGs of the whole table are not known."""
    if among is None:
        raise ValueError(
            "expected the ECGs of all parts as source_of(…) gives them, or as among=…, for scores: "
            "an ECG gets segments of others of the table"
        )
    return Scorer(known, methods, among)
