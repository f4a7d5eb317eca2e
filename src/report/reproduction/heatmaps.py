"""Heatmaps of the study's figures 3 to 6: which ECGs, which methods, drawn as ours are."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from ...ecg import V5
from ...eval import Finding
from ..figures.display import averaged, shown
from ..figures.maps import Panel, Scale, Trace, maps_figure
from ..figures.paper import lay_out
from ..style import style
from ..text.words import target_words
from ..views.choice import Choice, check_choice, map_of
from ..views.gallery import origin

ZOOM = 1.3  # three beats fill a text column of 160 mm, with room for the names of methods


def chosen(findings: Sequence[Finding], choice: Choice) -> tuple[str, ...]:
    """The ECGs to draw: the first in every gallery, and of the others the one that is read worst.

    Read worst is the largest |f(x) − y| of the first networks, as a share of their mean |f(x) − y|,
    mean over the findings. Errors as in `check_choice`.
    """
    check_choice(findings, choice)
    galleries = [each.curves[0].gallery.records for each in findings]
    common = [name for name in galleries[0] if all(name in other for other in galleries)]
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
    every = [(name, each) for name in names for each in have]
    maps = [map_of(each.curves[0], name, record) for name, each in every]
    cells = np.repeat(x[None, None] / 1000.0, len(every), axis=1)
    sheet = lay_out([style(name).label for name, _ in every], cells, gallery.fs, columns=len(have))
    traces = tuple(Trace(x, None if one is None else shown(averaged(one))) for one in maps)
    headings = tuple(target_words(each.about.target) for each in have)
    panel = Panel(sheet, traces, headings=headings)
    return maps_figure([panel], Scale(gallery.fs, start, signed=False), sheet.width * ZOOM)


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
