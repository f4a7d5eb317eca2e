"""Change of the output while all of an ECG is removed in the order of a map."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from torch import nn

from ....explain import Method
from ...ahead import Piece
from ...chunks import Keeper
from ...evaluation import Evaluation
from ...finding import Finding
from ...heatmaps.explained import linter_notes
from ...heatmaps.probe import probe_of
from ...measures.measure import Measure
from ...measures.per_ecg import PerEcg, by_measure, stacked
from ...networks import Networks
from ...progress import progress_bar
from ...subject import Subject
from .curves import Rules, degraded, degraded_chunks
from .scores import aucs, degradation_score, f1s, score_drop

QUESTION = "Does taking away what a map says matters move the output most, and the rest least?"
SOURCE = (
    "Suh 2022 (degradation score), Turbé 2023 (AUCS̃_top, F1S̃); twelve leads, outputs that are no "
    "probability and the size of the noise are our own definition"
)
MEASURES = (
    Measure(
        "degradation", "Degradation score", "", True, "faithfulness", "Suh et al. 2022",
        "How much further the output has moved when the most relevant windows go first than when "
        "the least relevant do, mean over all steps.", 0.0,
    ),
    Measure(
        "aucs_top", "AUCS̃ top", "", True, "faithfulness", "Turbé et al. 2023",
        "Area under the share of the score that is lost while the most relevant points become "
        "noise.",
    ),
    Measure(
        "f1s", "F1S̃", "", True, "faithfulness", "Turbé et al. 2023",
        "Harmonic mean of that area and of 1 − the area when the least relevant points go first.",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Degradation(Evaluation):
    """All windows, then all points, taken from the most and from the least relevant end.

    `kind` is that of the target: of a binary one S̃ is that of the probability and of positive
    relevance, as published. Uses every network. Raises ValueError for no steps.
    """

    kind: Literal["regression", "binary"] = "regression"
    fill: Literal["mean", "zero"] = "mean"
    steps: int = 20

    name = "degradation"
    question = QUESTION
    source = SOURCE

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise ValueError(f"expected at least 1 step, got {self.steps}")

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """The maps and outputs of every network."""
        yield [each for net in networks.nets for each in self._pieces(net, subject)]

    def _pieces(self, net: nn.Module, subject: Subject) -> list[Piece]:
        probe = probe_of(net, subject)

        def piece(method: Method) -> Piece:
            do = partial(degraded_chunks, probe, method, self._rules)
            return Piece(len(probe.chunks), lambda: do, lambda: probe.walker)

        return [piece(method) for method in subject.every_method.values()]

    @property
    def _rules(self) -> Rules:
        return Rules(self.fill, self.steps, self.kind == "binary")

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The scores of every ECG."""
        nets = networks.nets
        linted = linter_notes({f"network {k}": net for k, net in enumerate(nets)}, subject)
        wrong: dict[str, str] = {}
        each = [self._of_network(net, subject, wrong) for net in nets]
        return Finding(
            self.about(networks, subject),
            measures=MEASURES,
            scores=stacked(each),
            notes=(
                "what is taken away leaves ECGs that no network has seen",
                *linted,
                *(f"{name} was left out: {why}" for name, why in wrong.items()),
            ),
        )

    def _of_network(self, net: nn.Module, subject: Subject, wrong: dict[str, str]) -> PerEcg:
        """The scores of one network; `wrong` collects the methods that are left out."""
        probe = probe_of(net, subject)
        rules = self._rules
        chunks, found = len(probe.chunks), {}
        with progress_bar(
            2 * len(subject.every_method) * chunks, self.name, subject.progress
        ) as done:
            keeper = Keeper(subject.store, chunks, done.update)
            for name, method in subject.every_method.items():
                try:
                    curves = degraded(probe, method, rules, keeper)
                except ValueError as problem:  # the method's own check on these ECGs
                    wrong[name] = str(problem)
                    continue
                found[name] = scored(curves, rules.positive)
        return by_measure(found)


def scored(curves: Mapping[str, np.ndarray], probability: bool) -> dict[str, np.ndarray]:
    """Score of each ECG by measure; `curves` are those of `degraded`."""
    top, bottom = (
        aucs(score_drop(curves[name], probability), curves["replaced"])
        for name in ("points_top", "points_bottom")
    )
    return {
        "degradation": degradation_score(curves["windows_most"], curves["windows_least"]),
        "aucs_top": top,
        "f1s": f1s(top, bottom),
    }
