"""Several processes that fit one network together (DDP).

Lightning starts other ranks by running the whole command again, which inside a Hydra sweep runs
the whole sweep again. Here every rank is a small process of its own that knows only its job, so
sweeps, launchers and the store's locks see a single process.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

POLL_S = 0.2  # a fit takes minutes


def fit(job_file: Path, devices: int) -> None:
    """Fit the job written in `job_file` with one process per device; wait for all of them.

    Raises RuntimeError when a rank fails; the others are ended with it.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {
        **os.environ,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "WORLD_SIZE": str(devices),
        # Two spinning OpenMP threads on a busy core can be 10 to 100 times slower than one.
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-m", f"{__package__}.rank", str(job_file)]
    processes = [
        subprocess.Popen(command, env=shared | {"LOCAL_RANK": str(rank), "NODE_RANK": "0"})
        for rank in range(devices)
    ]
    try:
        # Not one after the other: the first would wait for one that has died.
        while any(process.poll() is None for process in processes):
            _check(processes)
            time.sleep(POLL_S)
        _check(processes)
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def _check(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for rank, process in enumerate(processes):
        if process.poll():
            raise RuntimeError(f"rank {rank} of {len(processes)} ended with {process.returncode}")
