"""Sweeps and fits of several processes under a real Slurm."""

import subprocess

import pandas as pd
import pytest

from ..cli.conftest import SMALL
from ..cli.test_front_doors import networks
from .conftest import DDP, LONG, ended, forgetting_networks, until

SWEEP = ("-m", "hydra/launcher=slurm", "hydra.launcher.mem_gb=null", "hydra.sweep.dir=sweep")


def command(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def test_a_sweep_of_three_targets_is_one_report(train, tmp_path):
    page = ended(train(*SWEEP, *SMALL, "target=pr,qrs,j"))
    assert page == str(tmp_path / "sweep/report.html")
    assert all((tmp_path / "sweep" / job / "findings/default").is_dir() for job in "012")
    said = [path.read_text() for path in tmp_path.glob("sweep/.submitit/*/*_log.out")]
    assert len(said) == 3
    assert all("Job completed successfully" in each for each in said)


@pytest.mark.parametrize(
    ("srun", "words"),
    [
        (("--ntasks-per-node=2",), ()),
        (("-n2", "-N2"), ("trainer.devices=1", "trainer.num_nodes=2")),
        (("-n1",), ()),
    ],
    ids=["two tasks", "two nodes", "one task that starts two ranks"],
)
def test_two_ranks_fit_one_network_and_one_process_reports(srun, words, train, store, tmp_path):
    running = train(*SMALL, *DDP, *words, "hydra.run.dir=run", before=("srun", *srun))
    output, errors = running.communicate(timeout=1800)
    assert running.returncode == 0, errors
    assert errors.count("MEMBER: 1/2") == errors.count("MEMBER: 2/2") == 1
    assert output.count("report.html") == 1
    assert len(networks(store)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_job_of_a_sweep_fits_on_two_nodes(train, store, tmp_path):
    nodes = ("hydra.launcher.nodes=2", "trainer.num_nodes=2", "trainer.devices=1")
    ended(train(*SWEEP, *SMALL, *DDP, *nodes))
    said = "".join(path.read_text() for path in tmp_path.glob("sweep/.submitit/*/*_log.err"))
    assert "MEMBER: 2/2" in said
    assert len(networks(store)) == 1
    assert (tmp_path / "sweep/0/report.html").is_file()


@pytest.mark.parametrize(
    ("how", "words"),
    [("requeue", ()), ("time is nearly over", (*DDP, "hydra.launcher.cpus_per_task=2"))],
    ids=["requeue", "time is nearly over, two ranks"],
)
def test_a_job_queued_again_in_its_fit_ends_with_the_same_numbers(
    how, words, train, store, tmp_path
):
    ended(train(*LONG, *words[:2], "hydra.run.dir=undisturbed"))
    forgetting_networks(store)
    running = train(*SWEEP, *LONG, *words)
    until(lambda: any(store.glob("networks/*.part/last.ckpt")), running)
    job = command("squeue", "-h", "-o", "%A")
    if how == "requeue":
        command("scontrol", "requeue", job)
    else:  # what Slurm sends signal_delay_s before the end
        command("scancel", "--signal=USR2", job)
    until(lambda: command("squeue", "-h", "-o", "%T") == "PENDING", running)
    command("scontrol", "update", f"JobId={job}", "StartTime=now")  # else in two minutes
    ended(running)
    (said,) = (path.read_text() for path in tmp_path.glob("sweep/.submitit/*/*_log.out"))
    assert said.count("Loading pickle") == 2
    first, second = (
        pd.read_csv(tmp_path / folder / "findings/default/scores.csv")
        for folder in ("undisturbed", "sweep/0")
    )
    pd.testing.assert_frame_equal(first, second)


def test_a_run_that_is_cancelled_resumes_by_the_same_command(train, store, tmp_path):
    words = (*LONG, "hydra.run.dir=run")
    running = train(*words, before=("srun", "--job-name=cancelled"))
    until(lambda: any(store.glob("networks/*.part/last.ckpt")), running)
    command("scancel", "--name=cancelled")
    _, errors = running.communicate(timeout=300)
    assert running.returncode != 0
    assert "the same command resumes from here" in errors
    ended(train(*words, before=("srun",)))
    metrics = pd.read_csv(tmp_path / "run/log/version_1/metrics.csv")
    assert metrics["epoch"].iloc[0] > 0
