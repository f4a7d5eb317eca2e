"""What is concluded from the answers of Slurm's commands, read from real ones.

`squeue` and `scontrol` are scripts here, which print what Slurm 22.05 printed; tests/cluster has
Slurm itself.
"""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ecglens.jobs import queued_again
from ecglens.jobs.slurm_queue import SETTLE_S, Queue, longest_array

RUNNING = "JobId=7 ArrayJobId=6 JobState=RUNNING Reason=None PreemptTime={}"
CANCELLED = "JobId=7 ArrayJobId=6 JobState=CANCELLED Reason=None PreemptTime={}"
MOMENT = "2026-11-25T19:41:58"


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let a command of Slurm print this from now on, with this status."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    def says(name: str, text: str, status: int = 0) -> None:
        (tmp_path / f"{name}.txt").write_text(text)
        script = (
            f"#!/bin/sh\necho $@ >> {tmp_path}/asked\ncat {tmp_path}/{name}.txt\nexit {status}\n"
        )
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)

    return says


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let so many seconds pass."""
    now = [1e9]
    monkeypatch.setattr(time, "time", lambda: now[0])

    def passes(seconds: float) -> None:
        now[0] += seconds

    return passes


@pytest.fixture
def queue(slurm: Callable[..., None], clock: Callable[[float], None]) -> Queue:
    slurm("squeue", "6_0|RUNNING|None\n6_1|PENDING|Priority\n")
    found = Queue()
    for job in ("6_0", "6_1"):
        found.register_job(job)
    assert not found.is_done("6_0")
    clock(SETTLE_S + 1)
    return found


@pytest.mark.parametrize("state", ["CANCELLED", "OUT_OF_MEMORY", "NODE_FAIL", "TIMEOUT", None])
def test_a_job_has_ended_when_a_second_answer_says_so(state, queue, slurm, clock):
    line = f"6_0|{state}|None\n" if state else ""  # Slurm forgets a job after some minutes
    slurm("squeue", line + "6_1|RUNNING|None\n")
    assert not queue.is_done("6_0")
    clock(SETTLE_S + 1)
    assert queue.is_done("6_0")
    assert not queue.is_done("6_1")
    assert queue.get_state("6_0", "cache") == (state or "FORGOTTEN")


def test_a_preempted_job_that_is_queued_again_has_not_ended(queue, slurm, clock):
    for state in ("PREEMPTED", "PENDING", "RUNNING", "PREEMPTED"):
        slurm("squeue", f"6_0|{state}|None\n")
        assert not queue.is_done("6_0")
        clock(SETTLE_S + 1)
    assert queue.is_done("6_0")  # cancelled by preemption


def test_nothing_is_concluded_while_the_controller_does_not_answer(queue, slurm, clock):
    slurm("squeue", "", status=1)
    for _ in range(5):
        clock(SETTLE_S + 1)
        assert not queue.is_done("6_0")
    assert queue.get_state("6_0", "cache") == "RUNNING"


def test_all_jobs_are_asked_for_at_once(queue, slurm, tmp_path):
    slurm("squeue", "6_0|RUNNING|None\n6_1|RUNNING|None\n")
    before = len((tmp_path / "asked").read_text().splitlines())
    for _ in range(20):
        assert not queue.is_done("6_0")
        assert not queue.is_done("6_1")
    assert len((tmp_path / "asked").read_text().splitlines()) == before + 1


def test_the_longest_array_is_that_of_the_cluster(slurm):
    slurm("scontrol", "MailProg                = /bin/mail\nMaxArraySize            = 1001\n")
    assert longest_array() == 1001
    slurm("scontrol", "", status=1)
    assert longest_array() is None


@pytest.mark.parametrize(
    ("told", "again"),
    [
        (RUNNING.format(MOMENT), True),
        (RUNNING.format("None"), False),
        (CANCELLED.format(MOMENT), False),
        ("", False),
    ],
    ids=["preempted", "a plain signal", "cancelled", "unknown"],
)
def test_a_job_is_queued_again_where_slurm_preempts_it_alone(
    told, again, slurm, tmp_path, monkeypatch
):
    slurm("scontrol", told)
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setenv("SLURM_PROCID", "0")
    assert queued_again() is again
    assert ("requeue 7" in (tmp_path / "asked").read_text()) is again


def test_nothing_is_asked_outside_slurm_and_by_other_tasks(slurm, tmp_path, monkeypatch):
    slurm("scontrol", RUNNING.format(MOMENT))
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    assert not queued_again()
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    monkeypatch.setenv("SLURM_PROCID", "1")
    assert not queued_again()
    assert not (tmp_path / "asked").exists()
