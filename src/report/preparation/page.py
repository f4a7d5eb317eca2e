"""The page of a preparation: what was left out, how labels spread, what the ECGs look like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float
from matplotlib.figure import Figure

from ...datamodules import QUANTILES, Flow, Group, Label, grouped, may_leave
from ...store import keep_private, write_text
from ..figures.pictures import inline_svg, png, small_png
from ..privacy.pseudonyms import Pseudonyms
from ..privacy.shareable import shareable_flow
from ..privacy.withheld import plain_source
from ..self_contained import environment, write_file
from ..tables import excluded_table, write_table
from ..text.facts import Exclusion, installed_versions
from ..text.numerals import counted, number, percent
from ..text.words import INPUTS
from .figures import beats_figure, labels_figure, shares_figure, spectrum_figure

# Characters of base64 for the picture of the beats.
PICTURE = 700_000
# Of hundreds of codes those that most ECGs have; all are in labels.csv.
MOST_FINDINGS = 40
INLINE = ("labels", "shares", "spectrum")
SUMMARY = ("mean", "sd", *QUANTILES)


@dataclass(frozen=True)
class Looks:
    """Some median beats (µV) with the ids of their ECGs, and the median spectrum of the input."""

    ids: tuple[str, ...]
    beats: Float[np.ndarray, "ecg 12 600"]
    frequency: Float[np.ndarray, " frequency"]
    amplitude: Float[np.ndarray, "12 frequency"]

    def under(self, names: Pseudonyms, source: str) -> "Looks":
        """The same under the pseudonyms of these ECGs."""
        return replace(self, ids=names.all_of(source, self.ids))


def write_preparation(
    flow: Flow,
    looks: Looks | None,
    settings: Mapping[str, Any],
    folder: Path,
    names: Pseudonyms | None = None,
) -> Path:
    """Write preparation.html into `folder`, figures as PNG and tables as CSV beside it; its path.

    `looks` is None when there is no usable ECG to look at. Unless `settings`, those of the source,
    say that its ECGs may leave this machine, they have `names` as in `write_report`.
    """
    leaves = may_leave(settings)
    if not leaves:
        keep_private()
        names = names or Pseudonyms()
        source, settings = flow.source, plain_source(settings, names)
        flow, looks = shareable_flow(flow, names), looks and looks.under(names, source)
        names.save(folder)
    prominent = [label for label in flow.labels if label.prominent]
    figures = _figures(flow, looks)
    pictures = {name: png(figure) for name, figure in figures.items()}
    for name, picture in pictures.items():
        write_file(folder / f"{name}.png", picture)
    write_table(flow.table, folder / "labels.csv")
    write_table(excluded_table(flow.excluded), folder / "excluded.csv")
    write_table(_missing_table(flow), folder / "missing.csv")
    write_table(_faults_table(flow), folder / "leads.csv")
    text = environment().get_template("preparation.html")
    page = text.render(
        title=f"{flow.source}: {counted(flow.usable, 'usable ECG')} of {flow.ecgs}",
        patients=counted(flow.patients, "patient"),
        input=INPUTS[flow.input],
        excluded=_shown(grouped(flow.excluded)),
        rows=[label.row for label in prominent],
        others=[label.row for label in flow.labels if not label.prominent],
        summary=SUMMARY,
        missing=_missing(prominent),
        faults=_shown(flow.faults),
        drawn={name: inline_svg(figures[name], name) for name in INLINE if name in figures},
        beats=small_png(pictures["beats"], PICTURE) if looks else None,
        details=[*_flat(settings), *installed_versions().items()],
        pseudonyms=not leaves,
    )
    return write_text(folder / "preparation.html", page)


def spoken(flow: Flow) -> str:
    """The flow in plain lines, for a terminal."""
    lines = [f"{flow.source}: {counted(flow.ecgs, 'ECG')}"]
    left_out = flow.ecgs - flow.usable
    lines.append(f"  {left_out} left out" if left_out else "  none left out")
    lines += [f"    {_line(group)}" for group in _shown(grouped(flow.excluded))]
    lines.append(f"  {flow.usable} usable, of {counted(flow.patients, 'patient')}")
    prominent = [label for label in flow.labels if label.prominent]
    if prominent:
        table = pd.DataFrame([label.row for label in prominent])
        shown = table.map(lambda value: number(value) if isinstance(value, float) else value)
        lines += ["", shown.to_string(index=False)]
    if findings := _findings(flow):
        lines += ["", *(f"{label.name}: {_share(label)}" for label in findings)]
    if more := len(flow.labels) - len(prominent) - len(findings):
        lines.append(f"{more} other labels, mostly of one value: labels.csv")
    if missing := _missing(prominent):
        lines += ["", "usable, but without"]
        lines += [f"  {labels}: {_line(group)}" for labels, group in missing]
    if flow.faults:
        lines += ["", "usable, with a lead at fault"]
        lines += [f"  {_line(group)}" for group in _shown(flow.faults)]
    return "\n".join(lines)


def _missing(labels: Sequence[Label]) -> list[tuple[str, Exclusion]]:
    """Who lacks which of these labels and why; labels that the same ECGs lack stand together."""
    lacking: dict[Group, list[str]] = {}
    for label in labels:
        for group in label.missing:
            lacking.setdefault(group, []).append(label.name)
    return [
        (", ".join(names), Exclusion(group.reason, group.names)) for group, names in lacking.items()
    ]


def _findings(flow: Flow) -> list[Label]:
    """Labels that are a yes or no and once a yes, the most frequent first."""
    found = [label for label in flow.labels if label.binary and label.values.any()]
    return sorted(found, key=lambda label: -label.values.mean())[:MOST_FINDINGS]


def _share(label: Label) -> str:
    share = percent(label.values.mean())
    return f"{share} ({label.values.sum():.0f} of {len(label.values)})"


def _line(group: Exclusion) -> str:
    return f"{len(group.names)} × {group.reason}: {group.shown}"


def _figures(flow: Flow, looks: Looks | None) -> dict[str, Figure]:
    figures = {}
    if drawn := [label for label in flow.labels if label.prominent and len(label.values)]:
        figures["labels"] = labels_figure(drawn)
    if findings := _findings(flow):
        figures["shares"] = shares_figure(findings)
    if looks:
        title = f"Median beats of {counted(len(looks.ids), 'ECG')} of {flow.source}"
        figures["beats"] = beats_figure(looks.ids, looks.beats, title)
        figures["spectrum"] = spectrum_figure(looks.frequency, looks.amplitude)
    return figures


def _shown(groups: Sequence[Group]) -> list[Exclusion]:
    return [Exclusion(group.reason, group.names) for group in groups]


def _missing_table(flow: Flow) -> pd.DataFrame:
    """One row per ECG and label that it lacks."""
    rows = [
        (name, label.name, group.reason)
        for label in flow.labels
        for group in label.missing
        for name in group.names
    ]
    return pd.DataFrame(rows, columns=pd.Index(["record", "label", "reason"]))


def _faults_table(flow: Flow) -> pd.DataFrame:
    """One row per ECG and lead that shows no heart."""
    rows = [(name, group.reason) for group in flow.faults for name in group.names]
    return pd.DataFrame(rows, columns=pd.Index(["record", "fault"]))


def _flat(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in settings.items()]
