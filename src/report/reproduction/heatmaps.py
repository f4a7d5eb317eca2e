"""Heatmaps of the study's figures 3 to 6: which ECGs, which methods, drawn as ours are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from ...ecg import V5
from ...eval import Curves, Finding
from ..figures.display import averaged, shown
from ..figures.drawn_paper import draw_marks, draw_name, draw_trace, paper_figure, places
from ..figures.ecg import draw_key, highlight
from ..figures.paper import lay_out, time_axis
from ..style import TYPE, style
from ..text.words import target_words
from ..views.gallery import origin

KEY_AT = -6.8  # mm, above the names of the targets
HEADING = 1.2  # mm above the sheet for the names of the targets
HEAD = {"fontsize": 9, "fontweight": "bold", "va": "bottom", **TYPE}
ZOOM = 1.3  # three beats fill a text column of 160 mm, with room for the names of methods


@dataclass(frozen=True)
class Choice:
    """Methods and ECGs to be drawn; left out, those of the article and of the rule (`chosen`)."""

    methods: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


def chosen(findings: Sequence[Finding], choice: Choice) -> tuple[str, ...]:
    """The ECGs to draw: the first in every gallery, and of the others the one that is read worst.

    Read worst is the largest |f(x) − y| of the first networks, as a share of their mean |f(x) − y|,
    mean over the findings. Raises ValueError for an ECG that no gallery has, and for a method
    without maps.
    """
    known = {name for each in findings for name in each.curves[0].gallery.heatmaps}
    if unknown := [name for name in choice.methods if name not in known]:
        raise ValueError(
            f"expected methods of this run ({', '.join(sorted(known))}), got {', '.join(unknown)}"
        )
    galleries = [each.curves[0].gallery.records for each in findings]
    common = [name for name in galleries[0] if all(name in other for other in galleries)]
    if missing := [name for name in choice.records if name not in {*sum(galleries, ())}]:
        shown = ", ".join(common) or "none in all of them"
        raise ValueError(
            f"expected ECGs of the galleries ({shown}), got {', '.join(missing)}; "
            "gallery=16 keeps the maps of more"
        )
    if choice.records or not common:
        return choice.records
    badly = sorted(common[1:], key=lambda name: -_misread(findings, name))
    return (common[0], *badly[:1])


def averaged_by_target(
    findings: Sequence[Finding], record: str, choice: Choice, methods: Sequence[str]
) -> Figure | None:
    """V5 of an ECG (µV) under mean |attribution| over leads: a row a method, a column a target.

    Targets whose gallery lacks the ECG are left out; None where all do.
    """
    have = [each for each in findings if record in each.curves[0].gallery.records]
    if not have:
        return None
    gallery = have[0].curves[0].gallery
    place = gallery.records.index(record)
    x, start = gallery.x[place, V5], origin(gallery.segments[place : place + 1])
    names = [
        name
        for name in choice.methods or methods
        if any(name in each.curves[0].gallery.heatmaps for each in have)
    ]
    labels = [style(name).label for name in names for _ in have]
    cells = np.repeat(x[None, None] / 1000.0, len(labels), axis=1)
    sheet = lay_out(labels, cells, gallery.fs, columns=len(have))
    figure, axes = paper_figure(sheet, "", zoom=ZOOM)  # one beat leaves no room for a title
    draw_key(axes, sheet.width, signed=False, middle=KEY_AT)
    for cell, finding in zip(sheet.cells, have, strict=False):
        heading = target_words(finding.about.target)
        axes.text(cell.left + sheet.cell_width / 2, -HEADING, heading, ha="center", **HEAD)
    every = [(name, each) for name in names for each in have]
    for cell, (name, finding) in zip(sheet.cells, every, strict=True):
        draw_trace(axes, cell.left, cell.zero, x, gallery.fs)
        draw_name(axes, cell.left, cell.label, cell.name)
        heatmap = of(finding.curves[0], name, record)
        if heatmap is not None:
            levels = shown(averaged(heatmap))
            trace = places(cell.left, cell.zero, x, gallery.fs)
            highlight(axes, trace, levels, signed=False)
    draw_marks(axes, sheet, time_axis(len(x), gallery.fs, start))
    return figure


def of(curves: Curves, method: str, record: str) -> Float[np.ndarray, "12 time"] | None:
    """The kept map of an ECG; None where there is none."""
    gallery = curves.gallery
    if method not in gallery.heatmaps or record not in gallery.records:
        return None
    place = gallery.records.index(record)
    maps = gallery.heatmaps[method]
    return maps[place] if place < len(maps) else None


def by_target(findings: Sequence[Finding]) -> Mapping[str, Finding]:
    """The first finding of each target."""
    found: dict[str, Finding] = {}
    for each in findings:
        found.setdefault(each.about.target.name, each)
    return found


def _misread(findings: Sequence[Finding], record: str) -> float:
    shares = []
    for finding in findings:
        curves = finding.curves[0]
        read = next(iter(curves.predictions.values()))[0, :, 0]
        off = np.abs(read - curves.y)
        shares.append(off[curves.records.index(record)] / np.nanmean(off))
    return float(np.nanmean(shares))
