"""Four patients under the maps of a network of diagnoses: python -m benchmarks.patient_maps RUN.

RUN is a finished job of `diagnoses` of `ecglens reproduce patients`. Drawn are the first ECGs of
its test part that are stated to be normal, in atrial fibrillation, with a left bundle branch block
and paced, in the order of their numbers, under two maps each of the logits of fibrillation and of
block. Rule written before a map was looked at. Of the three networks it is the first.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from ecglens.datamodules import EcgData
from ecglens.explain import Inputs, attribute
from ecglens.jobs import Job, findings_in, kept_network
from ecglens.report import style
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


def chosen(data: EcgData) -> Iterator[tuple[str, int]]:
    """Each statement with the row of its first ECG in the test part."""
    table, test = data.cohort.prepared.table, data.cohort.parts["test"]
    for name, code in STATED.items():
        rows = [row for row in test if table[f"stated_{code}"].iloc[row] == 1]
        yield name, min(rows, key=lambda row: int(table["id"].iloc[row]))


def picture(run: Path) -> Figure:
    """A row for each patient, a column for each map."""
    job = Job.of_finding(findings_in(run)[0])
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


def main() -> None:
    """Draw the picture of the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--to", type=Path, default=TO)
    given = parser.parse_args()
    save(picture(given.run), given.to)


if __name__ == "__main__":
    main()
