"""A gallery as JSON for the page's canvas: int16 traces, int8 maps, and the sheets to draw on."""

import base64
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from jaxtyping import Int8

from ...ecg import BIT, LEADS, R_PEAK, V5
from ...eval import Finding, Gallery
from ..figures.display import (
    LEVELS,
    LOWERS,
    RAISES,
    STRONG,
    averaged,
    display_scale,
    quantised,
    strongest,
)
from ..figures.paper import MM_PER_MS, MM_PER_MV, Sheet, small_multiples, time_axis, twelve_leads
from ..style import style
from ..text.words import reading

# Base64 takes 4 bytes for 3. The page of the demo has 2 MB, two fifths of it for all else.
BUDGET = 1_200_000
# Samples to a stored point of a map, tried in this order once a gallery shows one ECG only.
COARSER = (1, 2, 5, 10, 20, 50)


def origin(segments: Int8[np.ndarray, "ecg time"]) -> int:
    """The sample time is counted from: the R peak of a beat, the first sample of a strip."""
    peaks = np.flatnonzero((segments[0] & R_PEAK) != 0)
    return int(peaks[0]) if len(peaks) == 1 else 0


def embedded(finding: Finding, budget: int = BUDGET) -> dict[str, Any]:
    """The gallery in at most about `budget` bytes: fewer ECGs first, then coarser maps."""
    gallery = finding.curves[0].gallery
    ecgs, width = _fitting(gallery, budget)
    x = gallery.x[:ecgs].astype(np.float64)
    length = x.shape[-1]
    start = origin(gallery.segments)
    names = list(gallery.heatmaps)
    maps = {name: gallery.heatmaps[name][:ecgs] for name in names}
    return {
        "fs": gallery.fs,
        "origin": start,
        "length": length,
        "width": width,
        "mmPerMs": MM_PER_MS,
        "mmPerMv": MM_PER_MV,
        "levels": LEVELS,
        "raises": RAISES,
        "lowers": LOWERS,
        "strong": STRONG,
        "leads": LEADS,
        "v5": V5,
        "bits": BIT,
        "records": [f"{name} ({reading(finding, name)})" for name in gallery.records[:ecgs]],
        "x": [packed(np.clip(np.rint(one), -32768, 32767).astype("<i2")) for one in x],
        "segments": [packed(one) for one in gallery.segments[:ecgs]],
        "methods": [_method(name, finding.curves[0].controls) for name in names],
        "maps": [
            [packed(quantised(strongest(one, width))) for one in maps[name]] for name in names
        ],
        "scales": [[display_scale(strongest(one, width)) for one in maps[name]] for name in names],
        "averaged": [
            [packed(quantised(strongest(averaged(one), width))) for one in maps[name]]
            for name in names
        ],
        "averagedScales": [
            [display_scale(strongest(averaged(one), width)) for one in maps[name]] for name in names
        ],
        "full": _sheet(twelve_leads(x, gallery.fs), gallery.fs, length, start),
        "multiples": _sheet(
            small_multiples([style(name).label for name in names], x[:, V5], gallery.fs),
            gallery.fs,
            length,
            start,
        ),
    }


def _fitting(gallery: Gallery, budget: int) -> tuple[int, int]:
    """How many ECGs, and how many samples to a stored point."""
    ecgs, leads, length = gallery.x.shape
    trace = 4 / 3 * (2 * leads + 1) * length

    def maps(width: int) -> float:
        return 4 / 3 * len(gallery.heatmaps) * (leads + 1) * length / width

    for width in COARSER:
        least = 1 if width == COARSER[-1] else min(ecgs, 2)
        for count in range(ecgs, least - 1, -1):
            if count * (trace + maps(width)) <= budget:
                return count, width
    return 1, COARSER[-1]


def _method(name: str, controls: Sequence[str]) -> dict[str, Any]:
    return {"name": name, "label": style(name).label, "control": name in controls}


def packed(values: np.ndarray) -> str:
    """The bytes of an array in base64."""
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def _sheet(sheet: Sheet, fs: float, length: int, start: int) -> dict[str, Any]:
    return {
        **asdict(sheet),
        "millivolts": sheet.millivolt_marks(),
        "time": asdict(time_axis(length, fs, start)),
    }
