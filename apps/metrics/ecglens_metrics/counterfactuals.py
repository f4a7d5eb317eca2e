"""Predicted and measured change of the output between exact ECGs that differ in one label."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from ecglens.datamodules import Batch, exact_parameters
from ecglens.ecg import ExactParameters, exact_beat, segment_mask, with_change
from ecglens.engine import generator, uniform
from ecglens.eval import (
    Evaluation,
    Finding,
    Measure,
    Networks,
    NotApplicable,
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
from jaxtyping import Float64, Int8
from torch import Tensor, nn

from .prediction import pair_scores, predicted, share_moved, slopes
from .wave_swaps import EFFECTS
from .yardstick import PerPair, fit

# ms: twice what a trained network errs by. µV in V5: 1 mm on paper.
CHANGES: Mapping[str, float] = {
    **dict.fromkeys(("pr", "qrs", "qt"), 10.0),
    **dict.fromkeys(("r", "j", "t"), 100.0),
}


@dataclass(frozen=True, eq=False)
class Pairs:
    """ECGs with one label changed, and the change in ms or µV; NaN where there is no pair.

    An ECG without a pair stands for itself.
    """

    label: str
    x: Tensor  # (ecg, lead, time)
    segments: Int8[Tensor, "ecg time"]
    by: Float64[np.ndarray, " ecg"]


def pairs(ecgs: Batch, seed: int) -> list[Pairs]:
    """The pairs of every label; longer or shorter is a coin's choice, or the way there is room.

    Raises NotApplicable unless the ECGs are exact median beats as drawn.
    """
    try:
        drawn = [
            exact_parameters(name, x.cpu().numpy())
            for name, x in zip(ecgs.record, ecgs.x, strict=True)
        ]
    except ValueError as problem:
        raise NotApplicable(
            "expected for counterfactual pairs exact ECGs as drawn (data=exact input=median, "
            "without shortcut or missing lead), got other ECGs; leave evaluation=counterfactuals "
            "out"
        ) from problem
    return [_pairs(label, ecgs, drawn, seed) for label in CHANGES]


def _pairs(label: str, ecgs: Batch, drawn: Sequence[ExactParameters], seed: int) -> Pairs:
    x, segments = ecgs.x.clone(), ecgs.segments.clone()
    by = np.full(len(drawn), np.nan)
    for ecg, parameters in enumerate(drawn):
        coin = uniform(generator(seed, "pair", label, ecgs.record[ecg]))
        sign = 1.0 if coin < 0.5 else -1.0
        for size in (sign * CHANGES[label], -sign * CHANGES[label]):
            try:
                changed = with_change(parameters, label, size)
            except ValueError:  # no room this way, or no PR at all
                continue
            x[ecg] = torch.from_numpy(exact_beat(changed).signal)
            mask = segment_mask(changed.marks, x.shape[2])
            segments[ecg], by[ecg] = torch.from_numpy(mask), size
            break
    return Pairs(label, x, segments, by)


OWN = "our own definition"
MEASURES = (
    Measure(
        "cosine", "Predicted change", "", True, "faithfulness", OWN,
        "Cosine, over the pairs of an ECG, of the change that the map predicts with that of the "
        "output: 1 where sign and proportion are right.", 0.0,
    ),
    Measure(
        "sign", "Sign of the change", "", True, "faithfulness", OWN,
        "Share of pairs for which the map predicts the right sign of the change.", 0.5,
    ),
    Measure(
        "moved", "Relevance on what moved", "", True, "faithfulness", OWN,
        "Share of relevance on the points by which a pair differs, more for pairs between which "
        "the output moves more.",
    ),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class PairChanges:
    """Δf of each pair on one network, and by method the predicted change and the share moved."""

    changes: PerPair
    expected: Mapping[str, PerPair]
    moved: Mapping[str, PerPair]
    slopes: Mapping[str, bool]
    left_out: tuple[str, ...]

    @property
    def scores(self) -> PerEcg:
        """The measures of each ECG, by method."""
        return by_measure(
            {
                name: pair_scores(expected, self.moved[name], self.changes)
                for name, expected in self.expected.items()
            }
        )


@dataclass(frozen=True)
class Counterfactuals(Evaluation):
    """The change that a map predicts against the change of the output; of the first network.

    details: `changes` the mean |Δf| of each label, `sizes` each method's unit, slope and relative
    error by label. Raises NotApplicable for ECGs that are not exact, ValueError for none.
    """

    ecgs: int | None = 32  # each has six pairs; each pair costs every method's map

    name = "counterfactuals"
    question = "Does the map say how the output moves when one label of an exact ECG is changed?"
    source = "our own definition: pairs of exact ECGs, first order along the way between them"
    store_steps = (EFFECTS,)
    every_network = False

    def __post_init__(self) -> None:
        if self.ecgs is not None and self.ecgs < 1:
            raise ValueError(f"expected at least 1 ECG to change, got {self.ecgs}")

    def check(self, subject: Callable[[], Subject]) -> None:
        """NotApplicable for an ECG that is not exact; the first one stands for all."""
        pairs(subject().first(1).ecgs, 0)

    def work(self, networks: Networks, subject: Subject) -> Iterator[Sequence[Piece]]:
        """The maps of the ECGs and of those with a label changed."""
        changed = _changed(subject, pairs(subject.ecgs, subject.seed))
        every = [map_pieces(net, each) for net in networks.nets for each in (subject, *changed)]
        yield [one for each in every for one in each]

    def measure(self, networks: Networks, subject: Subject) -> Finding:
        """The measures of docs/effects.md for each method and control."""
        made = pairs(subject.ecgs, subject.seed)
        linted = linter_notes(networks.by_name, subject)
        changed = [_pair_changes(net, subject, made) for net in networks.nets]
        scores = stacked([each.scores for each in changed])
        cosines = scores["cosine"]
        return Finding(
            self.about(networks, subject),
            measures=MEASURES,
            scores=scores,
            notes=(*linted, *dict.fromkeys(note for each in changed for note in each.left_out)),
            details={"changes": _changes(changed, made), "sizes": _sizes(changed, made, cosines)},
        )


def _changed(subject: Subject, made: Sequence[Pairs]) -> list[Subject]:
    return [subject.changed(each.x, each.segments) for each in made]


def _pair_changes(net: nn.Module, subject: Subject, made: Sequence[Pairs]) -> PairChanges:
    own = explained(net, subject, "exact ECGs")
    others = [
        explained(net, changed, f"{each.label.upper()} changed")
        for each, changed in zip(made, _changed(subject, made), strict=True)
    ]
    there = np.isfinite(np.stack([each.by for each in made]))
    x = subject.ecgs.x.cpu().numpy()
    moves = np.stack([each.x.cpu().numpy() - x for each in made])
    changes = np.stack([other.outputs - own.outputs for other in others])
    names = [name for name in own.maps if all(name in other.maps for other in others)]
    units, expected, moved = slopes(net, subject, names), {}, {}
    for name in names:
        after = np.stack([other.maps[name] for other in others])
        before = np.broadcast_to(own.maps[name], after.shape)
        change = predicted(before, after, moves, units[name])
        expected[name] = np.where(there, change, np.nan)
        moved[name] = np.where(there, share_moved(before, after, moves), np.nan)
    return PairChanges(
        np.where(there, changes, np.nan), expected, moved, units, left_out(own, *others)
    )


def _changes(changed: Sequence[PairChanges], made: Sequence[Pairs]) -> pd.DataFrame:
    """Number of pairs of each label, and the mean |Δf| over ECGs and networks."""
    rows = []
    for number, each in enumerate(made):
        sizes = np.abs(np.stack([one.changes[number] for one in changed]))
        there = np.isfinite(sizes[0])
        mean = float(sizes[:, there].mean()) if there.any() else float("nan")
        rows.append({"label": each.label, "pairs": int(there.sum()), "mean_size": mean})
    return pd.DataFrame(rows)


def _sizes(
    changed: Sequence[PairChanges], made: Sequence[Pairs], names: Iterable[str]
) -> pd.DataFrame:
    """Σ p·Δf / Σ p² and ‖p − Δf‖ / ‖Δf‖ by method and label, over ECGs and networks."""
    rows = []
    for name in names:
        unit = "slope" if changed[0].slopes[name] else "contribution"
        for number, each in enumerate(made):
            expected = np.concatenate([one.expected[name][number] for one in changed])
            changes = np.concatenate([one.changes[number] for one in changed])
            row = {"method": name, "unit": unit, "label": each.label}
            rows.append(row | fit(expected[np.isfinite(changes)], changes[np.isfinite(changes)]))
    return pd.DataFrame(rows)
