"""The figure of an answer: a row per map with its stamp, its segments, the reading and the score.

The page, the card and the figure for a journal are drawn from it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import isfinite, nan
from typing import Any

import numpy as np

from ...ecg import LEADS
from ...eval import LADDER_LEVELS, TARGET_PRIOR, USES, Answer, Finding, prior_key
from ..style import style
from ..text.numerals import decimals, fixed, number, sampled
from ..text.words import disturbed, outcome_unit, target_words, units
from ..views.perturbation import PerturbationView
from .lanes import Lanes, drawn, nearest_first, shown_lead, ticks_of, ticks_over
from .top import short_reason
from .words import RUNGS, SIGNS

BUDGET = 150_000  # characters of the data of all figures of a page
# Leads that a figure may offer, tried in this order until they fit the budget.
COUNTS = (12, 6, 1)
SCORES = {
    "change": "|Change of reading|",
    "relative_error": "Relative error",
    "logit": "Fall of the logit",
}


@dataclass(frozen=True)
class Score:
    """Mean outcome over the steps of the area, with its 95 % interval; NaN where not scored."""

    value: float = nan
    low: float = nan
    high: float = nan


@dataclass(frozen=True)
class Row:
    """A map: a method with its use, or a control, whose use is "".

    `region` is the score of the target's region at the resolution of the map, `others` that
    of the nearest of its maps of other patients; NaN where there is none.
    """

    name: str
    label: str
    use: str
    reason: str
    score: Score
    region: float = nan
    others: float = nan

    @property
    def sign(self) -> str:
        """Mark of the use; "" for a control."""
        return SIGNS[self.use] if self.use else ""  # pyright: ignore[reportArgumentType]


@dataclass(frozen=True, eq=False)
class AnswerFigure:
    """Maps of an answer: those to use first, each use by rank, then what knows no network.

    `view` is the first ranking by a protocol that decides.
    """

    answer: Answer
    view: PerturbationView

    @property
    def key(self) -> str:
        return self.view.key

    @property
    def finding(self) -> Finding:
        """Finding of the first network, whose ECGs are shown."""
        return self.view.first

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Methods, then controls, the strongest first."""
        methods = [self._method(each.name) for each in self.answer.methods]
        methods.sort(key=lambda row: USES.index(row.use))  # pyright: ignore[reportArgumentType]
        controls = sorted(self._controls(), key=lambda row: -row.score.value)
        return (*methods, *controls)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the rows among curves and references."""
        return tuple(row.name for row in self.rows)

    @cached_property
    def order(self) -> list[int]:
        """Places of the ECGs in the gallery whose steps were kept, the first to be shown first."""
        kept = self.finding.curves[0].gallery
        shown = kept.records and kept.steps is not None
        return nearest_first(self.finding, self.names) if shown else []

    def lanes(self, place: int) -> Lanes:
        """The ECG at a place of the gallery."""
        return Lanes(self.finding, place, self.names, self.view.region)

    @cached_property
    def first(self) -> Lanes:
        """The ECG that is shown first; there is one where `order` has a place."""
        return self.lanes(self.order[0])

    @cached_property
    def lead(self) -> int:
        """Lead that is drawn first."""
        shown = self.answer.use or self.names
        return shown_lead(self.finding, shown, self.order[0]) if self.order else 0

    @cached_property
    def ticks(self) -> tuple[float, ...]:
        """Ticks of the scale of scores; the first and the last are its ends."""
        scores = [(row.score.low, row.score.high, row.region, row.others) for row in self.rows]
        ends = [each for each in [*chain(*scores), 0.0] if isfinite(each)]
        return ticks_over(min(ends), max(ends))

    @property
    def score_label(self) -> str:
        """Name and unit of the score."""
        protocol = self._protocol
        negative = "" if protocol.order == "morf" else ", counted negative"
        unit = outcome_unit(self.finding)
        return SCORES[protocol.outcome] + (f", {unit}" if unit else "") + negative

    @property
    def steps_label(self) -> str:
        """What a map is shown by: the points or segments of the score, which are replaced."""
        first = "top" if self._protocol.order == "morf" else "last"
        return f"{first} {self._protocol.until} {units(self._protocol)} replaced"

    @property
    def reading_label(self) -> str:
        """Name of the arrow's scale."""
        target = self.finding.about.target
        read = "probability" if target.kind == "binary" else target_words(target)
        return f"Network’s {read}, {target.unit}".removesuffix(", ")

    @property
    def region_label(self) -> str:
        """Name and places of the target's region; "" where nobody says where it is."""
        region, target = self.view.region, target_words(self.finding.about.target)
        return f"{target} region: {region.places}" if region else ""

    @property
    def note(self) -> str:
        """Sentence on what a step does."""
        several = ", first network" if len(self.view.each) > 1 else ""
        return f"{disturbed(self._protocol)}; first draw{several}."

    def shown(self, budget: int = BUDGET) -> dict[str, Any]:
        """Values for the template, with data for its script of at most about `budget` bytes."""
        ecgs, leads = self._fitting(budget)
        places = decimals([row.score.value for row in self.rows])
        controls = self.finding.curves[0].controls
        by = " by another patient’s" if self._protocol.fill == "donor" else ""
        return {
            "key": self.key,
            "steps": self._protocol.until,
            "unit": units(self._protocol),
            "steps_label": f"{self.steps_label}{by}",
            "reading_label": self.reading_label,
            "score_label": self.score_label,
            "ticks": [(100 * share, text) for share, text in ticks_of(self.ticks)],
            "target": target_words(self.finding.about.target),
            "region_label": self.region_label,
            "sampled": sampled(self.finding.facts),
            "ecgs": self.answer.ecgs,
            "with_region": any(isfinite(row.region) for row in self.rows),
            "with_others": any(isfinite(row.others) for row in self.rows),
            "guides": [self._across(row.score.value) for row in self.rows if row.name in controls],
            "rows": [
                {
                    **self._shown_row(row, places, bool(ecgs)),
                    "begins": not n or row.use != self.rows[n - 1].use,
                }
                for n, row in enumerate(self.rows)
            ],
            "first": self._shown_ecg() if ecgs else None,
            "note": self.note,
            "data": {
                "leads": [LEADS[lead] for lead in leads],
                "numbers": leads,
                "lead": leads.index(self.lead),
                "ecgs": [self.lanes(place).data(leads) for place in ecgs],
            }
            if ecgs
            else None,
        }

    @property
    def _protocol(self) -> Any:
        return self.finding.curves[0].protocol

    def _across(self, value: float) -> float:
        """Percent of the way along the scale of scores."""
        return 100 * (value - self.ticks[0]) / (self.ticks[-1] - self.ticks[0])

    def _shown_row(self, row: Row, places: int, with_lane: bool) -> dict[str, Any]:
        score = row.score
        found = {
            "label": row.label,
            "sign": row.sign,
            "use": row.use,
            "reason": row.reason,
            "value": fixed(score.value, places),
            "interval": f"{number(score.low)} to {number(score.high)}",
            "at": [self._across(each) for each in (score.value, score.low, score.high)]
            if isfinite(score.value)
            else None,
            "region": self._across(row.region) if isfinite(row.region) else None,
            "others": self._across(row.others) if isfinite(row.others) else None,
        }
        if not with_lane:
            return found
        lanes = self.first
        read = lanes.readings.get(row.name)
        low, width = lanes.scale[0], lanes.scale[-1] - lanes.scale[0]
        return found | {
            "cells": [drawn(cell, lanes.tallest) for cell in lanes.cells.get(row.name, ())],
            "in_words": lanes.in_words(row.name),
            "at_start": 100 * (lanes.start - low) / width,
            "at_end": None if read is None else 100 * (float(read[-1]) - low) / width,
            "end": "" if read is None else lanes.said(row.name, -1),
        }

    def _shown_ecg(self) -> dict[str, Any]:
        lanes = self.first
        trace = lanes.trace(self.lead)
        step = lanes.length / (len(trace.points) - 1)
        path = "L".join(f"{k * step:.1f} {100 * y:.1f}" for k, y in enumerate(trace.points))
        return {
            "name": lanes.words,
            "lead": LEADS[self.lead],
            "start": fixed(lanes.start, lanes.places),
            "length": lanes.length,
            "tallest": lanes.tallest,
            "trace": f"M{path}",
            "grid": "".join(f"M{at:.1f} 0V100" for at in lanes.squares)
            + "".join(f"M0 {100 * at:.1f}H{lanes.length}" for at in trace.squares),
            "region": "".join(f"M{a} 0H{b}V100H{a}z" for a, b in lanes.in_region),
            "waves": [(name, 100 * at / lanes.length) for name, at in lanes.waves],
            "ticks": [(100 * share, text) for share, text in ticks_of(lanes.scale)],
        }

    def _method(self, name: str) -> Row:
        method = self.answer.of[name]
        reason, score = short_reason(self.answer, method), self._scores.get(name, Score())
        region, others = self._rung(name, TARGET_PRIOR), self._rung(name, *LADDER_LEVELS[-1].rungs)
        return Row(name, style(name).label, method.use, reason, score, region, others)

    def _controls(self) -> Iterator[Row]:
        target = target_words(self.finding.about.target)
        for name in self.finding.curves[0].controls:
            label = RUNGS[name] if name in RUNGS else style(name).label
            yield Row(name, label, "", "", self._scores.get(name, Score()))
        if self._region:
            name, score = self._region
            yield Row(name, f"{target} region", "", "", score)

    @cached_property
    def _scores(self) -> Mapping[str, Score]:
        table, until = self.view.ranking.table, self._protocol.until
        return {
            row["method"]: Score(*(float(row[key]) / until for key in ("value", "low", "high")))
            for row in table.to_dict("records")
        }

    def _rung(self, method: str, *names: str) -> float:
        """Score of the nearest of these rungs of a method; NaN where there is none.

        As far below the method's score as in the draws of both: a rung may have fewer.
        """
        rungs = self.view.ranking.ladder.rungs
        own = rungs.loc[(rungs["method"] == method) & rungs["rung"].isin(names), "difference"]
        return self._scores.get(method, Score()).value - float(own.min()) / self._protocol.until

    @cached_property
    def _region(self) -> tuple[str, Score] | None:
        """Target's region at the resolution that most methods have: its name and its score.

        The name is that among the references; None where there is no region.
        """
        rungs = self.view.ranking.ladder.rungs.query("rung == @TARGET_PRIOR")
        grains = [self.finding.curves[0].grains.get(name, "point") for name in rungs["method"]]
        if not grains:
            return None
        most = max(dict.fromkeys(grains), key=grains.count)
        row, until = rungs.iloc[grains.index(most)], self._protocol.until
        return prior_key(most), Score(*(float(row[key]) / until for key in ("auc", "low", "high")))

    def _fitting(self, budget: int) -> tuple[list[int], list[int]]:
        """ECGs and leads that fit the budget; one of each where it is too small."""
        if not self.order:
            return [], []
        counts = np.bincount(
            [cell.lead for row in self.first.cells.values() for cell in row], minlength=len(LEADS)
        )
        counts[self.lead] = counts.max() + 1
        by_use = np.argsort(-counts, kind="stable").tolist()
        steps, rows = self._protocol.until, len(self.rows)
        for leads in COUNTS:
            each = 450 * leads + rows * steps * 32 + 800
            ecgs = min(len(self.order), budget // each)
            if ecgs >= min(3, len(self.order)):
                return self.order[:ecgs], sorted(by_use[:leads])
        return self.order[:1], by_use[:1]


def answer_figures(
    groups: Sequence[tuple[Answer, Sequence[PerturbationView]]],
) -> list[AnswerFigure]:
    """A figure for each answer that has methods."""
    return [AnswerFigure(answer, views[0]) for answer, views in groups if answer.methods]
