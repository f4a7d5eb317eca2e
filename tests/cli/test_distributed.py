"""Who starts the ranks of a fit: one process, one task of Slurm, or several tasks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ecglens.jobs.distributed import check, environment
from ecglens.jobs.job import Job
from ecglens.jobs.networks import trainer_of
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from lightning_fabric.plugins.environments.slurm import SLURMEnvironment
from lightning_fabric.utilities.exceptions import MisconfigurationException
from lightning_fabric.utilities.rank_zero import rank_zero_only

from .conftest import ROOT, SMALL, surroundings
from .test_front_doors import networks

TWO = {"name": "ddp", "accelerator": "cpu", "devices": 2, "num_nodes": 1}


def step(tasks: int, task: int = 0) -> dict[str, str]:
    """What `srun -n TASKS` gives to a task on one node."""
    return {
        "SLURM_JOB_ID": str(10_000 + os.getpid()),
        "SLURM_JOB_NAME": "ecglens",
        "SLURM_NTASKS": str(tasks),
        "SLURM_NNODES": "1",
        "SLURM_NODEID": "0",
        "SLURM_NODELIST": "127.0.0.1",
        "SLURM_PROCID": str(task),
        "SLURM_LOCALID": str(task),
        "SLURM_STEP_NUM_TASKS": str(tasks),
        "SLURM_STEP_NODELIST": "127.0.0.1",
    }


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Job:
    # A trainer tells its rank to all of Lightning: after the test it is what it was before.
    monkeypatch.setattr(rank_zero_only, "rank", getattr(rank_zero_only, "rank", 0), raising=False)
    config = {"trainer": TWO, "fit": {"epochs": 1}, "logger": {}, "store": str(tmp_path / "store")}
    return Job(config, tmp_path, "")


def test_a_rank_in_one_task_of_slurm_is_the_one_that_started_it_says(job, tmp_path, monkeypatch):
    for name, value in {**step(tasks=1), "LOCAL_RANK": "1", "NODE_RANK": "0"}.items():
        monkeypatch.setenv(name, value)
    trainer = trainer_of(job, tmp_path)
    assert (trainer.global_rank, trainer.world_size) == (1, 2)


def test_a_rank_of_several_tasks_is_the_one_that_slurm_says(job, tmp_path, monkeypatch):
    for name, value in step(tasks=2, task=1).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SLURM_NTASKS_PER_NODE", "")  # so that it is taken away again
    monkeypatch.delenv("SLURM_NTASKS_PER_NODE")  # srun -n2 leaves it out
    assert isinstance(environment(TWO), SLURMEnvironment)
    trainer = trainer_of(job, tmp_path)
    assert (trainer.global_rank, trainer.world_size) == (1, 2)


def test_a_fit_on_one_device_is_one_process_also_among_tasks(monkeypatch):
    for name, value in step(tasks=2).items():
        monkeypatch.setenv(name, value)
    assert isinstance(environment(TWO | {"devices": 1}), LightningEnvironment)


@pytest.mark.parametrize(
    ("tasks", "changed", "said"),
    [
        (2, {"devices": 4}, "--nodes=1 --ntasks-per-node=4"),
        (1, {"num_nodes": 2}, "--nodes=2 --ntasks-per-node=2"),
    ],
)
def test_a_wrong_number_of_tasks_is_told_with_the_right_one(tasks, changed, said, monkeypatch):
    monkeypatch.setenv("SLURM_STEP_NUM_TASKS", str(tasks))
    with pytest.raises(ValueError, match=said):
        check(TWO | changed, 32)
    check(TWO, 32)
    with pytest.raises(ValueError, match=r"a fit.batch_size that 2 devices can share, got 33"):
        check(TWO, 33)


@pytest.mark.parametrize("accelerator", ["auto", "gpu"])
def test_more_devices_than_there_are_are_refused(accelerator, monkeypatch):
    for module in ("lightning_fabric", "pytorch_lightning"):
        monkeypatch.setattr(f"{module}.accelerators.cuda.num_cuda_devices", lambda: 1)
    with pytest.raises(MisconfigurationException, match=r"your machine only has: \[0\]"):
        check(TWO | {"accelerator": accelerator}, 32)


def test_devices_that_cannot_share_a_batch_are_refused_before_ecgs_are_prepared(door, tmp_path):
    words = ("trainer=ddp", "trainer.accelerator=cpu", "trainer.devices=3")
    done = door("train.py", *SMALL, *words, f"store={tmp_path}/store")
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "a fit.batch_size that 3 devices can share" in line
    assert not [*tmp_path.glob("store/*/*.npy"), *tmp_path.glob("store/beats*")]


@pytest.mark.heavy
def test_two_tasks_fit_together_and_the_first_alone_reports(tmp_path):
    words = [*SMALL, "trainer=ddp", "trainer.accelerator=cpu", "seed=[0,1]"]
    tasks = [
        subprocess.Popen(
            [sys.executable, str(ROOT / "train.py"), *words],
            cwd=tmp_path,
            env=surroundings(tmp_path / "store") | step(tasks=2, task=task),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for task in range(2)
    ]
    said = [task.communicate(timeout=1800) for task in tasks]
    assert [task.returncode for task in tasks] == [0, 0], said
    assert Path(said[0][0].splitlines()[-1]).is_file()
    assert said[1][0] == ""
    assert len(networks(tmp_path / "store")) == 2
    (run,) = tmp_path.glob("runs/*/*")  # the second task has no folder
    assert (run / "report.html").is_file()
