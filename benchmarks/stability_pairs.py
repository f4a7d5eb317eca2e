"""Evaluations that `benchmarks.stability` has kept, in pairs that differ by one change."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, product
from pathlib import Path

import numpy as np
from ecglens.eval import POINTS, STORAS2025, Curves, Protocol, Ranking, rank
from ecglens.eval.ranking.outcome import per_draw
from ecglens.eval.statistics.crossed import Components, components
from ecglens.eval.statistics.ranks import kendall

from .stability import BATCHES, ECGS, NOISES, Study, studies

# The area and its check of cut-offs need no more; one curve serves both rules.
PUBLISHED = replace(STORAS2025, steps=POINTS.steps)
RULES = {"published": PUBLISHED, "points": POINTS}
ANCHOR = "deconvolution"


def read(scores: Curves, rules: Protocol) -> Curves:
    """Curves as these rules read them: all draws, or the first."""
    predictions = {name: curve[: rules.draws] for name, curve in scores.predictions.items()}
    return replace(scores, protocol=rules, predictions=predictions)


def only(scores: Curves, ecgs: slice) -> Curves:
    """The curves of these ECGs."""
    return replace(
        scores,
        records=scores.records[ecgs],
        patients=scores.patients[ecgs],
        y=scores.y[ecgs],
        predictions={name: curve[:, ecgs] for name, curve in scores.predictions.items()},
    )


@dataclass(frozen=True)
class Pair:
    """Two rankings that differ by one change."""

    one: Ranking
    other: Ranking

    @property
    def tau(self) -> float:
        """Kendall's τ between the orders of the methods, without the one that anchors it."""
        a, b = (aucs(each, without=ANCHOR) for each in (self.one, self.other))
        return float(kendall(np.array([*a.values()]), np.array([b[name] for name in a])))

    @property
    def same_winner(self) -> bool:
        """Whether the same method has the highest AUC."""
        return winner(self.one) == winner(self.other)

    @property
    def contradiction(self) -> bool:
        """Whether what one calls the best is neither the other's best nor tied with it."""
        if self.one.best is None or self.other.best is None:
            return self.one.best is not self.other.best
        return self.one.best not in (self.other.best, *self.other.tied) or (
            self.other.best not in (self.one.best, *self.one.tied)
        )

    @property
    def moved(self) -> float:
        """How far the AUCs of the methods move, in units of the way from random to the winner."""
        a, b = aucs(self.one), aucs(self.other)
        way = max(a.values()) - control(self.one) + max(b.values()) - control(self.other)
        return float(2 * np.mean([abs(a[name] - b[name]) for name in a]) / way)


def aucs(ranking: Ranking, without: str = "") -> dict[str, float]:
    """The AUC of each method, highest first."""
    methods = ranking.table[ranking.table["kind"] == "method"]
    found = dict(zip(methods["method"], methods["value"], strict=True))
    return {name: float(auc) for name, auc in found.items() if name != without}


def control(ranking: Ranking) -> float:
    """The AUC of random."""
    table = ranking.table
    return dict(zip(table["method"], table["value"], strict=True))["random"]


def winner(ranking: Ranking) -> str:
    """The method with the highest AUC, whether or not it can be told from the others."""
    return next(iter(aucs(ranking)))


def kept(root: Path) -> Iterator[tuple[Study, int, Curves]]:
    """Every evaluation that is finished."""
    for study, noise in product(studies(root), NOISES):
        yield from ((study, noise, scores) for scores in study.kept(noise))


def pairs(root: Path) -> Mapping[tuple[str, str, str], list[Pair]]:
    """By rules, target and factor: every two evaluations that differ by the factor alone."""
    found: dict[tuple[str, str, str], list[Pair]] = defaultdict(list)
    for rules, protocol in RULES.items():
        by: dict[tuple[str, int, int], Ranking] = {}
        for study, noise, scores in kept(root):
            target = study.target
            mine = read(scores, protocol)
            by[target, study.network, noise] = rank(mine)
            halves = (rank(only(mine, half)) for half in (slice(ECGS // 2), slice(ECGS // 2, ECGS)))
            found[rules, target, "other ECGs"].append(Pair(*halves))
            if protocol.whole_labels:
                real = rank(read(scores, replace(protocol, whole_labels=False)))
                whole = by[target, study.network, noise]
                found[rules, target, "labels"].append(Pair(whole, real))
            if protocol.draws == 1 and noise == 0 and study.has_batches:
                batches = (rank(in_batches(study, mine, batch)) for batch in BATCHES)
                found[rules, target, "batch"].append(Pair(*batches))
        for (one, a), (other, b) in combinations(by.items(), 2):
            if one[0] == other[0] and one[1] == other[1]:
                found[rules, one[0], "noise seed"].append(Pair(a, b))
            if one[0] == other[0] and one[2] == other[2]:
                found[rules, one[0], "network"].append(Pair(a, b))
    return found


def in_batches(study: Study, scores: Curves, batch: int) -> Curves:
    """The published curves with the curves of heatmaps made in batches of this size."""
    return replace(scores, predictions={**scores.predictions, **study.in_batches(batch)})


def sources(root: Path, rules: str, target: str) -> Components:
    """The split of the variance of a method's AUC around the mean of all methods, mean of those.

    The draws are the noise seeds; a draw of points is the mean of five.
    """
    by: dict[int, dict[int, np.ndarray]] = defaultdict(dict)
    for study, noise, scores in kept(root):
        if study.target == target:
            mine = read(scores, RULES[rules])
            methods = {name: mine.predictions[name] for name in mine.methods}
            each = per_draw(replace(mine, predictions=methods))
            by[study.network][noise] = each.mean(1)
    noises = sorted(set.intersection(*(set(each) for each in by.values())))
    values = np.stack([np.stack([each[n] for n in noises], 1) for each in by.values()], axis=1)
    return Components(*(part.mean() for part in components(values - values.mean(0))))
