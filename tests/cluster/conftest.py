import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ..cli.conftest import ROOT, SMALL, surroundings
from .one_machine import Machine, missing, running

# Long enough to be hit between two epochs.
LONG = (*SMALL, "data.n=800", "fit.epochs=6")
DDP = ("trainer=ddp", "trainer.accelerator=cpu")
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="session", autouse=True)
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    lacking = missing()
    if lacking or os.geteuid() != 0:
        pytest.skip(f"needs root and {', '.join(lacking) or 'nothing else'}: make test-cluster")
    with running(tmp_path_factory.mktemp("slurm")) as machine:
        yield machine


@pytest.fixture(scope="session")
def beats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose beats are prepared once."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture
def store(beats: Path) -> Path:
    """The store without networks and what came of them."""
    return forgetting_networks(beats)


@pytest.fixture
def train(tmp_path: Path, store: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Begin `srun … python train.py words…` in an empty folder."""

    def begin(*words: str, before: tuple[str, ...] = ()) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*before, sys.executable, str(ROOT / "train.py"), *words],
            cwd=tmp_path,
            env=surroundings(store),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return begin


def forgetting_networks(store: Path) -> Path:
    for step in ("networks", "attributions", "curves"):
        shutil.rmtree(store / step, ignore_errors=True)
    return store


def ended(running: "subprocess.Popen[str]") -> str:
    """The last line that the command printed; it ended with status 0."""
    output, errors = running.communicate(timeout=1800)
    assert running.returncode == 0, errors
    return output.strip().splitlines()[-1]


def until(there: Callable[[], object], running: "subprocess.Popen[str]") -> None:
    while not there():
        assert running.poll() is None, running.communicate()
        time.sleep(0.05)
