"""Agreement of maps with measured effects, beside that of maps that do not know network or ECG.

The rules of docs/effects.md, written before anything was measured.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, Float64

from ....explain import controls
from ...measures import PerEcg, by_measure
from ...statistics.comparison import LEVEL, sampling
from ...statistics.resampling import holm
from ...subject import Subject, partners
from ..sanity import spearman
from .prediction import cosine, fit

# (ecg, lead and all, wave), and its single leads as (ecg, cell); NaN for a wave that is not there.
ByWave = Float64[np.ndarray, "ecg lead_and_all wave"]
Cells = Float64[np.ndarray, "ecg cell"]
PerEcgs = Float64[np.ndarray, " ecg"]


class MapCells(NamedTuple):
    """Relevance of a method's maps by lead and wave: Σ w·|a| and Σ w·a."""

    size: ByWave
    signed: ByWave


@dataclass(frozen=True, eq=False)
class Against:
    """Measured effects on one network, cells of its maps and of those with redrawn weights.

    `size` is the mean |Δf|, `adds` what a wave adds to the output. `redrawn` has the first ECGs.
    """

    size: ByWave
    adds: ByWave
    maps: Mapping[str, MapCells]
    redrawn: Mapping[str, MapCells]

    @property
    def scores(self) -> PerEcg:
        """The measures of each ECG, by method."""
        return by_measure(
            {
                name: {
                    **{
                        question: agree(effect, own[name])
                        for question, agree, effect, own, _ in self.questions
                    },
                    "waves": spearman(self.size[:, -1], cells.size[:, -1]),
                }
                for name, cells in self.maps.items()
            }
        )

    @cached_property
    def questions(self) -> Sequence["Question"]:
        """How far a wave moves the output, and what it adds."""

        def single(maps: Mapping[str, MapCells], part: int) -> Mapping[str, Cells]:
            return {name: _leads(cells[part]) for name, cells in maps.items()}

        return (
            Question("leads", spearman, _leads(self.size), single(self.maps, 0),
                     single(self.redrawn, 0)),
            Question("adds", direction, _leads(self.adds), single(self.maps, 1),
                     single(self.redrawn, 1)),
        )  # fmt: skip


class Question(NamedTuple):
    """Measured effects, cells of maps by method, and the agreement of the two by ECG."""

    name: str
    agree: Callable[[Cells, Cells], PerEcgs]
    effect: Cells
    maps: Mapping[str, Cells]
    redrawn: Mapping[str, Cells]


def _leads(cells: ByWave) -> Cells:
    return cells[:, :-1].reshape(len(cells), -1)


def direction(effect: Cells, own: Cells) -> PerEcgs:
    """Cosine over the cells that both have."""
    there = np.isfinite(effect) & np.isfinite(own)
    return cosine(np.where(there, own, np.nan).T, np.where(there, effect, np.nan).T)


def mean_of_others(cells: Cells, patients: Sequence[str]) -> Cells:
    """Mean over the ECGs of other patients of cells divided by their Σ|cell|."""
    total = np.nansum(np.abs(cells), 1, keepdims=True)
    shares = np.divide(cells, total, out=np.full_like(cells, np.nan), where=total > 0)
    own = np.unique(patients, return_inverse=True)[1]
    sums, counts = np.zeros((2, own.max() + 1, cells.shape[1]))
    np.add.at(sums, own, np.nan_to_num(shares))
    np.add.at(counts, own, np.isfinite(shares))
    rest, number = sums.sum(0) - sums[own], counts.sum(0) - counts[own]
    return np.divide(rest, number, out=np.full_like(rest, np.nan), where=number > 0)


# What a map about the network has to beat, then what one about the ECG has to beat too.
OF_NETWORK, OF_ECG = ("controls", "redrawn"), ("other_ecg", "mean_map")


def compared(against: Sequence[Against], subject: Subject) -> pd.DataFrame:
    """A row for each question and method: its agreement, and what it is about.

    Of each comparison the mean difference (of `controls` that with the best), its 95 % interval
    and p, Holm-corrected over the methods; `redrawn` where there is such a network. `about` is ECG,
    network or "", `not_above` has the names of what was not beaten. `slope` is Σ p·e / Σ p² over
    all cells.
    """
    rows = []
    for questions in zip(*(each.questions for each in against), strict=True):
        common = [name for name in questions[0].maps if all(name in q.maps for q in questions)]
        methods = [name for name in common if name not in controls()]
        found = [_row(questions, name, len(methods), subject) for name in methods]
        for key in [f"{null}_p" for null in (*OF_NETWORK, *OF_ECG)]:
            if found and key in found[0]:
                corrected = holm([row[key] for row in found])
                found = [row | {key: p} for row, p in zip(found, corrected, strict=True)]
        rows += [row | _about(row) for row in found]
    return pd.DataFrame(rows)


def _about(row: Mapping[str, Any]) -> dict[str, str]:
    # A network without weights to redraw has no p of them.
    equal = [null for null in (*OF_NETWORK, *OF_ECG) if row.get(f"{null}_p", 0.0) >= LEVEL]
    of_network = not {*equal} & {*OF_NETWORK}
    about = "" if not of_network else "network" if equal else "ECG"
    return {"about": about, "not_above": " ".join(equal)}


def _row(
    questions: Sequence[Question], name: str, methods: int, subject: Subject
) -> dict[str, Any]:
    own = np.stack([q.agree(q.effect, q.maps[name]) for q in questions])
    row = {"measure": questions[0].name, "method": name, "value": finite_mean(own)}
    nulls = [dict(_nulls(q, name, subject)) for q in questions]
    for null in nulls[0]:
        differences = np.stack([one[null] for one in nulls], 1)
        row |= {
            f"{null}_{key}": each for key, each in _above(differences, methods, subject).items()
        }
    effects = np.concatenate([q.effect.ravel() for q in questions])
    cells = np.concatenate([q.maps[name].ravel() for q in questions])
    there = np.isfinite(effects) & np.isfinite(cells)
    return row | {"slope": fit(cells[there], effects[there])["slope"]}


def _nulls(
    q: Question, name: str, subject: Subject
) -> Iterator[tuple[str, Float64[np.ndarray, "null ecg"]]]:
    """Agreement above that of each null, on the cells that both have."""
    own = q.maps[name]

    def above(null: Cells) -> PerEcgs:
        return q.agree(q.effect, np.where(np.isfinite(null), own, np.nan)) - q.agree(q.effect, null)

    yield "controls", np.stack([above(q.maps[one]) for one in controls()])
    if q.redrawn:
        redrawn = np.full_like(own, np.nan)
        if name in q.redrawn:
            redrawn[: len(q.redrawn[name])] = q.redrawn[name]
        yield "redrawn", above(redrawn)[None]
    yield "other_ecg", above(own[partners(subject)])[None]
    yield "mean_map", above(mean_of_others(own, subject.patients))[None]


def _above(
    differences: Float[np.ndarray, "null network ecg"], methods: int, subject: Subject
) -> dict[str, float]:
    """The smallest mean difference with its 95 % interval, and the largest p; p 1 without any."""
    there = np.isfinite(differences).all((0, 1))
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
