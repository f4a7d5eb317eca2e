"""Drawings of a study: ECG sheets and heatmaps in the bytes that a browser paints."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from ecglens.ecg import LEADS
from ecglens.report.figures import (
    CLEAR,
    LETTER,
    MM_PER_MS,
    MM_PER_MV,
    Cell,
    Sheet,
    averaged,
    small_multiples,
    time_axis,
    twelve_leads,
)
from jaxtyping import Float, Int8
from scipy.ndimage import correlate1d

from .ballots import VIEWS

# Relevance that the coloured samples hold together, from the darkest colour to the lightest. The
# last tenth has no colour, as in the figures of the report (Storås 2025, code).
SHARES = (0.5, 0.75, 0.9)
SEGMENT_MS = 30.0  # of the default score: what it ranks and replaces as one is shown as one
EDGE = 0.5  # mm of paper to the left and right of a single lead, and below it
# mm: height of a lane, its distance from the trace, and room for both: a large square, so that 0 mV
# stays on a line. A lane hides neither trace nor grid; equal time at equal strength is equal ink
# in P and QRS; colour along the trace has more where the trace is steep.
LANE, AWAY, ROOM = 4.0, 1.0, 5.0
MOST_UV = 32767  # of an int16


def heat_of(heatmap: Float[np.ndarray, "12 time"], view: str, fs: float) -> bytes:
    """Steps as int8, row by row: 12 in view "full", the mean over leads in "averaged".

    The step of a sample is that of the mean |attribution| over SEGMENT_MS, its sign that of the
    mean attribution: where the sign alternates from sample to sample, a map is strong, not striped.
    The number of bytes depends on the number of samples alone. Raises ValueError for values that
    are not finite.
    """
    if not np.isfinite(heatmap).all():
        raise ValueError("expected a finite heatmap, got NaN or infinite values")
    rows = heatmap if view == "full" else averaged(heatmap)[None]
    signs = np.where(smoothed(rows, fs) < 0, -1, 1)
    return (signs * steps(smoothed(np.abs(rows), fs))).astype(np.int8).tobytes()


def smoothed(values: Float[np.ndarray, "row time"], fs: float) -> Float[np.ndarray, "row time"]:
    """Mean over SEGMENT_MS around each sample; at the ends over the samples that there are."""
    half = round((SEGMENT_MS * fs / 1000.0 - 1) / 2)
    # Not from running sums, which would round equal neighbourhoods to unequal means.
    sums, counts = (
        correlate1d(each, np.ones(2 * half + 1), mode="constant")
        for each in (values.astype(np.float64), np.ones((1, values.shape[-1])))
    )
    return sums / counts


def steps(strength: Float[np.ndarray, "row time"]) -> Int8[np.ndarray, "row time"]:
    """Step of each sample, 0 to 3, from its strength, which is not negative.

    The strongest samples of the map, which together hold half of its relevance, have 3, further
    samples up to three quarters 2, and up to nine tenths 1. Equal samples have equal steps.
    """
    ordered = np.sort(strength, axis=None)[::-1]
    sums = np.cumsum(ordered)
    if not sums[-1]:
        return np.zeros(strength.shape, np.int8)
    # A sum over many samples can end a rounding error below its share.
    places = np.searchsorted(sums, np.array(SHARES) * sums[-1] * (1 - 1e-12))
    weakest = ordered[places[::-1]]
    return np.searchsorted(weakest, strength, side="right").astype(np.int8)


@dataclass(frozen=True)
class Paper:
    """Samples of an ECG and their layout, in millimetres from the top left corner of the sheet.

    `signal` is int16 in µV, lead by lead in the order of `geometry["leads"]`. `geometry` is JSON
    data: width_mm, height_mm, mm_per_ms, mm_per_mv, lane_mm (height of the lane of a map), fs,
    samples, leads, signed (maps have signs), whole (left, top, width and height of what is shown
    first), zeros and millivolts (0 mV lines and mV marks), columns and times (ms marks from the
    left of a cell), unit, and cells, each with name, left, right, top, bottom, label (middle of the
    name), zero (the 0 mV line) and lane (top of the lane, below the lowest point of the trace).
    """

    signal: bytes
    geometry: Mapping[str, Any]


def sheet_of(x: Float[np.ndarray, "12 time"], view: str, fs: float, origin: int) -> Paper:
    """ECG (µV) at 25 mm/s and 10 mm/mV; the time axis starts at sample `origin`.

    View "full" has twelve leads, "averaged" only V5. Raises ValueError for another view, and for
    samples that are not finite or beyond ±32.767 mV.
    """
    if view not in VIEWS:
        raise ValueError(f"expected a view of {', '.join(VIEWS)}, got {view!r}")
    if not (largest := float(np.abs(x).max())) <= MOST_UV:  # NaN is no sample either
        found = f"got {largest:.3g} µV; the unit or the gain is wrong"
        raise ValueError(f"expected samples within ±{MOST_UV} µV, {found}")
    leads = LEADS if view == "full" else ("V5",)
    shown = x[[LEADS.index(lead) for lead in leads]]
    full = view == "full"
    sheet = _with_room(twelve_leads(shown[None], fs) if full else small_multiples(leads, shown, fs))
    cells = [_place(sheet, cell, shown[leads.index(cell.name)]) for cell in sheet.cells]
    axis = time_axis(x.shape[-1], fs, origin)
    marks = sheet.millivolt_marks()
    geometry = {
        "width_mm": sheet.width,
        "height_mm": sheet.height,
        "mm_per_ms": MM_PER_MS,
        "mm_per_mv": MM_PER_MV,
        "lane_mm": LANE,
        "fs": fs,
        "samples": x.shape[-1],
        "leads": leads,
        "signed": full,
        "whole": [0.0, 0.0, sheet.width, sheet.height] if full else _box(cells[0]),
        "zeros": sheet.zeros,
        "millivolts": marks,
        "columns": sheet.columns,
        "times": axis.marks,
        "unit": axis.unit,
        "cells": cells,
    }
    return Paper(np.rint(shown).astype("<i2").tobytes(), geometry)


def _with_room(sheet: Sheet) -> Sheet:
    """The sheet with ROOM below each row of traces."""

    def moved(place: int, cell: Cell) -> Cell:
        down = place // sheet.columns * ROOM
        return replace(cell, label=cell.label + down, zero=cell.zero + down)

    return replace(
        sheet,
        height=sheet.height + len(sheet.zeros) * ROOM,
        cells=tuple(moved(*each) for each in enumerate(sheet.cells)),
        zeros=tuple(zero + row * ROOM for row, zero in enumerate(sheet.zeros)),
    )


def _place(sheet: Sheet, cell: Cell, x: Float[np.ndarray, " time"]) -> dict[str, Any]:
    """Bounding box of a trace, its name and its lane, in mm."""
    highest = cell.zero - float(x.max()) / 1000.0 * MM_PER_MV
    lowest = cell.zero - float(x.min()) / 1000.0 * MM_PER_MV
    lane = max(lowest, cell.zero) + AWAY
    return {
        "name": cell.name,
        "left": cell.left,
        "right": cell.left + sheet.cell_width,
        "top": max(0.0, min(highest - CLEAR, cell.label - LETTER)),
        "bottom": lane + LANE + EDGE,
        "label": cell.label,
        "zero": cell.zero,
        "lane": lane,
    }


def _box(cell: Mapping[str, Any]) -> list[float]:
    """Left, top, width and height of a single lead."""
    left, width = cell["left"] - EDGE, cell["right"] - cell["left"] + 2 * EDGE
    return [left, cell["top"], width, cell["bottom"] - cell["top"]]
