"""Several processes that fit one network together (DDP).

Lightning starts other ranks by running the whole command again, which inside a Hydra sweep runs
the whole sweep again. Here every rank is a small process of its own that knows only its job, so
sweeps, launchers and the store's locks see a single process. In a Slurm step of several tasks each
task starts one rank.
"""

import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lightning_fabric.plugins.environments.cluster_environment import ClusterEnvironment
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from lightning_fabric.plugins.environments.slurm import SLURMEnvironment

from ..library import plain_trainer, quiet
from .slurm_step import POLL_S, rank_command, start_rank, tasks


def devices(trainer: Mapping[str, Any]) -> int:
    """Number of devices on all nodes."""
    return trainer["devices"] * trainer["num_nodes"]


def check(trainer: Mapping[str, Any], batch_size: int) -> None:
    """Raise where the processes of this fit cannot be started or share a batch."""
    wanted, nodes = devices(trainer), trainer["num_nodes"]
    if batch_size % wanted:
        raise ValueError(
            f"expected a fit.batch_size that {wanted} devices can share, got {batch_size}"
        )
    if wanted > 1 and tasks() not in ({wanted} if nodes > 1 else {1, wanted}):
        raise ValueError(
            f"expected a task of the Slurm step for each of {wanted} devices (trainer.devices × "
            f"trainer.num_nodes), got {tasks()}; start it by srun --nodes={nodes} "
            f"--ntasks-per-node={trainer['devices']}"
        )
    with quiet():
        plain_trainer(trainer["accelerator"], devices=trainer["devices"])


def environment(trainer: Mapping[str, Any]) -> ClusterEnvironment:
    """Environment from which Lightning reads the rank of this process.

    Not left to Lightning: a single process, and ranks started by `fit`, inherit the variables of
    the Slurm job that they run in, where all of them are task 0.
    """
    if devices(trainer) == 1 or tasks() == 1:
        return LightningEnvironment()
    # Lightning insists on it, and srun -n2 leaves it out; `check` has compared the number of tasks.
    os.environ.setdefault("SLURM_NTASKS_PER_NODE", str(trainer["devices"]))
    return SLURMEnvironment(auto_requeue=False)


def fit(job_file: Path, devices: int) -> None:
    """Fit the job written in `job_file` with one process per device; wait for all of them.

    Raises RuntimeError when a rank fails; the others are ended with it.
    """
    processes = _local_ranks(job_file, devices) if tasks() == 1 else [start_rank(job_file)]
    try:
        # Not one after the other: the first would wait for one that has died.
        while any(process.poll() is None for process in processes):
            _check(processes, devices)
            time.sleep(POLL_S)
        _check(processes, devices)
    finally:
        for process in processes:
            # Lightning answers SIGTERM by a broadcast, which ranks that have ended never receive.
            process.kill()
            process.wait()


def _local_ranks(job_file: Path, devices: int) -> list[subprocess.Popen[bytes]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {
        **os.environ,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "WORLD_SIZE": str(devices),
        "NODE_RANK": "0",
        # Two spinning OpenMP threads on a busy core can be 10 to 100 times slower than one.
        "OMP_NUM_THREADS": "1",
    }
    command, ranks = rank_command(job_file), map(str, range(devices))
    return [subprocess.Popen(command, env=shared | {"LOCAL_RANK": rank}) for rank in ranks]


def _check(processes: Sequence[subprocess.Popen[bytes]], devices: int) -> None:
    for rank, process in enumerate(processes):
        if process.poll():
            raise RuntimeError(f"rank {rank} of {devices} ended with {process.returncode}")
