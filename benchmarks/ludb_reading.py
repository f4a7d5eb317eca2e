"""One record of LUDB, measured by us and by cardiologists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ecglens.ecg import R_INDEX, Beat, Measurement, UnusableRecord, measure, median_beat

from benchmarks.ludb_marks import EDGES, Marked, intervals_ms, read_marked

INTERVALS = ("pr", "qrs", "qt")
SAME_BEAT = 60  # samples between a mark's QRS complex and the R peak


@dataclass(frozen=True, eq=False)
class Reading:
    """What we found in a record (`refused` says why there is nothing), beside its manual marks.

    `manual_global` and `manual_median` are PR, QRS, QT in ms over all leads and of the median edge
    over the leads; `edges` are measured minus manual global edges in samples, in the order of
    EDGES.
    """

    name: str
    marked: Marked
    found: Measurement
    refused: str
    manual_global: np.ndarray
    manual_median: np.ndarray
    edges: np.ndarray

    @property
    def errors_ms(self) -> np.ndarray:
        """PR, QRS, QT measured minus manual, global; NaN where one of both is missing."""
        return np.array([getattr(self.found, name) for name in INTERVALS]) - self.manual_global

    def missing(self, name: str) -> str:
        """Why this interval is not measured; "" when it is."""
        return self.refused or self.found.reasons.get(name, "")


def readings(paths: Sequence[Path]) -> Iterator[Reading]:
    """The records at these paths (without suffix), measured one after the other."""
    for path in paths:
        marked = read_marked(path)
        found, refused, edges = Measurement(), "", np.full(len(EDGES), np.nan)
        try:
            beat = median_beat(marked.record)
        except UnusableRecord as problem:
            refused = f"record refused: {problem}"
        else:
            found = measure(beat)
            edges = edge_differences(marked, beat, found)
        yield Reading(path.name, marked, found, refused, *manual_intervals(marked), edges)


def manual_intervals(marked: Marked) -> tuple[np.ndarray, np.ndarray]:
    """PR, QRS, QT in ms, median over the beats: global, and of the median edge over the leads."""
    fs = marked.record.fs
    per_lead = intervals_ms(nanmedian(marked.marks, axis=1), fs)
    return (nanmedian(intervals_ms(marked.global_edges, fs), axis=0), nanmedian(per_lead, axis=0))


def nanmedian(values: np.ndarray, axis: int) -> np.ndarray:
    """Median without NaN; NaN, and no warning, where there is nothing else."""
    ordered = np.ma.masked_invalid(values)
    return np.ma.median(ordered, axis=axis).filled(np.nan)


def edge_differences(marked: Marked, beat: Beat, found: Measurement) -> np.ndarray:
    """Measured minus manual global edges in samples, in the order of EDGES."""
    edges = marked.global_edges
    middles = nanmedian(marked.marks[:, :, 2:4].reshape(len(edges), -1), axis=1)
    nearest = np.nanargmin(np.abs(middles[:, None] - beat.used), axis=0)
    same = np.abs(middles[nearest] - beat.used) < SAME_BEAT
    manual = nanmedian((edges[nearest] - beat.used[:, None] + R_INDEX)[same], axis=0)
    return np.array([getattr(found.segments, edge) for edge in EDGES]) - manual
