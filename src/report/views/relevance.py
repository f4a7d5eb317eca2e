"""What the relevance panel draws: average beats, tables by wave, leads, and the line."""

from collections.abc import Iterator, Mapping

import pandas as pd
from matplotlib.figure import Figure

from ...eval import Panel
from ..figures.average_beat import Trace, average_beat_figure, strength, twelve_leads_of
from ..figures.by_lead import by_lead_figure
from ..figures.by_output import by_output_figure
from ..figures.style import style
from ..figures.wave_table import wave_table_figure
from ..keys import unique_key
from ..text.class_quality import class_name
from ..text.words import TARGETS

CAPTIONS = {
    "average-beat": "Average beat of a group, in true size at 25 mm/s and 10 mm/mV. Under each "
    "trace a strip has the mean relevance with its 95 % interval over patients (grey): above its "
    "line it raises the output, below it lowers it; the trace is coloured where the interval "
    "leaves 0 out.",
    "waves": "Share of |relevance| in each part of the beat and lead, in percent, with the sign of "
    "the mean and its colour (blue raises, orange lowers); bold where the interval leaves 0 out.",
    "leads": "Mean relevance per sample of each lead with its 95 % interval over patients. III, "
    "aVR, aVL and aVF follow from I and II: only the lower row shows what a change of an ECG does.",
    "output": "Sum of relevance of ECGs of like output, with 95 % intervals over patients. Dashed: "
    "f(x) − f(0), to which methods with completeness add up whatever they find; it and the unit "
    "stand where the map is in the unit of the output. Hollow: the network errs.",
    "subgroups": "Average beats of subgroups in the lead with most relevance, drawn as above.",
}


def figures(panel: Panel) -> Mapping[str, Figure]:
    """Every figure by the name of its file, which begins with a key of CAPTIONS."""
    drawn: dict[str, Figure] = {}
    for name, figure in _every(panel):
        drawn[unique_key(name, drawn)] = figure
    return drawn


def _every(panel: Panel) -> Iterator[tuple[str, Figure]]:
    beats = panel.details.get("average_beats")
    for explained in dict.fromkeys(panel.details["findings"]["explained"]):
        of = TARGETS.get(explained, class_name(explained))
        if beats is not None:
            method = beats["method"].iloc[0]
            yield from _beats(panel, explained, f"{style(method).label} of {of}")
            for table, name, draw in (
                ("by_wave", "waves", wave_table_figure),
                ("by_lead", "leads", by_lead_figure),
            ):
                rows = _of(panel, table, explained)
                rows = rows.loc[rows["method"] == method]
                if len(rows):
                    yield f"{name} {explained}", draw(rows, f"{style(method).label} of {of}")
        rows = _of(panel, "by_output", explained)
        rows = rows.loc[rows["kind"] == "method"] if len(rows) else rows
        if len(rows):
            yield f"output {explained}", by_output_figure(rows, of, _axis(panel, of), _unit(panel))


def _beats(panel: Panel, explained: str, of: str) -> Iterator[tuple[str, Figure]]:
    """All groups of an output on one scale, so that they compare."""
    rows = _of(panel, "average_beats", explained)
    groups = {group: twelve_leads_of(each) for group, each in rows.groupby("group", sort=False)}
    full = strength([trace for traces in groups.values() for trace in traces.values()])
    for group, traces in groups.items():
        ecgs = int(rows.loc[rows["group"] == group, "ecgs"].iloc[0])
        title = f"{of}: mean of {ecgs} ECGs, {group}"
        yield (
            f"average-beat {explained} {group}",
            average_beat_figure(traces, title, full, _unit(panel)),
        )
    people = _of(panel, "subgroup_beats", explained)
    if len(people):
        each = {str(group): Trace.of(one) for group, one in people.groupby("group", sort=False)}
        title = f"{of}, lead {people['lead'].iloc[0]}"
        yield (
            f"subgroups {explained}",
            average_beat_figure(each, title, strength([*each.values()]), _unit(panel)),
        )


def _of(panel: Panel, table: str, explained: str) -> pd.DataFrame:
    rows = panel.details.get(table, pd.DataFrame({"explained": []}))
    return rows.loc[rows["explained"] == explained]


def _unit(panel: Panel) -> str:
    """The unit of the output, which is that of the completeness gap."""
    return next(measure.unit for measure in panel.measures if measure.name == "gap")


def _axis(panel: Panel, of: str) -> str:
    unit = _unit(panel)
    return f"probability of {of}" if unit == "logit" else f"prediction, {unit}".rstrip(", ")
