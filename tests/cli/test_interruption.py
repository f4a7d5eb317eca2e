"""A run that is stopped is resumed by the same command, with identical numbers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import torch
from ecglens.jobs.networks import WholeCheckpoints

from tests.front_doors import forked

from .conftest import ROOT, SMALL

# Long enough to be hit in each stage; every epoch and chunk of 16 ECGs is a place to go on from.
WORDS = (*SMALL, "data.n=320", "fit.epochs=4", "ecgs=32", "hydra.run.dir=run")
# A file that is there once the stage is under way.
STAGES = {
    "fitting": "networks/*.part/last.ckpt",
    "explaining": "attributions/*.part/00000.npz",
    "walking": "curves/*.part/00000.npz",
}


def start(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "ECGLENS_STORE": str(folder / "store"), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "train.py"), *WORDS],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


Scores = Callable[[Path], pd.DataFrame]


@pytest.fixture(scope="module")
def scores(forks) -> Scores:
    """Function that runs the command to its end in a folder."""

    def found(folder: Path) -> pd.DataFrame:
        done = forked(forks, "train.py", *WORDS, cwd=folder, store=folder / "store")
        assert done.returncode == 0, done.stderr
        return pd.read_csv(folder / "run/findings/default/scores.csv")

    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, scores) -> pd.DataFrame:
    return scores(tmp_path_factory.mktemp("undisturbed"))


def until(there: Callable[[], bool], running: subprocess.Popen[str]) -> None:
    while not there():
        assert running.poll() is None, "the run ended before it could be stopped"
        time.sleep(0.02)


def stopped(folder: Path, stage: str, how: signal.Signals) -> tuple[int, str]:
    """Status and errors of a run that got a signal in this stage."""
    running = start(folder)
    until(lambda: any((folder / "store").glob(STAGES[stage])), running)
    running.send_signal(how)
    _, errors = running.communicate(timeout=300)
    return running.returncode, errors


@pytest.mark.heavy
@pytest.mark.parametrize(
    "stage", ["fitting", pytest.param("explaining", marks=pytest.mark.long), "walking"]
)
def test_after_a_kill_the_same_command_ends_with_the_same_numbers(
    tmp_path, stage, scores, undisturbed
):
    status, _ = stopped(tmp_path, stage, signal.SIGKILL)
    assert status == -signal.SIGKILL
    pd.testing.assert_frame_equal(scores(tmp_path), undisturbed)


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("how", "status"),
    [
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.long, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, 143, id="SIGTERM"),
    ],
)
def test_a_stopped_fit_says_so_and_is_no_network(tmp_path, how, status, scores, undisturbed):
    ended, errors = stopped(tmp_path, "fitting", how)
    assert ended == status
    assert "Traceback" not in errors
    kept = [path for path in (tmp_path / "store/networks").iterdir() if path.is_dir()]
    assert [path.suffix for path in kept] == [".part"]
    pd.testing.assert_frame_equal(scores(tmp_path), undisturbed)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_counts_also_where_python_ignores_an_exit(how):
    code = f"""
import os, time
from ecglens.cli import front_door
front_door._heed_signals()
class Kept:
    def __del__(self):
        os.kill(os.getpid(), {how:d})
        [None for _ in range(1000)]
Kept()
for _ in range(1000):
    time.sleep(0.01)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 128 + how
    assert done.stderr == "\nstopped; the same command resumes from here\n"


@pytest.fixture
def small_disk(tmp_path) -> Iterator[Path]:
    """A file system of 64 kB, which only root can make."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.heavy
def test_a_checkpoint_without_room_on_the_disk_leaves_the_last_one(small_disk):
    kept, path = WholeCheckpoints(), small_disk / "last.ckpt"
    kept.save_checkpoint({"epoch": 1}, path)
    with pytest.raises(OSError, match="No space left on device"):
        kept.save_checkpoint({"epoch": 2, "weights": torch.ones(100_000)}, path)
    assert kept.load_checkpoint(path) == {"epoch": 1}
    assert [each.name for each in small_disk.iterdir()] == ["last.ckpt"]
