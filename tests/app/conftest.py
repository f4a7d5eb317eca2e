"""Small runs of the front doors as a user starts them: another process, another folder."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The smallest job that goes through every room.
SMALL = (
    "data=exact",
    "data.n=160",
    "model=small",
    "fit.epochs=1",
    "ecgs=8",
    "gallery=2",
    "evaluation.default.draws=2",
    "method=[saliency,input_x_gradient]",
)


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> Path:
    """One store for all front-door tests, so that a network is fitted once."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="session")
def sweep(tmp_path_factory, store) -> Path:
    """The folder of the smallest sweep; its jobs 0 (PR) and 1 (QRS) are finished runs."""
    folder = tmp_path_factory.mktemp("runs") / "sweep"
    words = ("-m", "target=pr,qrs", *SMALL, "logger=csv", f"hydra.sweep.dir={folder}")
    started("train.py", *words, cwd=folder.parent, store=store).check_returncode()
    return folder


@pytest.fixture
def door(tmp_path, store) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `python train.py words…` (or evaluate.py) from an empty folder."""

    def run(script: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return started(script, *words, cwd=tmp_path, store=store, **environment)

    return run


def started(
    script: str, *words: str, cwd: Path, store: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    """What a front door said and how it ended."""
    return subprocess.run(
        [sys.executable, str(ROOT / script), *words],
        cwd=cwd,
        env={**os.environ, "ECGLENS_STORE": str(store), "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
