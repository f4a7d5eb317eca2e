"""Agreement of maps with measured effects, beside that of maps that do not know network or ECG.

The rules of docs/effects.md.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from ecglens.eval import Explained, PerEcg, Subject, by_measure, donors
from ecglens.eval.evaluations.sanity import spearman
from ecglens.eval.heatmaps import aligned
from ecglens.eval.statistics import LEVEL, holm, sampling
from ecglens.explain import controls
from jaxtyping import Float, Float64

from .wave_swaps import TYPICAL, relevance, weights

# (ecg, lead and all, wave); NaN for a wave that is not there. Cells are its single leads.
ByWave = Float64[np.ndarray, "ecg lead_and_all wave"]
ByWaveOfFirst = Float64[np.ndarray, "first_ecg lead_and_all wave"]
Cells = Float64[np.ndarray, "ecg cell"]
PerEcgs = Float64[np.ndarray, " ecg"]
PerPair = Float64[np.ndarray, "pair ecg"]  # of an ECG and a changed one


def own_cells(found: Explained, subject: Subject) -> Mapping[str, tuple[ByWave, ByWave]]:
    """Σ w·|a| and Σ w·a of every method's maps, of the first ECGs where it has no more."""
    waves = waves_of(subject)[: len(found.outputs)]
    return {
        name: (relevance(np.abs(maps), waves), relevance(maps, waves))
        for name, maps in found.maps.items()
    }


def waves_of(subject: Subject) -> Float64[np.ndarray, "ecg wave time"]:
    """Weights of the waves of each ECG."""
    return np.stack([weights(one.numpy()) for one in subject.ecgs.segments.cpu()])


def of_others(
    maps: Float[np.ndarray, "ecg lead time"], own: ByWave, subject: Subject
) -> Float64[np.ndarray, "way draw ecg lead_and_all wave"]:
    """Shares of relevance of TYPICAL other patients' maps in the place of each ECG's.

    First by the waves of their own ECG, then by those of this one at the same distance from the R
    peak; `own` is their relevance by the first way. NaN for a map of 0.
    """
    names, marks = subject.records, subject.ecgs.segments.cpu()
    drawn = range(TYPICAL)
    others = np.array([donors(names, subject.patients, subject.seed, draw) for draw in drawn])
    leads, waves = np.arange(maps.shape[1])[:, None], waves_of(subject)
    here = np.empty((TYPICAL, *own.shape))
    for ecg, chosen in enumerate(others.T):
        moved = [maps[one][leads, aligned(marks[ecg], marks[one]).numpy()] for one in chosen]
        here[:, ecg] = relevance(np.stack(moved), waves[[ecg] * TYPICAL])
    total = np.abs(maps).sum((1, 2), dtype=np.float64)[others]
    return np.stack([own[others], here]) / np.where(total > 0, total, np.nan)[..., None, None]


def _mean_of_draws(values: Float64[np.ndarray, "way draw *rest"]) -> np.ndarray:
    count = np.isfinite(values).sum(1)
    return np.where(count > 0, np.nansum(values, 1) / np.maximum(count, 1), np.nan)


def direction(effect: Cells, own: Cells) -> PerEcgs:
    """Cosine over the cells that both have."""
    there = np.isfinite(effect) & np.isfinite(own)
    return cosine(np.where(there, own, np.nan).T, np.where(there, effect, np.nan).T)


# How far a wave moves the output, then what it adds: the agreement of relevance with it.
OF_EVERY_MAP = "leads"  # signed contributions alone can agree with what a wave adds
QUESTIONS: Mapping[str, Callable[[Cells, Cells], PerEcgs]] = {
    OF_EVERY_MAP: spearman,
    "adds": direction,
}
# What a map about the network has to beat, then what one beyond other patients has to beat too.
OF_NETWORK, OF_ECG = ("controls", "redrawn"), ("other_ecg", "mean_map")
# The same map against the effects on the redrawn network: for the answer's witness alone.
OTHER_EFFECTS = "other_effects"


@dataclass(frozen=True, eq=False)
class Against:
    """Measured effects on one network, the mean |Δf| and what a wave adds, and its maps.

    `redrawn` are the maps of the first ECGs with redrawn weights, and `other_effects` what is
    measured on that network; None where there is none.
    """

    effects: tuple[ByWave, ByWave]
    found: Explained
    redrawn: Explained | None
    subject: Subject
    other_effects: tuple[ByWaveOfFirst, ByWaveOfFirst] | None = None

    @cached_property
    def own(self) -> Mapping[str, tuple[ByWave, ByWave]]:
        """Relevance of every method's maps."""
        return own_cells(self.found, self.subject)

    @cached_property
    def of_redrawn(self) -> Mapping[str, tuple[ByWave, ByWave]]:
        """Relevance of the maps with redrawn weights."""
        return own_cells(self.redrawn, self.subject) if self.redrawn else {}

    @property
    def scores(self) -> PerEcg:
        """The measures of each ECG, by method."""
        size = self.effects[0][:, -1]
        return by_measure(
            {
                name: {
                    **{question: self.agreement(question, name) for question in QUESTIONS},
                    "waves": spearman(size, sizes[:, -1]),
                }
                for name, (sizes, _) in self.own.items()
            }
        )

    def agreement(self, question: str, name: str) -> PerEcgs:
        """Agreement of a method's maps with the effects."""
        return QUESTIONS[question](*self.cells(question, name))

    def cells(self, question: str, name: str) -> tuple[Cells, Cells]:
        """Measured effects and relevance."""
        place = [*QUESTIONS].index(question)
        return _cells(self.effects[place]), _cells(self.own[name][place])

    def above(self, question: str, name: str) -> Iterator[tuple[str, Float[np.ndarray, "k ecg"]]]:
        """Agreement above that of each other map, on the cells that both have."""
        place, agree = [*QUESTIONS].index(question), QUESTIONS[question]
        effect, own = self.cells(question, name)

        def less(others: Iterable[ByWave]) -> Float[np.ndarray, "k ecg"]:
            found = []
            for other in map(_cells, others):
                there = np.where(np.isfinite(other), own, np.nan)
                found.append(agree(effect, there) - agree(effect, other))
            return np.stack(found)

        yield "controls", less(self.own[one][place] for one in controls())
        if self.redrawn:
            padded = np.full_like(self.own[name][place], np.nan)
            if name in self.of_redrawn:
                known = self.of_redrawn[name][place]
                padded[: len(known)] = known
            yield "redrawn", less([padded])
        if self.other_effects:
            other = np.full_like(effect, np.nan)
            known = _cells(self.other_effects[place])
            other[: len(known)] = known
            there = np.where(np.isfinite(other), own, np.nan)
            yield OTHER_EFFECTS, (agree(effect, there) - agree(other, there))[None]
        maps = self.found.maps[name]
        others = of_others(maps if place else np.abs(maps), self.own[name][place], self.subject)
        yield "other_ecg", less(others[:, 0])
        yield "mean_map", less(_mean_of_draws(others))


def _cells(by_wave: ByWave) -> Cells:
    return by_wave[:, :-1].reshape(len(by_wave), -1)


def compared(against: Sequence[Against], subject: Subject) -> pd.DataFrame:
    """A row for each question and method: its agreement, and what it is about.

    Of each comparison the mean difference (with the best where there are several), its 95 %
    interval and p, Holm-corrected over the methods; `redrawn` where there is such a network.
    `about` is ECG, network or nothing, `not_above` has the names of what was not beaten. `slope` is
    Σ p·e / Σ p² over all cells.
    """
    rows = []
    common = [name for name in against[0].own if all(name in each.own for each in against)]
    methods = [name for name in common if name not in controls()]
    for question in QUESTIONS:
        found = [_row(against, question, name, len(methods), subject) for name in methods]
        for key in [f"{null}_p" for null in (*OF_NETWORK, OTHER_EFFECTS, *OF_ECG)]:
            if found and key in found[0]:
                corrected = holm([row[key] for row in found])
                found = [row | {key: p} for row, p in zip(found, corrected, strict=True)]
        rows += [row | _about(row) for row in found]
    return pd.DataFrame(rows)


def _about(row: Mapping[str, Any]) -> dict[str, str]:
    # A network without weights to redraw has no p of them.
    equal = [null for null in (*OF_NETWORK, *OF_ECG) if row.get(f"{null}_p", 0.0) >= LEVEL]
    of_network = not {*equal} & {*OF_NETWORK}
    about = "nothing" if not of_network else "network" if equal else "ECG"
    return {"about": about, "not_above": " ".join(equal)}


def _row(
    against: Sequence[Against], question: str, name: str, methods: int, subject: Subject
) -> dict[str, Any]:
    own = np.stack([each.agreement(question, name) for each in against])
    row = {"measure": question, "method": name, "value": finite_mean(own)}
    differences = [dict(each.above(question, name)) for each in against]
    for null in differences[0]:
        found = _above(np.stack([each[null] for each in differences], 1), methods, subject)
        row |= {f"{null}_{key}": value for key, value in found.items()}
    effect, cells = np.concatenate([each.cells(question, name) for each in against], 1)
    there = np.isfinite(effect) & np.isfinite(cells)
    return row | {"slope": fit(cells[there], effect[there])["slope"]}


def _above(
    differences: Float[np.ndarray, "null network ecg"], methods: int, subject: Subject
) -> dict[str, float]:
    """The smallest mean difference with its 95 % interval, and the largest p; p 1 without any."""
    there = np.asarray(np.isfinite(differences).all((0, 1)))
    patients = [one for one, kept in zip(subject.patients, there, strict=True) if kept]
    if len({*patients}) < 2:
        return {"difference": np.nan, "low": np.nan, "high": np.nan, "p": 1.0}
    kept = differences[..., there]
    drawn, means = sampling(kept.shape[1], methods, patients, subject.seed), kept.mean((1, 2))
    low, high = drawn.interval(kept)
    p, least = np.where(means > 0, drawn.p(kept), 1.0), means.argmin()
    return {
        "difference": float(means[least]),
        "low": float(low[least]),
        "high": float(high[least]),
        "p": float(p.max()),
    }


def finite_mean(values: Float[np.ndarray, "*value"]) -> float:
    """Mean of the finite values, NaN without one."""
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else float("nan")


def share(part: npt.ArrayLike, whole: npt.ArrayLike) -> Float64[np.ndarray, "*value"]:
    """Part of the whole; NaN where that is not above 0."""
    part, whole = np.asarray(part), np.asarray(whole)
    nothing = np.full(np.shape(whole), np.nan)
    return np.divide(part, whole, out=nothing, where=whole > 0)


def cosine(predicted: PerPair, moved: PerPair) -> Float64[np.ndarray, " ecg"]:
    """Σ p·Δf / (‖p‖‖Δf‖) over the pairs that there are: 0 where p is 0, NaN where Δf is."""
    lengths = np.sqrt(np.nansum(predicted**2, 0) * np.nansum(moved**2, 0))
    product = np.nansum(predicted * moved, 0)
    value = np.divide(product, lengths, out=np.zeros_like(product), where=lengths > 0)
    return np.where(np.nansum(moved**2, 0) > 0, value, np.nan)


def fit(
    expected: Float64[np.ndarray, " value"], changes: Float64[np.ndarray, " value"]
) -> dict[str, float]:
    """Slope Σ p·Δf / Σ p² and relative error ‖p − Δf‖ / ‖Δf‖; NaN where they have none."""
    away = np.linalg.norm(expected - changes)
    return {
        "slope": float(share(expected @ changes, expected @ expected)),
        "error": float(share(away, (changes @ changes) ** 0.5)),
    }
