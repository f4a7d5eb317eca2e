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
    "evaluation.house.draws=2",
    "method=[saliency,input_x_gradient]",
)


@pytest.fixture(scope="session")
def store(tmp_path_factory) -> Path:
    """One store for all front-door tests, so that a network is fitted once."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture
def door(tmp_path, store) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `python train.py words…` (or evaluate.py) from an empty folder."""

    def run(script: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / script), *words],
            cwd=tmp_path,
            env={**os.environ, "ECGLENS_STORE": str(store), "OMP_NUM_THREADS": "1", **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run
