"""The network of a finished run, with what the run found."""

from collections.abc import Sequence
from pathlib import Path

from torch import nn

from ...engine import accelerate
from ...eval import Finding
from ...jobs import HYDRA, Job, command_of, findings_in, kept_network
from ...models import network_key
from ...report import KnownNetwork, evaluated


def opened_run(folder: Path, trust: bool = False) -> KnownNetwork:
    """The network of the run in this folder; nothing is trained.

    `trust` is that of findings_in. Raises ValueError for a folder without findings or with those of
    several networks, and for a network that is no longer in the store or is another one.
    """
    findings = [each for each in findings_in(folder, trust) if each.about.networks]
    if not findings:
        raise ValueError(
            f"expected the folder of a finished run, found no finding on a network beneath {folder}"
            "; run `python train.py` first and give its folder, such as demo"
        )
    _check_one(folder, findings)
    finding = next((each for each in findings if each.curves), findings[0])
    job = Job.of_finding(finding)
    net = _network(job, folder)
    shape = (12, job.config["input"]["samples"])
    if network_key(net, shape) != finding.about.networks[0]:
        raise ValueError(
            f"expected the network of the run in {folder}, got another one under its settings; "
            f"run `{_command(folder)}` again"
        )
    return evaluated(accelerate(net), findings, job.methods(), job.data, job.store)


def _network(job: Job, folder: Path) -> nn.Module:
    try:
        return kept_network(job)
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
    known = (folder / HYDRA / "hydra.yaml").is_file()
    return command_of(folder) if known else "ecglens train"
