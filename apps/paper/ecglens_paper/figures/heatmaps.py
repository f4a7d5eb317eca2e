"""Heatmaps of a user's choice at a journal's width, of those that a run has kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from ecglens.ecg import LEADS, V5
from ecglens.eval import Finding, Gallery
from ecglens.report import PerturbationView, origin, style, telling_lead
from ecglens.report.figures import (
    GAP,
    MARGIN,
    MM_PER_MS,
    Sheet,
    averaged,
    lay_out,
    shown,
    twelve_leads,
)
from ecglens.report.text import heading, reading
from matplotlib.figure import Figure

from .column import TALLEST_MM, TooNarrow, check, fault, letters
from .panels import Panel, Scale, Trace, maps_figure, true_size


@dataclass(frozen=True)
class Choice:
    """Methods, ECGs and lead to be drawn; where there are none, a figure has its own."""

    methods: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    lead: str = ""

    def __bool__(self) -> bool:
        """True if anything is chosen."""
        return self != Choice()


def check_choice(findings: Sequence[Finding], choice: Choice) -> None:
    """Raise ValueError for an ECG that no gallery has, and for a method without maps."""
    galleries = [each.curves[0].gallery for each in findings]
    known = {name for gallery in galleries for name in gallery.heatmaps}
    if unknown := [name for name in choice.methods if name not in known]:
        raise ValueError(
            f"expected methods of this run ({', '.join(sorted(known))}), got {', '.join(unknown)}"
        )
    every = dict.fromkeys(name for gallery in galleries for name in gallery.records)
    if missing := [name for name in choice.records if name not in every]:
        raise ValueError(
            f"expected ECGs of the galleries ({', '.join(every) or 'none was kept'}), got "
            f"{', '.join(missing)}; gallery=16 keeps the maps of more"
        )


ALL, MEAN = "all", "mean"
LEAD_WORDS = (*LEADS, ALL, MEAN)
LETTER = 1.7  # mm, width of a bold letter of 7 points
SMALLEST = 0.5  # of true size: a beat's PR is then 2 mm wide


@dataclass(frozen=True)
class Heatmaps:
    """Maps of a ranking by choice; those left out are all methods, and the gallery's first ECG.

    Its lead is a lead, ALL for twelve, MEAN for the mean over the leads on V5, or "" for the lead
    that defines the target, else the one in which the shown method says most.
    """

    view: PerturbationView
    choice: Choice

    def __post_init__(self) -> None:
        if self.lead and self.lead not in LEAD_WORDS:
            raise ValueError(f"expected --lead as one of {', '.join(LEAD_WORDS)}, got {self.lead}")
        check_choice([self.view.first], self.choice)

    def figure(self, width_mm: float) -> Figure:
        """Drawn at this width, with as many maps abreast as can be read.

        Raises TooNarrow where none can, paper would be below half its true size, or maps would need
        more than a page.
        """
        scale = Scale(self.gallery.fs, origin(self.gallery.segments), signed=self.lead != MEAN)
        problem: TooNarrow | None = None
        for abreast in self._abreast(width_mm):
            try:
                panels, columns = self._panels(width_mm, abreast)
                figure = maps_figure(panels, scale, width_mm, columns)
                tall = figure.get_size_inches()[1] * 25.4 > TALLEST_MM
                check("they are taller than a page" if tall else fault(figure), width_mm)
            except TooNarrow as found:
                problem = found
            else:
                return figure
        raise problem or TooNarrow("expected at least one map, got none")

    @property
    def lead(self) -> str:
        """Lead of the choice."""
        return self.choice.lead

    @property
    def caption(self) -> str:
        """Caption: the panels in the order of their letters, and how to read them."""
        of, given, _ = heading(self.view.first)
        known = [f"{each} ({reading(self.view.first, each)})" for each in self.records]
        names = [style(name).label for name in self.methods]
        if len(self.pairs) > 1:
            names = [f"{letter} {name}" for letter, name in zip(self._firsts, names, strict=True)]
        where = {ALL: "Twelve leads", MEAN: "Lead V5"}.get(self.lead, f"Lead {self._lead}")
        map_words = "mean of |attribution| over the leads" if self.lead == MEAN else "heatmaps"
        colours = (
            "The darker, the more; each map has a scale of its own."
            if self.lead == MEAN
            else "Blue raises the prediction, orange lowers it; each map has a scale of its own."
        )
        region = self.view.region
        shaded = f" Shaded: {region.words}." if region and self.lead not in (ALL, MEAN) else ""
        return (
            f"{of}, {given}. {where} of ECG {', '.join(known)} under the {map_words} of "
            f"{', '.join(names)}. {colours}{shaded} Paper: 25 mm/s and 10 mm/mV, a large square is "
            "200 ms and 0.5 mV."
        )

    @property
    def gallery(self) -> Gallery:
        """ECGs and maps of the first network."""
        return self.view.first.curves[0].gallery

    @cached_property
    def methods(self) -> tuple[str, ...]:
        """Chosen methods; without a choice all, best first."""
        own = self.view.first.curves[0].methods
        return self.choice.methods or tuple(n for n in self.view.ranking.names if n in own)

    @cached_property
    def records(self) -> tuple[str, ...]:
        """Chosen ECGs; without a choice the first of the gallery."""
        return self.choice.records or self.gallery.records[:1]

    @property
    def pairs(self) -> list[tuple[str, int]]:
        """Each method with the place of each ECG in the gallery."""
        places = [self.gallery.records.index(record) for record in self.records]
        return [(name, place) for name in self.methods for place in places]

    @property
    def _firsts(self) -> Sequence[str]:
        """Letters of each method's maps, such as A or A–C."""
        every, count = letters(len(self.pairs)), len(self.records)
        rows = [every[at : at + count] for at in range(0, len(every), count)]
        return [row[0] if count == 1 else f"{row[0]}–{row[-1]}" for row in rows]

    @cached_property
    def _lead(self) -> str:
        if self.lead == MEAN:
            return LEADS[V5]
        return self.lead or LEADS[telling_lead(self.view.first, self.view.shown_method)]

    def _named(self, texts: Sequence[str]) -> list[str]:
        """Texts with a letter each, where there are several."""
        if len(texts) == 1:
            return [*texts]
        return [f"{a}  {text}" for a, text in zip(letters(len(texts)), texts, strict=True)]

    def _abreast(self, width_mm: float) -> Sequence[int]:
        """How many maps may stand side by side, most first; several ECGs have a column each."""
        if self.lead == ALL:
            width = twelve_leads(self.gallery.x[:1].astype(float), self.gallery.fs).width
            most = int(width_mm / (SMALLEST * width))
        elif len(self.records) > 1:
            return [len(self.records)]
        else:
            most = true_size(self._cell_mm, width_mm)
        return range(min(max(1, most), len(self.pairs)), 0, -1)

    def _panels(self, width_mm: float, abreast: int) -> tuple[list[Panel], int]:
        if self.lead == ALL:
            return self._twelve(width_mm, abreast), abreast
        return [self._one_lead(width_mm, abreast)], 1

    @property
    def _cell_mm(self) -> float:
        return self.gallery.x.shape[-1] / self.gallery.fs * 1000.0 * MM_PER_MS

    def _one_lead(self, width_mm: float, columns: int) -> Panel:
        """A row per method and a column per ECG; of one ECG, this many maps to a row."""
        gallery, lead = self.gallery, LEADS.index(self._lead)
        zoom = _zoom(MARGIN + columns * (self._cell_mm + GAP), width_mm)
        names = self._named([style(name).label for name, _ in self.pairs])
        x = np.stack([gallery.x[place, lead] for _, place in self.pairs])
        sheet = lay_out(names, x[None] / 1000.0, gallery.fs, columns, LETTER / zoom)
        traces = tuple(self._trace(name, place, lead) for name, place in self.pairs)
        ecgs = tuple(f"ECG {record}" for record in self.records)
        of = f"lead {self._lead}"
        of = f"mean over the leads, on {of}" if self.lead == MEAN else of
        if len(ecgs) == 1:
            return Panel(sheet, traces, f"{ecgs[0]}, {of}")
        return Panel(sheet, traces, f"{of[0].upper()}{of[1:]}", ecgs)

    def _trace(self, name: str, place: int, lead: int) -> Trace:
        gallery, region = self.gallery, self.view.region
        heatmap = gallery.heatmaps[name][place]
        if self.lead == MEAN:
            return Trace(gallery.x[place, lead], shown(averaged(heatmap)))
        inside = np.zeros(0, bool)
        if region is not None:
            inside = region.times(gallery.segments[place : place + 1], gallery.fs)[0]
        return Trace(gallery.x[place, lead], shown(heatmap[lead]), inside)

    def _twelve(self, width_mm: float, abreast: int) -> list[Panel]:
        """A sheet of twelve leads for each pair."""
        gallery = self.gallery
        x = gallery.x[[place for _, place in self.pairs]].astype(float)
        width = twelve_leads(x, gallery.fs).width
        sheet = twelve_leads(x, gallery.fs, LETTER / _zoom(width, width_mm / abreast))
        titles = self._named(
            [f"{style(name).label}, ECG {gallery.records[place]}" for name, place in self.pairs]
        )
        every = zip(titles, self.pairs, strict=True)
        return [Panel(sheet, self._leads(sheet, *pair), title) for title, pair in every]

    def _leads(self, sheet: Sheet, name: str, place: int) -> tuple[Trace, ...]:
        levels, x = shown(self.gallery.heatmaps[name][place]), self.gallery.x[place]
        leads = [LEADS.index(cell.name) for cell in sheet.cells]
        return tuple(Trace(x[lead], levels[lead]) for lead in leads)


def _zoom(sheet_mm: float, width_mm: float) -> float:
    """Share of true size at which a sheet has this width."""
    if width_mm < SMALLEST * sheet_mm:
        raise TooNarrow(
            f"expected at least {SMALLEST * sheet_mm:.0f} mm for {sheet_mm:.0f} mm of ECG paper, "
            f"got {width_mm:g}; give a larger --width or fewer --ecg"
        )
    return width_mm / sheet_mm
