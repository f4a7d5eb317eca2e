"""A real Slurm on this machine, in one folder: munged, slurmctld and two nodes."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol")
# Names that resolve, as Lightning connects to the first node by its name.
NODES = ("127.0.0.1", "127.0.0.2")
START_S = 120
# Slurm kills what has not ended so long after SIGTERM.
KILL_WAIT_S = 30
CONF = """
ClusterName=tests
SlurmctldHost={host}
SlurmctldPort={controller}
SlurmUser=root
SlurmdUser=root
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
KillWait={kill_wait}
ReturnToService=2
SchedulerParameters=sched_interval=1,bf_interval=1
{nodes}
PartitionName=main Nodes=ALL Default=YES State=UP MaxTime=INFINITE
"""


def missing() -> list[str]:
    """Programs that a Slurm of one machine lacks here."""
    return [name for name in NEEDED if shutil.which(name) is None]


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """Two nodes of two CPUs each while the block runs; SLURM_CONF in the environment names them.

    Raises TimeoutError with what they said when they do not start.
    """
    folder.chmod(0o755)
    for name in ("state", *(f"spool-{node}" for node in NODES)):
        (folder / name).mkdir()
    (folder / "slurm.conf").write_text(_conf(folder))
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o400)
    munged = ["munged", "-F", "--force", f"--key-file={key}", f"--socket={folder}/munge.socket"]
    munged += [f"--{name}-file={folder}/munge.{name}" for name in ("pid", "seed", "log")]
    commands = [munged, ["slurmctld", "-D"], *(["slurmd", "-D", "-N", node] for node in NODES)]
    os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
    processes = []
    try:
        for command in commands:
            with (folder / "output").open("a") as output:
                processes.append(subprocess.Popen(command, stdout=output, stderr=output))
            until = time.monotonic() + START_S  # slurmctld gives up soon without the socket
            while not (folder / "munge.socket").exists() and time.monotonic() < until:
                time.sleep(0.1)
            time.sleep(0.5)  # each needs the one before
        _wait_for_nodes(folder)
        yield
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait()
        del os.environ["SLURM_CONF"]


def _conf(folder: Path) -> str:
    host = socket.gethostname()
    controller, *ports = _free_ports(1 + len(NODES))
    nodes = "\n".join(
        f"NodeName={node} NodeHostname={host} NodeAddr={node} Port={port} CPUs=2 RealMemory=1000"
        for node, port in zip(NODES, ports, strict=True)
    )
    return CONF.format(
        host=host, controller=controller, folder=folder, nodes=nodes, kill_wait=KILL_WAIT_S
    )


def _free_ports(n: int) -> list[int]:
    sockets = [socket.socket() for _ in range(n)]
    for each in sockets:
        each.bind(("", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _wait_for_nodes(folder: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        found = subprocess.run(["sinfo", "-h", "-N", "-o", "%T"], capture_output=True, text=True)
        if found.stdout.split() == ["idle"] * len(NODES):
            return
        time.sleep(0.2)
    raise TimeoutError(f"Slurm did not start within {START_S} s: {(folder / 'output').read_text()}")
