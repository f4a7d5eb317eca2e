"""Change of the output while all of an ECG is removed along a map (Suh 2022; Turbé 2023)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import torch
from ecglens.engine import NEVER, Copies, noise_field
from ecglens.eval import (
    Chunks,
    Evaluation,
    Finding,
    Keeper,
    Measure,
    Networks,
    PerEcg,
    Piece,
    Subject,
    by_measure,
    linter_notes,
    progress_bar,
    rank_points,
    stacked,
)
from ecglens.eval.evaluations.perturbation import predictions
from ecglens.eval.heatmaps import ATTRIBUTIONS, Probe, fold, kept_attributions, probe_of
from ecglens.explain import Method, left_out_notes
from ecglens.store import Step, check_types
from jaxtyping import Float, Int64
from torch import Tensor, nn

__all__ = ["Degradation", "aucs", "degradation_score", "f1s", "score_drop"]

Heatmap = Float[Tensor, "lead time"]
WINDOW = 16  # samples of one lead (Suh 2022)

Hits = Int64[Tensor, "lead time"]


def window_stages(heatmap: Heatmap, seed: int, record: str) -> tuple[Hits, int]:
    """Step of each point when windows go, the largest sum of |map| first; the number of steps.

    A window is 16 samples of one lead. A step takes as many windows as there are leads: the same
    share of an ECG as a step of the article takes of its single lead.
    """
    leads, time = heatmap.shape
    windows = torch.arange(time) // WINDOW
    steps = int(windows.max()) + 1
    order = rank_points(fold(heatmap, windows)[None], leads * steps, seed, [record])[0]
    return staged(order, len(order), steps).reshape(leads, steps)[:, windows], steps


def point_stages(heatmap: Heatmap, steps: int, positive: bool, seed: int, record: str) -> Hits:
    """Step of each single point, the largest |map| first; NEVER for points that stay.

    With `positive` they are those of positive relevance alone (Turbé 2023).
    """
    relevance = heatmap.clamp(min=0) if positive else heatmap
    count = int((relevance > 0).sum()) if positive else relevance.numel()
    order = rank_points(relevance[None], relevance.numel(), seed, [record])[0]
    return staged(order, count, steps).reshape(heatmap.shape)


def staged(order: Int64[Tensor, " point"], count: int, steps: int) -> Int64[Tensor, " point"]:
    """The step 1 … steps of each point: the first `count` of the order in equal parts."""
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order))
    step = rank * steps // max(count, 1) + 1
    return torch.where(rank < count, step, NEVER)


def turned(hits: Hits, steps: int) -> Hits:
    """Steps in the reverse order: the last points go first."""
    return torch.where(hits == NEVER, NEVER, steps + 1 - hits)


# Raised when a number of these scores changes: their validation is then out of date
# (meta_evaluation).
DEGRADATION_SCORES = Step("degradation_scores", version=1)

Outputs = Float[np.ndarray, "ecg point"]
Scores = Float[np.ndarray, " ecg"]


def degradation_score(most: Outputs, least: Outputs) -> Scores:
    """Mean over the steps of LeRF_k − MoRF_k, both normalised to 1 … 0 (Suh 2022).

    Outputs along the steps, the clean ECG first, all taken away last. What is normalised is the
    change of the output, whichever way it goes, by the mean over the ECGs of the whole change:
    where the output only falls that is the article's (f_k − f_last) / (f_0 − f_last) with its means
    over ECGs. NaN when all ECGs taken away change nothing.
    """
    moved, kept = (np.abs(curve - curve[:, :1]) for curve in (most, least))
    return (moved - kept).mean(1) / _whole(most)


def score_drop(curves: Outputs, probability: bool) -> Outputs:
    """S̃ along the steps: the share of the score that is lost, from −1 to 1 (Turbé 2023).

    Of a `probability`, which comes as its logit, (S − S_k) / S as published. Any other output has
    no value that stands for nothing: there S̃ is the change as a share of the mean change over the
    ECGs at the last step, when all points are replaced; our own definition.
    """
    if probability:
        score = 1 / (1 + np.exp(-curves))
        drop = (score[:, :1] - score) / score[:, :1]
    else:
        drop = np.abs(curves - curves[:, :1]) / _whole(curves)
    return np.clip(drop, -1, 1)


def aucs(drops: Outputs, replaced: Outputs) -> Scores:
    """The area under S̃ against the share of an ECG's points that is `replaced` (Turbé 2023).

    By trapezoids; from the last step to all points the curve stays level, as published.
    """
    ends = np.ones((len(drops), 1))
    along = np.concatenate([replaced, ends], 1)
    height = np.concatenate([drops, drops[:, -1:]], 1)
    return np.asarray(np.trapezoid(height, along, axis=1))


def f1s(top: Scores, bottom: Scores) -> Scores:
    """F1S̃: the harmonic mean of AUCS̃_top and 1 − AUCS̃_bottom (Turbé 2023), 0 where one is ≤ 0."""
    found, spared = np.maximum(top, 0), np.maximum(1 - bottom, 0)
    total = found + spared
    return np.divide(2 * found * spared, total, out=np.zeros_like(total), where=total > 0)


def _whole(curves: Outputs) -> float:
    """The mean over the ECGs of how far the output goes in the end; NaN for no way."""
    whole = float(np.abs(curves[:, -1] - curves[:, 0]).mean())
    return whole if whole > 0 else np.nan


DEGRADED = Step("degraded", version=1)
ORDERS = ("windows_most", "windows_least", "points_top", "points_bottom")


def degraded(
    probe: Probe, method: Method, rules: "Degradation", keeper: Keeper
) -> dict[str, Float[np.ndarray, "ecg point"]]:
    """Output of every ECG before and after each step by ORDERS, and the share `replaced`.

    Raises ValueError when the method is wrong on this network.
    """
    kept = degraded_chunks(probe, method, rules, keeper)
    return {name: kept.all(name).astype(np.float64) for name in (*ORDERS, "replaced")}


def degraded_chunks(probe: Probe, method: Method, rules: "Degradation", keeper: Keeper) -> Chunks:
    """The chunks of `degraded`; errors as there."""
    attributed = kept_attributions(probe, method, 1, keeper)

    def of_block(block: int) -> Mapping[str, Any]:
        own = {"settings": attributed.settings[block], "version": ATTRIBUTIONS.version}
        return {
            "attributions": own,
            "window": WINDOW,
            "fill": rules.fill,
            "steps": rules.steps,
            "positive": rules.positive,
        }

    def make(number: int) -> Mapping[str, np.ndarray]:
        first = probe.chunks[number].start
        maps = torch.from_numpy(attributed.read(number, "maps"))
        each = [taken(probe, ecg, one, rules) for ecg, one in enumerate(maps, first)]
        return {name: torch.stack([one[name] for one in each]).numpy() for name in each[0]}

    return keeper.chunks(DEGRADED, probe.of_blocks(of_block), make)


def taken(probe: Probe, ecg: int, heatmap: Heatmap, rules: "Degradation") -> dict[str, Tensor]:
    """Outputs of one ECG with this map, as `degraded` has them."""
    x, record = probe.ecgs.x[ecg].cpu(), probe.ecgs.record[ecg]
    windows, count = window_stages(heatmap, probe.seed, record)
    points = point_stages(heatmap, rules.steps, rules.positive, probe.seed, record)
    removal = (x.mean(1, keepdim=True) if rules.fill == "mean" else 0.0) - x
    # The article's noise has the SD of its standardised signals: here that of the ECG.
    noise = x.std() * noise_field(probe.seed, [record], 0, (len(x), x.shape[1]))[0] - x

    def outputs(hits: Hits, change: Heatmap, steps: int) -> Tensor:
        copies = Copies(x, hits, change[None].to(x.dtype), steps)
        return predictions(probe.walker, copies, probe.output, probe.subject.named(ecg))[0]

    gone = torch.stack([(points <= step).double().mean() for step in range(rules.steps + 1)])
    return {
        "windows_most": outputs(windows, removal, count),
        "windows_least": outputs(turned(windows, count), removal, count),
        "points_top": outputs(points, noise, rules.steps),
        "points_bottom": outputs(turned(points, rules.steps), noise, rules.steps),
        "replaced": gone,
    }


SOURCE = (
    "Suh 2022 (degradation score), Turbé 2023 (AUCS̃_top, F1S̃); twelve leads, outputs that are no "
    "probability and the size of the noise are our own definition"
)
MEASURES = (
    Measure(
        "degradation", "Degradation score", "", True, "faithfulness", "Suh et al. 2022",
        "How much further the output has moved when the most relevant windows go first than when "
        "the least relevant do, mean over all steps.",
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
    question = "Does taking away what a map says matters move the output most, and the rest least?"
    source = SOURCE
    store_steps = (DEGRADED, DEGRADATION_SCORES)

    def __post_init__(self) -> None:
        check_types(Degradation, vars(self), self.name)
        if self.steps < 1:
            raise ValueError(f"expected at least 1 step, got {self.steps}")

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """The maps and outputs of every network."""
        yield [each for net in networks.nets for each in self._pieces(net, subject)]

    def _pieces(self, net: nn.Module, subject: Subject) -> list[Piece]:
        probe = probe_of(net, subject)

        def piece(method: Method) -> Piece:
            do = partial(degraded_chunks, probe, method, self)
            return Piece(len(probe.chunks), lambda: do, lambda: probe.walker)

        return [piece(method) for method in subject.every_method.values()]

    @property
    def positive(self) -> bool:
        """True where only points of positive relevance go."""
        return self.kind == "binary"

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The scores of every ECG."""
        linted = linter_notes(networks.by_name, subject)
        wrong: dict[str, str] = {}
        each = [self._of_network(net, subject, wrong) for net in networks.nets]
        return Finding(
            self.about(networks, subject),
            measures=MEASURES,
            scores=stacked(each),
            notes=(
                "what is taken away leaves ECGs that no network has seen",
                *linted,
                *left_out_notes(wrong),
            ),
        )

    def _of_network(self, net: nn.Module, subject: Subject, wrong: dict[str, str]) -> PerEcg:
        """The scores of one network; `wrong` collects the methods that are left out."""
        probe = probe_of(net, subject)
        chunks, scores = len(probe.chunks), {}
        with progress_bar(
            2 * len(subject.every_method) * chunks, self.name, subject.progress
        ) as done:
            keeper = Keeper(subject.store, chunks, done.update)
            for name, method in subject.every_method.items():
                try:
                    curves = degraded(probe, method, self, keeper)
                except ValueError as problem:  # the method's own check on these ECGs
                    wrong[name] = str(problem)
                    continue
                scores[name] = scored(curves, self.positive)
        return by_measure(scores)


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
