"""Gallery as JSON for the page's canvas (int16 traces, int8 maps, shares), and a still figure."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from jaxtyping import Float, Int8
from scipy.special import expit

from ...ecg import BIT, LEADS, R_PEAK, SEGMENTS, V5, wave_shares
from ...eval import Finding, Gallery
from ...eval.heatmaps import CHUNK
from ..figures.ecg import (
    LEVELS,
    LOWERS,
    RAISES,
    SHOWN_SHARE,
    STRONG,
    averaged,
    display_scale,
    quantised,
    strongest,
)
from ..figures.paper import (
    LONGEST_IN_COLUMNS_MS,
    MM_PER_MS,
    MM_PER_MV,
    Sheet,
    lay_out,
    small_multiples,
    time_axis,
    twelve_leads,
)
from ..style import style
from ..text.words import reading, record_words

# Base64 takes 4 bytes for 3. The page of the demo has 2 MB, half of it for all else.
BUDGET = 1_000_000
# Samples to a stored point of a map, tried in this order once a gallery shows one ECG only.
COARSER = (1, 2, 5, 10, 20, 50)
# The limb leads beside the chest leads: as wide as a column of a journal or a phone.
PAIRS = [lead for row in range(6) for lead in (row, row + 6)]


def origin(segments: Int8[np.ndarray, "ecg time"]) -> int:
    """The sample time is counted from: the R peak of a beat, the first sample of a strip."""
    peaks = np.flatnonzero((segments[0] & R_PEAK) != 0)
    return int(peaks[0]) if len(peaks) == 1 else 0


def embedded(
    finding: Finding, names: Sequence[str], opens: Sequence[str], lead: int, budget: int = BUDGET
) -> dict[str, Any]:
    """The gallery in at most about `budget` bytes: fewer ECGs first, then coarser maps.

    `names` are methods and controls in the order in which they are offered; it opens on the one or
    two methods of `opens`, and on the ECG read worst, where there is little room in one lead.
    """
    gallery, controls = finding.curves[0].gallery, finding.curves[0].controls
    ecgs, width = _fitting(gallery, budget)
    x = gallery.x[:ecgs].astype(np.float64)
    length = x.shape[-1]
    maps = {name: gallery.heatmaps[name][:ecgs] for name in names}
    means = {name: averaged(each) for name, each in maps.items()}
    scales = [[display_scale(strongest(one, width)) for one in each] for each in maps.values()]
    labels = [style(name).label for name in names]
    return {
        "fs": gallery.fs,
        "origin": origin(gallery.segments),
        "length": length,
        "width": width,
        "mmPerMs": MM_PER_MS,
        "mmPerMv": MM_PER_MV,
        "levels": LEVELS,
        "shownShare": SHOWN_SHARE,
        "raises": RAISES,
        "lowers": LOWERS,
        "strong": STRONG,
        "leads": LEADS,
        "v5": V5,
        "bits": BIT,
        "waves": SEGMENTS,
        "records": _records(finding, ecgs),
        "x": [packed(np.clip(np.rint(one), -32768, 32767).astype("<i2")) for one in x],
        "segments": [packed(one) for one in gallery.segments[:ecgs]],
        "methods": [
            {"name": name, "label": style(name).label, "control": name in controls}
            for name in names
        ],
        "opens": [names.index(name) for name in opens],
        "telling": lead,
        "maps": _levels(maps, width),
        "scales": scales,
        "averaged": _levels(means, width),
        "shares": [_shares(each, gallery.segments[:ecgs]) for each in maps.values()],
        "time": asdict(time_axis(length, gallery.fs, origin(gallery.segments))),
        "sheets": _sheets(x, gallery.fs),
        "multiples": _sheet(small_multiples(labels, x[:, V5], gallery.fs)),
    }


def _fitting(gallery: Gallery, budget: int) -> tuple[int, int]:
    """How many ECGs, and how many samples to a stored point."""
    ecgs, leads, length = gallery.x.shape
    trace = 4 / 3 * (2 * leads + 1) * length
    of_shares = 4 / 3 * 4 * leads * (len(SEGMENTS) + 1)

    def maps(width: int) -> float:
        return len(gallery.heatmaps) * (4 / 3 * (leads + 1) * length / width + of_shares)

    for width in COARSER:
        least = 1 if width == COARSER[-1] else min(ecgs, 2)
        for count in range(ecgs, least - 1, -1):
            if count * (trace + maps(width)) <= budget:
                return count, width
    return 1, COARSER[-1]


def _records(finding: Finding, count: int) -> list[dict[str, str]]:
    """Names of the ECGs with what the network reads; those read worst and best are marked.

    They were chosen among the first ECGs of a run (see shown_ecgs), not among all.
    """
    curves = finding.curves[0]
    names = curves.gallery.records[:count]
    places = [curves.records.index(name) for name in names]
    read, y = next(iter(curves.predictions.values()))[0, places, 0], curves.y[places]
    if finding.about.target.kind == "binary":
        read = expit(read)
    errors = np.abs(read - y)
    mark = dict.fromkeys(names, "")
    if np.isfinite(errors).sum() > 1:
        among = f" of the first {CHUNK}" if len(curves.records) > CHUNK else ""
        mark |= {names[int(np.nanargmin(errors))]: f"read best{among}"}
        mark |= {names[int(np.nanargmax(errors))]: f"read worst{among}"}
    return [
        {
            "name": name,
            "said": record_words(name, finding.facts),
            "mark": mark[name],
            "read": reading(finding, name),
        }
        for name in names
    ]


def _levels(maps: Mapping[str, Float[np.ndarray, "ecg *map"]], width: int) -> list[list[str]]:
    return [[packed(quantised(strongest(one, width))) for one in each] for each in maps.values()]


def _shares(
    maps: Float[np.ndarray, "ecg lead time"], segments: Int8[np.ndarray, "ecg time"]
) -> list[str]:
    """Share of Σ |map| of each ECG in each segment of each lead, then in each lead."""
    magnitude = np.abs(maps.astype(np.float64)).sum(-1)
    whole = magnitude.sum(-1, keepdims=True)
    by_lead = np.divide(magnitude, whole, out=np.full(magnitude.shape, np.nan), where=whole > 0)
    return [
        packed(np.concatenate([one.ravel(), leads]).astype("<f4"))
        for one, leads in zip(wave_shares(maps, segments), by_lead, strict=True)
    ]


def packed(values: np.ndarray) -> str:
    """The bytes of an array in base64."""
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def _sheets(x: Float[np.ndarray, "ecg lead time"], fs: float) -> dict[str, Any]:
    """All leads as on a print, in pairs (of a strip the same), and each lead alone; x in µV."""
    sheets, mv = {"all": _sheet(twelve_leads(x, fs))}, x / 1e3
    if x.shape[-1] / fs * 1000.0 <= LONGEST_IN_COLUMNS_MS:
        sheets["pairs"] = _sheet(lay_out([LEADS[lead] for lead in PAIRS], mv[:, PAIRS], fs, 2))
    single = {name: _sheet(lay_out([name], mv[:, [n]], fs, 1)) for n, name in enumerate(LEADS)}
    return sheets | single


def _sheet(sheet: Sheet) -> dict[str, Any]:
    return {**asdict(sheet), "millivolts": sheet.millivolt_marks()}


def telling_lead(finding: Finding, method: str) -> int:
    """The lead that defines the target; else where the method says most of the first ECG."""
    lead = finding.about.target.lead
    if lead:
        return LEADS.index(lead)
    return int(np.abs(finding.curves[0].gallery.heatmaps[method][0]).sum(axis=-1).argmax())
