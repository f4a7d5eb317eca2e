"""Jobs of a sweep as Slurm's queue has them: waited for on clusters with and without accounting.

submitit asks `sacct`, which answers on clusters with accounting alone, and there every ten minutes
at last; it also ends a sweep at the first job that was lost, without waiting for the others.
"""

import os
import re
import subprocess
import time
from dataclasses import dataclass
from typing import Any, ClassVar

from hydra.core.utils import JobReturn, JobStatus
from submitit.core.core import InfoWatcher
from submitit.core.utils import UncompletedJobError
from submitit.slurm import slurm

from ..store import say_once

# One question for all jobs of the user; Slurm asks not to poll in a tight loop.
POLL_S = 10
# A preempted job leaves the list of running jobs for a moment before it is queued again, and a
# result takes its time to be seen over a network disk.
SETTLE_S = 10
# States that a job does not leave by itself; PREEMPTED is queued again, if at all, before SETTLE_S.
ENDED = frozenset({
    "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY",
    "PREEMPTED", "TIMEOUT",
})  # fmt: skip
# Slurm forgets a job five minutes after its end (MinJobAge).
FORGOTTEN = "FORGOTTEN"


@dataclass(frozen=True)
class LostJob:
    """A job that Slurm ended before it left a result; `settings` are those of the sweep for it."""

    id: str
    why: str
    settings: tuple[str, ...]


def heed_queue() -> None:
    """Let submitit wait for jobs by `squeue`, and name the lost ones in `QueuedJob.lost`."""
    QueuedJob.lost.clear()
    for place, name in ((slurm, "SlurmJob"), (slurm.SlurmExecutor, "job_class")):
        setattr(place, name, QueuedJob)


def longest_array() -> int | None:
    """Number of jobs that an array of this cluster may have; None where Slurm does not say."""
    told = subprocess.run(["scontrol", "show", "config"], capture_output=True, text=True)
    found = re.search(r"^MaxArraySize\s*=\s*(\d+)", told.stdout, re.MULTILINE)
    return int(found[1]) if found else None


class Queue(InfoWatcher):
    """States of the jobs of this user, from one call of `squeue` for all."""

    def __init__(self) -> None:
        super().__init__(POLL_S)
        self._ended_at: dict[str, float] = {}

    def update(self) -> None:
        """Ask for all states; nothing is concluded while Slurm's controller does not answer."""
        command = ["squeue", "--noheader", "--array", "--states=all", "--format=%i|%T|%r"]
        asked = subprocess.run([*command, f"--user={os.getuid()}"], capture_output=True, text=True)
        self._last_status_check = now = time.time()
        if asked.returncode:
            return
        answers = [line.split("|", 2) for line in asked.stdout.splitlines()]
        listed = {job: (state, reason) for job, state, reason in answers}
        for job in self._registered:
            state, reason = listed.get(job, (FORGOTTEN, ""))
            self._info_dict[job] = {"State": state}
            if state in ENDED or state == FORGOTTEN:
                self._ended_at.setdefault(job, now)
            else:
                self._ended_at.pop(job, None)
            if "held" in reason.lower():
                say_once(
                    f"Slurm holds job {job} ({reason}): `scontrol release {job}` lets it go on, "
                    f"`scancel {job}` ends it"
                )

    def is_done(self, job_id: str, mode: str = "standard") -> bool:
        """True if the job has ended for so long that it will not be queued again."""
        self.update_if_long_enough(mode)
        ended_at = self._ended_at.get(job_id)
        return ended_at is not None and self._last_status_check - ended_at >= SETTLE_S

    def get_state(self, job_id: str, mode: str = "standard") -> str:
        """State in the words of Slurm."""
        return self.get_info(job_id, mode).get("State", "UNKNOWN")


class QueuedJob(slurm.SlurmJob[Any]):
    """A job that, when it is lost, lets the sweep go on."""

    watcher = Queue()
    lost: ClassVar[dict[str, LostJob]] = {}  # by number; each task of a job finds it lost

    def results(self) -> list[Any]:
        """What the tasks of the job gave back; of a lost one, nothing."""
        self.wait()
        state = self.watcher.get_state(self.job_id, "cache")
        if state not in ("COMPLETED", FORGOTTEN):
            self._results_timeout_s = 1  # no result to wait for on a slow disk
        try:
            return super().results()
        except UncompletedJobError:
            logs = any(self.paths.folder.glob("*_log.*"))
            why = f"Slurm ended job {self.job_id} ({state.lower()}" + (
                f"); its log is in {self.paths.folder}" if logs else ") before it began"
            )
            settings = tuple(self.submission().args[0])
            self.lost[self.job_id] = LostJob(self.job_id, why, settings)
            # Hydra would end the sweep at a job that failed.
            return [JobReturn(status=JobStatus.COMPLETED)]
