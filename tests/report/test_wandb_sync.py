"""What `wandb sync` sends of offline runs: lineage, content once, no path of closed data."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ecglens.eval import Finding
from ecglens.report import Content, Pseudonyms, log_contents, log_findings, run_views, wandb_run

from ..wandb_server import Sent, wandb_server
from .conftest import build

pytestmark = pytest.mark.heavy  # each `wandb sync` takes 5 s


def log(folder: Path, finding: Finding, network: Path, name: str, made: bool) -> None:
    """An offline run with a ranking, and a network that it made or used."""
    views = run_views([finding], Pseudonyms())
    named = {"id": name, "name": name}
    with wandb_run(folder, views.stay, project="ecglens", mode="offline", **named) as run:
        log_findings(run, views)
        if not views.stay:
            kept = Content("network", "network-0a1b", (network,), made, kept=True)
            log_contents(run, [kept])


def sync(sent: Sent, folder: Path) -> None:
    """Send the one run below a folder."""
    (run,) = folder.rglob("offline-run-*")
    key = {"WANDB_BASE_URL": sent.url, "WANDB_API_KEY": "a" * 40, "HOME": str(folder)}
    words = [Path(sys.executable).with_name("wandb"), "sync", "--yes", "--entity", "ward", run]
    subprocess.run(
        words, check=True, capture_output=True, timeout=600, env={**os.environ, **key}, text=True
    )


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """What two runs with one network send, the first of which has made it."""
    folder = tmp_path_factory.mktemp("runs")
    (network := folder / "0a1b").mkdir()
    (network / "weights.pt").write_bytes(b"weights")
    finding = build(may_leave_machine=True)
    with wandb_server() as sent:
        for name, made in (("train", True), ("evaluate", False)):
            log(folder / name, finding, network, name, made)
            sync(sent, folder / name)
    return sent


def test_a_network_is_the_output_of_one_run_and_the_input_of_the_other(two_runs: Sent) -> None:
    made = [
        (each["artifactTypeName"], each["runName"])
        for each in two_runs.of("CreateArtifact")
        if each["artifactTypeName"] == "network"
    ]
    assert made == [("network", "train"), ("network", None)]
    id = two_runs.committed[next(key for key in two_runs.committed if "network-0a1b" in key)]
    assert [(each["artifactID"], each["runName"]) for each in two_runs.of("UseArtifact")] == [
        (id, "evaluate")
    ]


def test_the_same_network_is_sent_once(two_runs: Sent) -> None:
    assert [each for each, _ in two_runs.files if each.endswith("weights.pt")] == [
        "/artifact/0a1b/weights.pt"
    ]


def test_of_ecgs_that_stay_no_path_of_this_machine_is_sent(two_runs: Sent, tmp_path: Path) -> None:
    folder = tmp_path / "Okonkwo"
    with wandb_server() as sent:
        log(folder, build(may_leave_machine=False), tmp_path, "closed", False)
        sync(sent, folder)
    every = [str(sent.operations).encode(), *(content for _, content in sent.files)]
    assert not [each for each in every if b"Okonkwo" in each]
    assert not sent.of("CreateArtifact")
    # Of a table's file the path is sent: without this rule it would be.
    assert [each for path, each in two_runs.files if path == "/manifest" and b"local_path" in each]
