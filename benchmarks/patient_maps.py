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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from ecglens.explain import Inputs, attribute
from ecglens.jobs import Job, findings_in, kept_network
from ecglens.report import style
from ecglens_paper.figures.panels import Trace
from jaxtyping import Float32
from matplotlib.figure import Figure
from scipy.special import expit
from torch import Tensor, nn

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


@dataclass(frozen=True, eq=False)
class Patients:
    """The four patients, with the job and the network of a run."""

    job: Job
    net: nn.Module
    stated: Sequence[str]
    table: pd.DataFrame
    x: Float32[Tensor, "ecg lead time"]
    inputs: Inputs

    @classmethod
    def of(cls, run: Path) -> "Patients":
        """The first ECG of fold 10 with each statement."""
        job = Job.of_finding(findings_in(run)[0])
        net, data = kept_network(job), job.data
        data.prepare_data()
        prepared = data.cohort.prepared
        every = prepared.table
        first = {}
        for name, code in STATED.items():
            rows = np.flatnonzero((every[f"stated_{code}"] == 1) & (every["fold"] == 10))
            first[name] = min(map(int, rows), key=lambda row: int(every["id"].iloc[row]))
        rows = np.array([*first.values()])
        table = every.iloc[rows]
        inputs = Inputs([str(each) for each in table["id"]], background=data.background)
        return cls(job, net, [*first], table, torch.from_numpy(prepared.x(rows)), inputs)

    @property
    def names(self) -> list[str]:
        """Statement and number of each."""
        return [f"{name}, {own}" for name, own in zip(self.stated, self.table["id"], strict=True)]

    @property
    def read(self) -> Float32[np.ndarray, "ecg output"]:
        """Outputs of the network."""
        with torch.no_grad():
            return self.net(self.x).numpy()

    def traces(self, method: str, lead: str, output: int = 0) -> list[Trace]:
        """A lead of each under its map."""
        maps = attribute(method, self.net, self.x, output, inputs=self.inputs)
        sizes = np.abs(maps.numpy())
        return [trace(self.x.numpy(), sizes, ecg, lead) for ecg in range(len(self.x))]


def picture(runs: Sequence[Path]) -> Figure:
    """A row for each patient, a column for each map of the one run."""
    four = Patients.of(runs[0])
    chances = expit(four.read)
    places = {said: four.job.target.outputs.index(name) for name, said in OUTPUTS.items()}
    columns = {
        f"{said}:\n{style(method).label}".replace(" ", "\n"): four.traces(method, LEAD, place)
        for said, place in places.items()
        for method in METHODS
    }
    names = [
        "\n".join([name, *(f"{said} {own[place]:.2f}" for said, place in places.items())])
        for name, own in zip(four.names, chances, strict=True)
    ]
    title = "Four patients of PTB-XL (number, probabilities) under maps of two logits"
    return _drawn(title, names, columns, [LEAD] * len(columns))


def readings(runs: Sequence[Path]) -> Figure:
    """A row for each patient, with readings and measured values, a column for each target."""
    every = [Patients.of(run) for run in runs]
    names, columns = every[0].names, {}
    for four in every:
        target = four.job.target.name
        method, lead = SHOWN[target]
        names = [
            f"{name}\n{target.upper()} {own:z.0f} ({one:.0f})".replace("nan", "–").replace("-", "−")
            for name, own, one in zip(names, four.read[:, 0], four.table[target], strict=True)
        ]
        columns[f"{target.upper()}:\n{style(method).label}"] = four.traces(method, lead)
    leads = [SHOWN[four.job.target.name][1] for four in every]
    title = f"Four patients of PTB-XL: readings (measured), {every[0].job.target.unit}"
    return _drawn(title, names, columns, leads)


def _drawn(
    title: str, names: Sequence[str], columns: Mapping[str, Sequence[Trace]], leads: Sequence[str]
) -> Figure:
    rows = [
        Row(name, [each[ecg] for each in columns.values()], leads) for ecg, name in enumerate(names)
    ]
    return grid(title, [*columns], rows)


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
