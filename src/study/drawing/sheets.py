"""ECG on millimetre paper without a heatmap, with the positions of its leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from ...ecg import LEADS
from ...report import TYPE
from ...report.figures import (
    CLEAR,
    COLOURS,
    LETTER,
    METHOD,
    MM_PER_MS,
    MM_PER_MV,
    SQUARE,
    Cell,
    Sheet,
    bare_paper,
    draw_marks,
    draw_name,
    draw_trace,
    time_axis,
)
from .layout import laid_out, pixels_per_mm

INK_WIDTH = 0.65  # points, 0.23 mm: the line of a fine recorder, which covers little colour


@dataclass(frozen=True)
class Picture:
    """PNG and its geometry in millimetres from the top left corner, for measurements on a page.

    `geometry` is JSON data: width_mm, height_mm, pixels_per_mm, mm_per_ms, mm_per_mv, origin_ms
    (time zero of the axis, from the left edge of a cell) and cells, each with name, left, right,
    top, bottom and zero (the 0 mV line).
    """

    png: bytes
    geometry: Mapping[str, Any]


def sheet_of(x: Float[np.ndarray, "12 time"], view: str, fs: float, origin: int) -> Picture:
    """Picture of the ECG (µV) at 25 mm/s and 10 mm/mV; the time axis starts at sample `origin`."""
    sheet = laid_out(x, view, fs)
    figure, axes = bare_paper(sheet, pixels_per_mm(sheet))
    for cell in sheet.cells:
        draw_trace(axes, cell.left, cell.zero, x[LEADS.index(cell.name)], fs, INK_WIDTH)
        draw_name(axes, cell.left, cell.label, cell.name)
    draw_marks(axes, sheet, time_axis(x.shape[-1], fs, origin))
    _draw_speed(axes, sheet)
    geometry = {
        "width_mm": sheet.width,
        "height_mm": sheet.height,
        "pixels_per_mm": pixels_per_mm(sheet),
        "mm_per_ms": MM_PER_MS,
        "mm_per_mv": MM_PER_MV,
        "origin_ms": origin / fs * 1000.0,
        "cells": [_place(sheet, cell, x[LEADS.index(cell.name)]) for cell in sheet.cells],
    }
    return Picture(_png(figure), geometry)


def _draw_speed(axes: Axes, sheet: Sheet) -> None:
    """Draw speed and gain in the lower left corner, as recorders print them."""
    lines = f"{1000 * MM_PER_MS:g} mm/s\n{MM_PER_MV:g} mm/mV"
    middle = sheet.height - SQUARE / 2
    axes.text(1.0, middle, lines, fontsize=5.5, va="center", linespacing=1.1, **TYPE)


def _place(sheet: Sheet, cell: Cell, x: Float[np.ndarray, " time"]) -> dict[str, str | float]:
    """Bounding box of a trace, its name and its colour, in mm."""
    highest = cell.zero - float(x.max()) / 1000.0 * MM_PER_MV
    lowest = cell.zero - float(x.min()) / 1000.0 * MM_PER_MV
    return {
        "name": cell.name,
        "left": cell.left,
        "right": cell.left + sheet.cell_width,
        "top": max(0.0, min(highest - CLEAR, cell.label - LETTER)),
        "bottom": min(sheet.height, max(lowest, cell.zero) + CLEAR),
        "zero": cell.zero,
    }


def _png(figure: Figure) -> bytes:
    """Small PNG without metadata: no text, no date, no program."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    packed = BytesIO()
    drawn.quantize(COLOURS, METHOD).save(packed, format="png", optimize=True)
    return packed.getvalue()
