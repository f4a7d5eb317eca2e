"""The network of a finished run, what the run supports, and the ranges of its training ECGs."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from torch import Tensor, nn

from ...engine import accelerate, evaluating
from ...eval import Finding
from ...explain import Inputs, Method, attribute
from ...models import network_key
from ...report import Supported, TrainingRange, supported
from ..job import Job
from ..networks import network_of
from ..runs import findings_in
from ..training import full_precision

# ECGs from which the range of amplitudes is taken: 29 kB each, a strip 240 kB.
MOST = 512
OVERRIDES = Path(".hydra") / "overrides.yaml"


@dataclass(frozen=True, eq=False)
class Run:
    """A network with the job that made it and a finding on it; `supported` may be no method."""

    job: Job
    net: nn.Module
    finding: Finding
    supported: Supported

    def outputs(self, x: Tensor) -> np.ndarray:
        """Outputs of the network for one ECG, (1, 12, time) in µV, in the target's unit."""
        with torch.no_grad(), evaluating(self.net):
            return self.net(x)[0].double().numpy()

    def heatmap(self, x: Tensor, segments: Tensor, name: str) -> np.ndarray:
        """Heatmap of one ECG by the supported method; ValueError where it would be wrong."""
        background = self.job.data.background if self._method.facts.needs_background else None
        inputs = Inputs([name], segments, background)
        seed = self.finding.about.seed
        return attribute(self._method, self.net, x, self.job.target.index, seed, inputs)[0].numpy()

    @property
    def reading(self) -> dict[str, Any]:
        """Settings of the run's data set that change ECGs of any format."""
        data = self.job.config["data"]
        return {name: data[name] for name in ("missing_lead",) if name in data}

    @cached_property
    def _method(self) -> Method:
        return self.job.methods()[self.supported.method]

    @cached_property
    def ranges(self) -> tuple[TrainingRange, ...]:
        """Ranges of the training ECGs: label, rate and largest amplitude, where they are known."""
        data, target = self.job.data, self.job.target
        rows = data.cohort.parts["train"]
        if not len(rows):
            return ()
        spread = rows[np.unique(np.linspace(0, len(rows) - 1, min(MOST, len(rows))).astype(int))]
        known = {
            ("amplitude", "mV"): np.ptp(data.prepared.x(spread), axis=2).max(1) / 1e3,
            ("rate", "/min"): data.prepared.table["rate"].to_numpy(float)[rows],
        }
        if target.kind == "regression":
            known["prediction", target.unit] = data.cohort.y[rows, target.index]
        return tuple(
            TrainingRange(name, unit, float(np.nanmin(values)), float(np.nanmax(values)))
            for (name, unit), values in known.items()
            if np.isfinite(values).any()
        )


def opened_run(folder: Path) -> Run:
    """The network of the run in this folder; nothing is trained.

    Raises ValueError for a folder without findings or with those of several networks, and for a
    network that is no longer in the store or is another one.
    """
    full_precision()
    findings = [each for each in findings_in(folder) if each.about.networks]
    if not findings:
        raise ValueError(
            f"expected the folder of a finished run, found no finding on a network beneath {folder}"
            "; run `python train.py` first and give its folder, such as demo"
        )
    _check_one(folder, findings)
    finding = next((each for each in findings if each.curves), findings[0])
    job = Job(finding.facts["settings"], Path(), "")
    net = _network(job, folder)
    shape = (12, job.config["input"]["samples"])
    if network_key(net, shape) != finding.about.networks[0]:
        raise ValueError(
            f"expected the network of the run in {folder}, got another one under its settings; "
            f"run `{_command(folder)}` again"
        )
    return Run(job, accelerate(net), finding, supported(findings))


def _network(job: Job, folder: Path) -> nn.Module:
    try:
        return network_of(job, may_fit=False).net.eval()
    except ValueError as problem:
        if "found none" not in str(problem):
            raise
        raise ValueError(
            f"expected the network of the run in {folder} in {job.store.root}, found none; "
            f"`{_command(folder)}` trains it again"
        ) from problem


def _check_one(folder: Path, findings: Sequence[Finding]) -> None:
    """Raise ValueError unless all findings are about one network or its other seeds."""
    first = {(each.about.networks[0], each.about.target) for each in findings}
    if len(first) > 1:
        names = ", ".join(sorted({target.name for _, target in first}))
        raise ValueError(
            f"expected the folder of a run on one network, got {len(first)} ({names}) beneath "
            f"{folder}; give the folder of one job, such as {folder / '0'}"
        )


def _command(folder: Path) -> str:
    """The command of the run, with the words that it was started with where they are known."""
    file = folder / OVERRIDES
    words = yaml.safe_load(file.read_text("utf-8")) if file.is_file() else []
    return " ".join(["python train.py", *words])
