"""Sweeps and fits of several processes under a real Slurm."""

import subprocess
import time

import pandas as pd
import pytest

from ..cli.conftest import SMALL
from ..cli.test_front_doors import networks
from .conftest import DDP, LONG, ended, forgetting_networks, until
from .one_machine import MOST_JOBS

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
    [
        ("requeue", ()),
        ("time is nearly over", (*DDP, "hydra.launcher.cpus_per_task=2")),
        ("preemption", ()),
        ("a lost node", ()),
    ],
)
def test_a_job_queued_again_in_its_fit_ends_with_the_same_numbers(
    how, words, train, store, tmp_path, slurm
):
    ended(train(*LONG, *words[:2], "hydra.run.dir=undisturbed"))
    forgetting_networks(store)
    running = train(*SWEEP, *LONG, *words)
    until(lambda: any(store.glob("networks/*.part/last.ckpt")), running)
    job, node = command("squeue", "-h", "-o", "%A %N").split()
    if how == "requeue":
        command("scontrol", "requeue", job)
    elif how == "preemption":  # it takes all CPUs
        command("sbatch", "-p", "urgent", "-N2", "-n4", "--output=/dev/null", "--wrap=sleep 1")
    elif how == "a lost node":
        slurm.lose_node(node)
    else:  # what Slurm sends signal_delay_s before the end
        command("scancel", "--signal=USR2", job)
    until(lambda: command("squeue", "-h", "-j", job, "-o", "%T") == "PENDING", running)
    command("scontrol", "update", f"JobId={job}", "StartTime=now")  # else in two minutes
    ended(running)
    if how == "a lost node":
        slurm.start_node(node)
        slurm.wait_for_nodes()
    (said,) = (path.read_text() for path in tmp_path.glob("sweep/.submitit/*/*_log.out"))
    assert said.count("Loading pickle") == 2
    first, second = (
        pd.read_csv(tmp_path / folder / "findings/default/scores.csv")
        for folder in ("undisturbed", "sweep/0")
    )
    pd.testing.assert_frame_equal(first, second)


def test_a_sweep_ends_with_status_1_within_a_minute_of_scancel(train, tmp_path):
    jobs = ("gallery=0,-1,2", "hydra.launcher.array_parallelism=2")  # -1 fails, 2 waits for it
    running = train(*SWEEP, *SMALL[:-1], "fit.epochs=10000", *jobs)
    until(lambda: (tmp_path / "sweep/1/failed.json").exists(), running)  # its place is free
    until(lambda: (tmp_path / "sweep/2/.hydra/overrides.yaml").exists(), running)
    command("scancel", "--name=ecglens")
    begun = time.monotonic()
    output, errors = running.communicate(timeout=60)
    print(f"ended {time.monotonic() - begun:.0f} s after scancel")
    assert (running.returncode, output) == (1, "")
    lines = errors.splitlines()
    for job, why in (("0", "(cancelled)"), ("1", "-1"), ("2", "(cancelled)")):
        assert any(line.startswith(f"failed: sweep/{job}:") and why in line for line in lines), job
    assert len(list(tmp_path.glob("sweep/.submitit/*/*_log.err"))) == 3
    assert len(lines) == 6  # and how to repeat each


def test_a_sweep_goes_on_without_a_job_that_was_cancelled_before_it_began(train, tmp_path):
    one_after_another = ("gallery=0,2", "hydra.launcher.array_parallelism=1")
    running = train(*SWEEP, *SMALL[:-1], *one_after_another)
    until(lambda: command("squeue", "-h", "-r", "-t", "R", "-o", "%T"), running)
    waiting = command("squeue", "-h", "-r", "-t", "PD", "-o", "%i")
    command("scontrol", "hold", waiting)
    until(lambda: (tmp_path / "sweep/0/report.html").exists(), running)
    command("scancel", waiting)
    output, errors = running.communicate(timeout=300)
    assert running.returncode == 1
    assert output.splitlines()[-1] == str(tmp_path / "sweep/report.html")
    assert f"Slurm holds job {waiting}" in errors
    assert f"failed: Slurm ended job {waiting} (cancelled) before it began" in errors
    assert "gallery=2" in errors.splitlines()[-1]


def test_a_sweep_of_more_jobs_than_an_array_may_have_is_one_report(train, tmp_path):
    jobs = ",".join(map(str, range(MOST_JOBS + 1)))
    ended(train(*SWEEP, *SMALL[:-1], f"gallery={jobs}"))
    arrays = {path.name.split("_")[0] for path in tmp_path.glob("sweep/.submitit/[0-9]*")}
    assert len(arrays) == 2
    assert len(list(tmp_path.glob("sweep/.submitit/*/*_result.pkl"))) == MOST_JOBS + 1
    assert (tmp_path / f"sweep/{MOST_JOBS}/report.html").is_file()


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
