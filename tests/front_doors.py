"""Small runs of the front doors as a user starts them: another process, another folder.

The fixtures are there for every test, of the core and of the apps (conftest.py names this file).
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).parents[1]
# The smallest job that goes through every room, by one protocol.
SHOWN = (
    "data=exact",
    "data.n=160",
    "model=small",
    "fit.epochs=1",
    "ecgs=4",
    "gallery=2",
    "evaluation=default",
    "evaluation.default.draws=2",
    "logger=csv",
    "method=[saliency,input_x_gradient]",
)
# The same where heatmaps on the page are not what is looked at: a third less to do.
SMALL = (*SHOWN, "gallery=0")
# The two protocols that have to agree.
BOTH = ("evaluation=perturbation", "evaluation.noise_10.draws=2")


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> Path:
    """One store for all front-door tests, so that a network is fitted once."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def forks() -> Iterator["subprocess.Popen[str]"]:
    """The process whose forks the front doors run in."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.fork_server"],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        yield server


@pytest.fixture(scope="session")
def sweep(tmp_path_factory, store, forks) -> Path:
    """The folder of the smallest sweep; its jobs 0 (PR) and 1 (QRS) are finished runs."""
    folder = tmp_path_factory.mktemp("runs") / "sweep"
    words = ("-m", "target=pr,qrs", *SHOWN, *BOTH, f"hydra.sweep.dir={folder}")
    done = forked(forks, "train.py", *words, cwd=folder.parent, store=store)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(folder / "report.html")
    return folder


@pytest.fixture
def door(tmp_path, store, forks) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `python train.py words…` (or evaluate.py) from an empty folder."""

    def run(script: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return forked(forks, script, *words, cwd=tmp_path, store=store, **environment)

    return run


def forked(
    server: "subprocess.Popen[str]",
    script: str,
    *words: str,
    cwd: Path,
    store: Path,
    **environment: str,
) -> subprocess.CompletedProcess[str]:
    """The same as `started`, or `python -m script words…`, without loading torch again."""
    assert server.stdin
    assert server.stdout
    with TemporaryDirectory() as folder:
        said = [f"{folder}/output", f"{folder}/errors"]
        order = {
            "script": str(ROOT / script) if script.endswith(".py") else script,
            "words": words,
            "cwd": str(cwd),
            "environment": surroundings(store) | environment,
            "said": said,
        }
        server.stdin.write(json.dumps(order) + "\n")
        server.stdin.flush()
        status = int(server.stdout.readline())
        return subprocess.CompletedProcess(
            [script, *words], status, *(Path(file).read_text() for file in said)
        )


def started(
    script: str, *words: str, cwd: Path, store: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """What a front door said and how it ended, as a process of its own."""
    return subprocess.run(
        [sys.executable, str(ROOT / script), *words],
        cwd=cwd,
        env=surroundings(store) | environment,
        capture_output=True,
        text=True,
        timeout=1800,
    )


def surroundings(store: Path) -> dict[str, str]:
    """Environment of a front door: without W&B's service of this process, whose umask it has."""
    own = {name: value for name, value in os.environ.items() if name != "WANDB_SERVICE"}
    return {**own, "ECGLENS_STORE": str(store), "OMP_NUM_THREADS": "1"}
