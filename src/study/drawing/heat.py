"""Heatmap as colours on white, to be multiplied with the sheet of its ECG."""

from functools import cache
from io import BytesIO

import numpy as np
from jaxtyping import Float, Int8
from PIL import Image
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from ...ecg import LEADS
from ...report.figures import HALO, LEVELS, MM_PER_MS, MM_PER_MV, averaged, colours, quantised
from .layout import laid_out, pixels_per_mm

# mm on each side of a column within which the trace sets the height of its colour: the pen has a
# width, and the line of a steep QRS would otherwise cover its colour.
REACH = 0.4
DEFLATE = 6
ROUNDING = 1e-6  # pixels: a sample that starts exactly at a column belongs to it


def heat_of(
    x: Float[np.ndarray, "12 time"], heatmap: Float[np.ndarray, "12 time"], view: str, fs: float
) -> bytes:
    """PNG of the size of the ECG's sheet: blue and orange in view "full", violet in "averaged".

    Scale, signs and colours are those of all figures (report.display) for every method. A map of
    zeros is white. Raises ValueError for values that are not finite.
    """
    if not np.isfinite(heatmap).all():
        raise ValueError("expected a finite heatmap, got NaN or infinite values")
    sheet = laid_out(x, view, fs)
    signed = view == "full"
    levels = quantised(heatmap if signed else averaged(heatmap)[None].repeat(len(LEADS), 0))
    per_mm = pixels_per_mm(sheet)
    canvas = np.zeros((round(sheet.height * per_mm), round(sheet.width * per_mm)), np.int8)
    for cell in sheet.cells:
        lead = LEADS.index(cell.name)
        down = (cell.zero - x[lead] / 1000.0 * MM_PER_MV) * per_mm
        columns = cell.left * per_mm + np.arange(x.shape[-1]) / fs * 1000.0 * MM_PER_MS * per_mm
        _paint(canvas, columns, down, levels[lead], per_mm)
    return _png(canvas, signed=signed)


def _paint(
    canvas: Int8[np.ndarray, "row column"],
    across: Float[np.ndarray, " time"],
    down: Float[np.ndarray, " time"],
    levels: Int8[np.ndarray, " time"],
    per_mm: int,
) -> None:
    """Colour the pixels around a trace by time; `across` and `down` are in pixels."""
    step = across[1] - across[0]
    first = int(across[0] + ROUNDING)
    stop = int(across[-1] + ROUNDING) + max(1, round(step))
    edges = np.arange(first, stop + 1)
    # The samples that start in each pixel column, or else the one that continues in it.
    found = np.searchsorted(across, edges - ROUNDING)
    begin = np.where(np.diff(found) > 0, found[:-1], found[:-1] - 1)
    # The strongest of them, as in the figures: a single decisive sample stays visible.
    most, least = np.maximum.reduceat(levels, begin), np.minimum.reduceat(levels, begin)
    colour = np.where(most >= -least, most, least)
    line = np.interp(edges, across, down)
    top = np.minimum(np.minimum.reduceat(down, begin), np.minimum(line[:-1], line[1:]))
    low = np.maximum(np.maximum.reduceat(down, begin), np.maximum(line[:-1], line[1:]))
    wide = 2 * round(REACH * per_mm) + 1
    top = minimum_filter1d(top, wide, mode="nearest") - HALO * per_mm
    low = maximum_filter1d(low, wide, mode="nearest") + HALO * per_mm
    above, below = max(0, round(top.min())), min(len(canvas), round(low.max()))
    middle = np.arange(above, below)[:, None] + 0.5
    inside = (middle >= top) & (middle < low)
    # Other pixels are kept: they may hold the colour of the lead above.
    np.copyto(canvas[above:below, first:stop], colour, where=inside)


@cache
def _palette(*, signed: bool) -> bytes:
    """Red, green and blue of each level on white; negative levels are stored as level + 256."""
    levels = np.arange(256).astype(np.uint8).view(np.int8)
    rgba = colours(np.clip(levels / LEVELS, -1.0, 1.0), signed=signed)
    on_white = 1.0 - rgba[:, 3:] * (1.0 - rgba[:, :3])
    return np.rint(255.0 * on_white).astype(np.uint8).tobytes()


def _png(canvas: Int8[np.ndarray, "row column"], *, signed: bool) -> bytes:
    drawn = Image.fromarray(canvas.view(np.uint8), mode="P")
    drawn.putpalette(_palette(signed=signed))
    packed = BytesIO()
    drawn.save(packed, format="png", compress_level=DEFLATE)
    return packed.getvalue()
