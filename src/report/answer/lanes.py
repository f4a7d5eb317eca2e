"""ECGs of the answer's figure: a lead, the segments that each map has changed, the readings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from math import isclose
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int64
from matplotlib.ticker import MaxNLocator
from scipy.special import expit

from ...ecg import BIT, LEADS, runs_of
from ...eval import Curves, Finding, TargetRegion
from ..text.numerals import decimals, fixed
from ..text.quality import fit_of, fit_of_class
from ..text.words import record_words
from ..views.gallery import packed

WIDTH = 300  # points of a trace, which is 400 pixels wide
SLOT_MS = 30.0  # single points lie too close to be seen: they are stacked by 30 ms
SQUARE_MS, SQUARE_MV = 200.0, 0.5  # a large square of ECG paper
LEAST_MV = 1.0  # height of a lane, so that a flat lead is drawn flat
WAVES = ("P", "QRS", "T")
APART = 0.05  # of a lane between two names of waves: about 20 of 400 pixels
# Readings share a scale of at least this many mean absolute errors: what moves less than the
# network errs has to look small.
ERRORS = 2.0


@dataclass(frozen=True)
class Trace:
    """A lead as it is drawn: from 0 (top) to 1, with its large squares at these heights."""

    points: Float[np.ndarray, " point"]
    squares: tuple[float, ...]


@dataclass(frozen=True)
class Cell:
    """A segment changed in a step: its spans in samples, its height in the stack, and its lead."""

    spans: tuple[tuple[int, int], ...]
    height: int
    lead: int


@dataclass(frozen=True)
class Lanes:
    """An ECG of a gallery while the first steps of each map change it, in the first draw.

    `names` are rows of the figure; `curves` those of the first network. A step changes a segment of
    one lead, or a point.
    """

    finding: Finding
    place: int
    names: Sequence[str]
    region: TargetRegion | None

    @property
    def curves(self) -> Curves:
        return self.finding.curves[0]

    @property
    def steps(self) -> int:
        return self.curves.protocol.until

    @property
    def words(self) -> str:
        """Name of the ECG as it is printed."""
        return record_words(self.curves.gallery.records[self.place], self.finding.facts)

    @cached_property
    def cells(self) -> Mapping[str, tuple[Cell, ...]]:
        """Segment of each step, by the rows whose steps are known: equally many in each."""
        steps = self.curves.gallery.steps
        if steps is None:
            return {}
        units = steps.units[self.place]
        count, slots = int(units.max()) + 1, self._slots(units)
        found = {}
        for name in (each for each in self.names if each in steps.orders):
            seen: Counter[int] = Counter()
            row = []
            for step in steps.orders[name][self.place][: self.steps].tolist():
                lead, unit = divmod(step, count)
                hit = slots[units == unit]  # in every beat of a strip
                row.append(Cell(_spans(np.isin(slots, hit)), seen[hit[0]], lead))
                seen[hit[0]] += 1
            found[name] = tuple(row)
        return found

    @cached_property
    def tallest(self) -> int:
        """Segments in the highest stack of all rows."""
        return max((each.height + 1 for row in self.cells.values() for each in row), default=1)

    @cached_property
    def readings(self) -> Mapping[str, Float[np.ndarray, " point"]]:
        """Reading before, and after each step, of each row; of a class its probability."""
        curves = self.curves
        ecg = curves.records.index(curves.gallery.records[self.place])
        every = {**curves.references, **curves.predictions}
        known = [name for name in self.names if name in every and every[name].shape[1] > ecg]
        kept = {name: every[name][0, ecg, : self.steps + 1].astype(float) for name in known}
        return {name: expit(each) if self.binary else each for name, each in kept.items()}

    @property
    def binary(self) -> bool:
        """True if readings are probabilities."""
        return self.finding.about.target.kind == "binary"

    @property
    def start(self) -> float:
        """Reading of the ECG as it is."""
        return float(next(iter(self.readings.values()))[0])

    @cached_property
    def scale(self) -> tuple[float, ...]:
        """Ticks of the scale of readings; the first and the last are its ends."""
        if self.binary:
            return (0.0, 0.5, 1.0)
        ends = np.concatenate([*self.readings.values()])
        low, high = float(ends.min()), float(ends.max())
        target = self.finding.about.target
        error = fit_of_class(fit_of(self.finding.facts), target.explained).get("mae", 0.0)
        if high - low < (least := ERRORS * error):
            # What was moved stays within, the start as near the middle as that allows.
            low = min(max(self.start - least / 2, high - least), low)
            high = low + least
        return ticks_over(low, high)

    @property
    def places(self) -> int:
        """Decimals of a printed reading."""
        return decimals(np.concatenate([*self.readings.values()]))

    def said(self, name: str, step: int) -> str:
        """Reading after a step of a row, as it is printed."""
        return fixed(float(self.readings[name][step]), self.places)

    def trace(self, lead: int) -> Trace:
        """A lead with about WIDTH points, its peaks among them; a lane is at least 1 mV high."""
        mv = self._x[lead] / 1e3
        low, high = float(mv.min()), float(mv.max())
        room = max(0.12 * (high - low), (LEAST_MV - (high - low)) / 2)
        low, high = low - room, high + room
        at = np.arange(np.ceil(low / SQUARE_MV), high / SQUARE_MV) * SQUARE_MV
        every = max(1, len(mv) // WIDTH)
        # Lowest and highest of each two blocks, in order of time: every n-th sample would miss
        # the tops of R and S waves, of each beat by another height.
        pairs = np.pad(mv, (0, -len(mv) % (2 * every)), "edge").reshape(-1, 2 * every)
        ends = np.sort(np.stack([pairs.argmin(1), pairs.argmax(1)], 1))
        points = np.take_along_axis(pairs, ends, 1).ravel()[: -(-len(mv) // every)]
        return Trace((high - points) / (high - low), tuple(((high - at) / (high - low)).tolist()))

    @property
    def squares(self) -> tuple[float, ...]:
        """Samples at which a large square begins, counted from the R peak of a beat."""
        every = SQUARE_MS * self.curves.gallery.fs / 1e3
        peaks = np.flatnonzero(self._marks & BIT["QRS"])
        first = float(peaks.mean()) % every if len(peaks) else 0.0
        return tuple(np.arange(first, self.length, every).tolist())

    @property
    def length(self) -> int:
        """Samples of the ECG."""
        return self._x.shape[-1]

    @cached_property
    def waves(self) -> tuple[tuple[str, float], ...]:
        """Name and middle (sample) of each wave of the first beat that has it; none on strips.

        There the names would stand on each other.
        """
        runs = {name: _spans((self._marks & BIT[name]) != 0) for name in WAVES}
        found = [(name, sum(spans[0]) / 2) for name, spans in runs.items() if spans]
        gaps = np.diff(sorted(at for _, at in found))
        return tuple(found) if not len(gaps) or gaps.min() > APART * self.length else ()

    @cached_property
    def in_region(self) -> tuple[tuple[int, int], ...]:
        """Spans (samples) in which the target is defined."""
        if self.region is None:
            return ()
        marks = self.curves.gallery.segments[[self.place]]
        return _spans(self.region.times(marks, self.curves.gallery.fs)[0])

    def in_words(self, name: str) -> str:
        """Segments of a row by wave, for those who hear the page: "P 9, PQ 6"."""
        marks = [self._marks[int(sum(c.spans[0]) / 2)] for c in self.cells.get(name, ())]
        counts = Counter(next((w for w in BIT if mark & BIT[w]), "outside") for mark in marks)
        return ", ".join(f"{each} {counts[each]}" for each in (*BIT, "outside") if each in counts)

    def data(self, leads: Sequence[int]) -> dict[str, Any]:
        """Values for the script of the page."""
        ticks, traces = self.scale, [self.trace(lead) for lead in leads]
        width = ticks[-1] - ticks[0]
        rows = [self.cells.get(name, ()) for name in self.names]
        return {
            "name": self.words,
            "ticks": ticks_of(ticks),
            "places": self.places,
            "low": ticks[0],
            "width": width,
            "traces": [packed(np.rint(each.points * 255).astype(np.uint8)) for each in traces],
            "grids": [[round(at, 3) for at in each.squares] for each in traces],
            "squares": [round(at, 1) for at in self.squares],
            "length": self.length,
            "tallest": self.tallest,
            "waves": [[name, round(at / self.length, 4)] for name, at in self.waves],
            "region": self.in_region,
            "cells": [[drawn(cell, self.tallest) for cell in row] for row in rows],
            "of": [[cell.lead for cell in row] for row in rows],
            "read": [
                [round((float(value) - ticks[0]) / width, 4) for value in self.readings[name]]
                if name in self.readings
                else []
                for name in self.names
            ],
        }

    @property
    def _x(self) -> Float[np.ndarray, "lead time"]:
        return self.curves.gallery.x[self.place].astype(float)

    @property
    def _marks(self) -> np.ndarray:
        return self.curves.gallery.segments[self.place]

    def _slots(self, units: Int64[np.ndarray, " time"]) -> Int64[np.ndarray, " time"]:
        """Slot of time of each sample, in which changed segments are stacked."""
        fs = self.curves.gallery.fs
        width = round(SLOT_MS * fs / 1e3)
        if self.curves.protocol.width(fs) >= width:
            return units
        return np.arange(len(units)) // width


def drawn(cell: Cell, tallest: int) -> str:
    """A cell as an SVG path: samples across, the height of a stack down."""
    top = tallest - 1 - cell.height
    return "".join(f"M{start} {top}h{stop - start}v1H{start}z" for start, stop in cell.spans)


def ticks_over(low: float, high: float) -> tuple[float, ...]:
    """Ticks of a scale over these values, a unit long where all are equal (float32)."""
    if isclose(low, high, rel_tol=1e-6, abs_tol=1e-15):  # of 1, rounding is 1e-16
        low, high = low - 0.5, high + 0.5
    return tuple(map(float, MaxNLocator(3, min_n_ticks=3).tick_values(low, high)))


def ticks_of(ticks: Sequence[float]) -> list[tuple[float, str]]:
    """Share of the way along a scale and exact text of every second tick, all of few."""
    shown, width = ticks[:: 2 if len(ticks) > 4 else 1], ticks[-1] - ticks[0]
    form = "f" if max(map(abs, shown)) >= 1e-3 else "e"  # as `number`
    off = 1e-6 * width
    places = next(n for n in count() if all(abs(float(f"{t:.{n}{form}}") - t) < off for t in shown))
    return [((t - ticks[0]) / width, fixed(t, places, form if t else "f")) for t in shown]


def nearest_first(finding: Finding, names: Sequence[str]) -> list[int]:
    """Places of the gallery's ECGs; the one first whose readings move most like those of all."""
    curves, until = finding.curves[0], finding.curves[0].protocol.until
    far = np.zeros(len(curves.gallery.records))
    at = [curves.records.index(name) for name in curves.gallery.records]
    every = {**curves.references, **curves.predictions}
    for name in names:
        if name in every and every[name].shape[1] == len(curves.records):
            moved = np.abs(every[name][..., until].astype(float) - every[name][..., 0])
            far += np.abs(moved[0, at] - moved.mean())
    return np.argsort(far, kind="stable").tolist()


def shown_lead(finding: Finding, names: Sequence[str], place: int) -> int:
    """Lead that defines the target; else the one in which these maps change most segments."""
    target, steps = finding.about.target, finding.curves[0].gallery.steps
    if target.lead:
        return LEADS.index(target.lead)
    if steps is None:
        return LEADS.index("II")
    count, until = int(steps.units[place].max()) + 1, finding.curves[0].protocol.until
    hits = np.concatenate(
        [steps.orders[n][place][:until] // count for n in names if n in steps.orders]
    )
    return int(np.bincount(hits, minlength=len(LEADS)).argmax())


def _spans(there: Bool[np.ndarray, " time"]) -> tuple[tuple[int, int], ...]:
    """First sample and the one after the last of each run of True."""
    return tuple((start, stop) for start, stop in runs_of(there).tolist())
