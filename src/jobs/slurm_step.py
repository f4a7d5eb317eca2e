"""This process as a task of a Slurm step, as `srun --ntasks-per-node=2 ecglens train …` starts it.

Slurm starts the whole command once per task. The first task runs it; the others take part in each
of its fits and do nothing else, so that sweeps, run folders and the store see a single process.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.distributed import TCPStore  # pyright: ignore[reportPrivateImportUsage]

POLL_S = 0.2  # a fit takes minutes
# Below the ports that systems give to clients, above those of Slurm and of Lightning's ranks.
FIRST_PORT, PORTS = 25_000, 7_000
END_S = 20  # for the other tasks to see the end; Slurm kills 30 s after SIGTERM
PREEMPTED = re.compile(r"\bJobState=RUNNING\b.*\bPreemptTime=\d")
# In the first task, while it runs: its orders to the others, the job of each fit and an empty one.
_ORDERS: list["TCPStore"] = []


def tasks() -> int:
    """Number of tasks of this step; 1 outside Slurm and in a batch script, which is no step."""
    return int(os.environ.get("SLURM_STEP_NUM_TASKS", 1))


def queued_again() -> bool:
    """Queue this job again if Slurm is preempting it; True if it did so.

    A partition may give a preempted job time to end (GraceTime): it gets SIGTERM, and Slurm would
    count it as failed, not queue it again, if it ended then. SIGTERM by scancel finds it cancelled.
    """
    job = os.environ.get("SLURM_JOB_ID")
    if job is None or os.environ.get("SLURM_PROCID") != "0":
        return False
    show, again = ["scontrol", "--oneliner", "show", "job", job], ["scontrol", "requeue", job]
    try:
        told = subprocess.run(show, capture_output=True, text=True).stdout
        return bool(PREEMPTED.search(told)) and not subprocess.run(again).returncode
    except OSError:  # a container without Slurm's commands
        return False


def run_in_first(run: Callable[[], None]) -> None:
    """Call `run` in the first task; the others follow it until it ends.

    Raises RuntimeError in the others when the first one dies.
    """
    if tasks() == 1 or _ORDERS:
        run()
    elif os.environ["SLURM_PROCID"] == "0":
        with _leading():
            run()
    else:
        _follow()


def start_rank(job_file: Path) -> subprocess.Popen[bytes]:
    """The first task's rank of this fit; the other tasks are told to start theirs."""
    _order(str(job_file))
    return subprocess.Popen(rank_command(job_file), env={**os.environ, "OMP_NUM_THREADS": "1"})


def rank_command(job_file: Path | str) -> list[str]:
    """Command of one process of a distributed fit."""
    return [sys.executable, "-P", "-m", f"{__package__}.ddp_worker", str(job_file)]


@contextmanager
def _leading() -> Iterator[None]:
    orders = _connection(first=True)
    _ORDERS.append(orders)
    try:
        yield
    finally:
        _order("")
        # The orders end with this process. A task that was killed never reads the last one.
        until = time.monotonic() + END_S
        ended = [f"ended {task}" for task in range(1, tasks())]
        while not orders.check(ended) and time.monotonic() < until:
            time.sleep(POLL_S)
        _ORDERS.clear()


def _order(text: str) -> None:
    (orders,) = _ORDERS
    orders.set(f"order {orders.add('orders', 1)}", text)


def _follow() -> None:
    orders = _connection(first=False)
    for number in count(1):
        while not orders.check([f"order {number}"]):  # get() would wait without hearing signals
            time.sleep(POLL_S)
        job_file = orders.get(f"order {number}").decode()
        if not job_file:
            break
        # A rank that fails is felt by that of the first task, which says so.
        subprocess.run(rank_command(job_file), env={**os.environ, "OMP_NUM_THREADS": "1"})
    orders.set(f"ended {os.environ['SLURM_PROCID']}", "")


def _connection(first: bool) -> "TCPStore":
    from lightning_fabric.plugins.environments.slurm import SLURMEnvironment
    from torch.distributed import TCPStore  # pyright: ignore[reportPrivateImportUsage]

    address = SLURMEnvironment.resolve_root_node_address(os.environ["SLURM_STEP_NODELIST"])
    port = FIRST_PORT + int(os.environ["SLURM_JOB_ID"]) % PORTS
    return TCPStore(address, port, is_master=first, wait_for_workers=False)
