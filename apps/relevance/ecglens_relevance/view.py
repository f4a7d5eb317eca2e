"""Figures of a relevance finding: average beats, tables by wave, leads, and outputs."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pandas as pd
from ecglens.eval import Finding
from ecglens.report import MeasuresView, style, unique_key, write_file
from ecglens.report.figures import vector
from ecglens.report.text import TARGETS, class_name
from matplotlib.figure import Figure

from .drawing import (
    MeanTrace,
    average_beat_figure,
    by_lead_figure,
    by_output_figure,
    strength,
    twelve_leads_of,
    wave_table_figure,
)

CAPTIONS = {
    "average-beat": "Average beat of a group, in true size at 25 mm/s and 10 mm/mV. Under each "
    "trace a strip has the mean relevance with its 95 % interval over {sampled} (grey): above its "
    "line it raises the output, below it lowers it; the trace is coloured where the interval "
    "leaves 0 out.",
    "waves": "Share of |relevance| in each segment and lead, in percent, with the sign of "
    "the mean and its colour (blue raises, orange lowers); bold where the interval leaves 0 out.",
    "leads": "Mean relevance per sample of each lead with its 95 % interval over {sampled}. III, "
    "aVR, aVL and aVF follow from I and II: only the lower row shows what a change of an ECG does.",
    "output": "Sum of relevance of ECGs of like output, with 95 % intervals over {sampled}. Dashed:"
    " f(x) − f(0), to which methods with completeness add up whatever they find; it and the unit "
    "stand where the map is in the unit of the output. Hollow: the network errs.",
    "subgroups": "Average beats of subgroups in the lead with most relevance, drawn as above.",
}


def own_figures(finding: Finding) -> Mapping[str, Figure]:
    """Every figure by the name of its file, which begins with a key of CAPTIONS."""
    drawn: dict[str, Figure] = {}
    for name, figure in _every(finding):
        drawn[unique_key(name, drawn)] = figure
    return drawn


def _every(finding: Finding) -> Iterator[tuple[str, Figure]]:
    beats = finding.details.get("average_beats")
    for explained in dict.fromkeys(finding.details["findings"]["explained"]):
        of = TARGETS.get(explained, class_name(explained))
        if beats is not None:
            method = beats["method"].iloc[0]
            yield from _beats(finding, explained, f"{style(method).label} of {of}")
            for table, name, draw in (
                ("by_wave", "waves", wave_table_figure),
                ("by_lead", "leads", by_lead_figure),
            ):
                rows = _of(finding, table, explained)
                rows = rows.loc[rows["method"] == method]
                if len(rows):
                    yield f"{name} {explained}", draw(rows, f"{style(method).label} of {of}")
        rows = _of(finding, "by_output", explained)
        rows = rows.loc[rows["kind"] == "method"] if len(rows) else rows
        if len(rows) and rows["output"].nunique() > 1:  # one group of ECGs shows no course
            yield (
                f"output {explained}",
                by_output_figure(rows, of, _axis(finding, of), _unit(finding)),
            )


def _beats(finding: Finding, explained: str, of: str) -> Iterator[tuple[str, Figure]]:
    """All groups of an output on one scale, so that they compare."""
    rows = _of(finding, "average_beats", explained)
    groups = {group: twelve_leads_of(each) for group, each in rows.groupby("group", sort=False)}
    full = strength([trace for traces in groups.values() for trace in traces.values()])
    for group, traces in groups.items():
        ecgs = int(rows.loc[rows["group"] == group, "ecgs"].iloc[0])
        title = f"{of}: mean of {ecgs} ECGs, {group}"
        yield (
            f"average-beat {explained} {group}",
            average_beat_figure(traces, title, full, _unit(finding)),
        )
    people = _of(finding, "subgroup_beats", explained)
    if len(people):
        each = {str(group): MeanTrace.of(one) for group, one in people.groupby("group", sort=False)}
        title = f"{of}, lead {people['lead'].iloc[0]}"
        yield (
            f"subgroups {explained}",
            average_beat_figure(each, title, strength([*each.values()]), _unit(finding)),
        )


def _of(finding: Finding, table: str, explained: str) -> pd.DataFrame:
    rows = finding.details.get(table, pd.DataFrame({"explained": []}))
    return rows.loc[rows["explained"] == explained]


def _unit(finding: Finding) -> str:
    """The unit of the output, which is that of the completeness gap."""
    return next(measure.unit for measure in finding.measures if measure.name == "gap")


def _axis(finding: Finding, of: str) -> str:
    unit = _unit(finding)
    return f"probability of {of}" if unit == "logit" else f"prediction, {unit}".rstrip(", ")


class RelevanceView(MeasuresView):
    """The forest with figures of its own."""

    captions: ClassVar[Mapping[str, str]] = {**MeasuresView.captions, **CAPTIONS}

    def own_figures(self) -> Mapping[str, Figure]:
        """Every figure by the name of its file, which begins with a key of CAPTIONS."""
        return own_figures(self.finding)

    def title_of(self, figure: str) -> str:
        """The title with the class that the figure is of."""
        about = self.finding.about
        drawn = [
            name
            for name in dict.fromkeys(self.finding.details["findings"]["explained"])
            for kind in CAPTIONS
            if f"{figure}-".startswith(f"{unique_key(f'{kind} {name}', ())}-")
        ]
        if not (about.target.classes and drawn):
            return self.title
        target = replace(about.target, explain=max(drawn, key=len))
        return replace(
            self, finding=replace(self.finding, about=replace(about, target=target))
        ).title

    def write(self, folder: Path) -> None:
        """Write the figures as PNG, those for papers as PDF and SVG too, and the tables as CSV."""
        super().write(folder)
        for name, figure in self.figures.items():
            if name.startswith(tuple(CAPTIONS)):  # drawn at a journal's width
                for kind in ("pdf", "svg"):
                    write_file(folder / f"{self.key}-{name}.{kind}", vector(figure, kind))
