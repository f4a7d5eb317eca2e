"""Four patients under maps of networks: python -m benchmarks.patient_maps RUN [RUN …].

Drawn are the first ECGs of fold 10 that are stated to be normal, in atrial fibrillation, with a
left bundle branch block and paced, in the order of their numbers. Rules written before a map was
looked at:

One RUN, a finished job of `diagnoses` of `ecglens reproduce patients`: two maps each of the logits
of fibrillation and of block. Of the three networks it is the first.

Several RUNs, of networks of targets in one unit that learned from PTB-XL: a column for each, in the
lead of the target, for intervals II. The map is the first one that may be used by the table of
docs/patients.md, saliency where there is none.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from ecglens.datamodules import EcgData
from ecglens.explain import Inputs, attribute
from ecglens.jobs import Job, findings_in, kept_network
from ecglens.report import style
from ecglens_paper.figures.panels import Trace
from matplotlib.figure import Figure
from scipy.special import expit

from .concept_maps import trace
from .concept_page import Row, grid, save
from .page import DOCS

TO = DOCS / "images" / "patients-maps.png"
STATED = {"normal": "NORM", "AF": "AFIB", "LBBB": "CLBBB", "paced": "PACE"}
OUTPUTS = {"af": "AF", "lbbb": "LBBB"}
METHODS = ("saliency", "expected_gradients")
LEAD = "V1"  # f waves are highest there, and a left bundle branch block is deepest
# Method and lead of each target.
SHOWN = {
    "pr": ("expected_gradients", "II"),
    "qrs": ("saliency", "II"),
    "qt": ("smoothgrad", "II"),
    "r": ("saliency", "V5"),
    "j": ("smoothgrad", "V5"),
    "t": ("expected_gradients", "V5"),
}


def chosen(data: EcgData) -> Iterator[tuple[str, int]]:
    """Each statement with the row of its first ECG in fold 10."""
    table = data.cohort.prepared.table
    for name, code in STATED.items():
        rows = np.flatnonzero((table[f"stated_{code}"] == 1) & (table["fold"] == 10))
        yield name, min(map(int, rows), key=lambda row: int(table["id"].iloc[row]))


def picture(runs: Sequence[Path]) -> Figure:
    """A row for each patient, a column for each map of the one run."""
    job = Job.of_finding(findings_in(runs[0])[0])
    net, data = kept_network(job), job.data
    data.prepare_data()
    names, rows = zip(*chosen(data), strict=True)
    prepared = data.cohort.prepared
    ids = [str(prepared.table["id"].iloc[row]) for row in rows]
    x = torch.from_numpy(prepared.x(np.array(rows)))
    with torch.no_grad():
        chances = expit(net(x).numpy())
    inputs = Inputs(ids, background=data.background)
    places = {said: job.target.outputs.index(name) for name, said in OUTPUTS.items()}
    columns = {
        f"{said}:\n{style(method).label}".replace(" ", "\n"): attribute(
            method, net, x, place, inputs=inputs
        )
        for said, place in places.items()
        for method in METHODS
    }
    drawn = [
        Row(
            "\n".join([
                f"{name}, {ids[ecg]}",
                *(f"{said} {chances[ecg, place]:.2f}" for said, place in places.items()),
            ]),
            [trace(x.numpy(), np.abs(maps.numpy()), ecg, LEAD) for maps in columns.values()],
            [LEAD] * len(columns),
        )
        for ecg, name in enumerate(names)
    ]  # fmt: skip
    title = "Four patients of PTB-XL (number, probabilities) under maps of two logits"
    return grid(title, [*columns], drawn)


def readings(runs: Sequence[Path]) -> Figure:
    """A row for each patient, with readings and measured values, a column for each target."""
    names: list[str] = []
    columns: dict[str, list[Trace]] = {}
    leads, unit = [], ""
    for run in runs:
        job = Job.of_finding(findings_in(run)[0])
        target, unit = job.target.name, job.target.unit
        method, lead = SHOWN[target]
        net, data = kept_network(job), job.data
        data.prepare_data()
        stated, rows = zip(*chosen(data), strict=True)
        few = data.cohort.prepared.table.iloc[list(rows)]
        x = torch.from_numpy(data.cohort.prepared.x(np.array(rows)))
        with torch.no_grad():
            read = net(x)[:, 0].tolist()
        names = names or [f"{kind}, {own}" for kind, own in zip(stated, few["id"], strict=True)]
        names = [
            f"{name}\n{target.upper()} {own:z.0f} ({one:.0f})".replace("nan", "–").replace("-", "−")
            for name, own, one in zip(names, read, few[target], strict=True)
        ]
        inputs = Inputs([str(each) for each in few["id"]], background=data.background)
        maps = np.abs(attribute(method, net, x, inputs=inputs).numpy())
        columns[f"{target.upper()}:\n{style(method).label}"] = [
            trace(x.numpy(), maps, ecg, lead) for ecg in range(len(names))
        ]
        leads.append(lead)
    drawn = [
        Row(name, [each[ecg] for each in columns.values()], leads) for ecg, name in enumerate(names)
    ]
    return grid(f"Four patients of PTB-XL: readings (measured), {unit}", [*columns], drawn)


def main() -> None:
    """Draw a picture of the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--to", type=Path, default=TO)
    given = parser.parse_args()
    draw = picture if len(given.runs) == 1 else readings
    save(draw(given.runs), given.to)


if __name__ == "__main__":
    main()
