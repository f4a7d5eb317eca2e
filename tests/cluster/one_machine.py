"""A real Slurm on this machine, in one folder: munged, slurmctld and two nodes."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol")
# Names that resolve, as Lightning connects to the first node by its name.
NODES = ("127.0.0.1", "127.0.0.2")
START_S = 120
# Slurm kills what has not ended so long after SIGTERM.
KILL_WAIT_S = 30
# A node that says nothing for so long is lost; Slurm's default is five minutes.
LOST_S = 30
MOST_JOBS = 3  # of an array
# A preempted job has so long to end by itself.
GRACE_S = 5
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
SlurmdTimeout={lost}
MaxArraySize={most}
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SchedulerParameters=sched_interval=1,bf_interval=1
{nodes}
PartitionName=main Nodes=ALL Default=YES State=UP MaxTime=INFINITE GraceTime={grace}
PartitionName=urgent Nodes=ALL State=UP MaxTime=INFINITE PriorityTier=2
"""


def missing() -> list[str]:
    """Programs that a Slurm of one machine lacks here."""
    return [name for name in NEEDED if shutil.which(name) is None]


class Process(NamedTuple):
    parent: int
    command: str


def processes() -> dict[int, Process]:
    """All that run on this machine, by number."""
    told = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], check=True, capture_output=True)
    lines = [line.split(maxsplit=2) for line in told.stdout.decode(errors="replace").splitlines()]
    return {int(line[0]): Process(int(line[1]), " ".join(line[2:])) for line in lines}


def below(number: int) -> Iterator[int]:
    """The processes that it started, and those that these started."""
    for each, process in processes().items():
        if process.parent == number:
            yield from below(each)
            yield each


@dataclass
class Machine:
    """Daemons in this folder; nodes can be lost and come back."""

    folder: Path
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    nodes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        with (self.folder / "output").open("a") as output:
            self.processes.append(subprocess.Popen(command, stdout=output, stderr=output))
        return self.processes[-1]

    def start_node(self, node: str) -> None:
        self.nodes[node] = self.start("slurmd", "-D", "-N", node)

    def lose_node(self, node: str) -> None:
        """Kill all that Slurm has started on it, as when its power fails."""
        told = subprocess.run(
            ["squeue", "-h", "-w", node, "-o", "%A"], check=True, capture_output=True, text=True
        )
        steps = tuple(f"slurmstepd: [{job}." for job in told.stdout.split())
        self.nodes[node].kill()
        for number, process in processes().items():
            if process.command.startswith(steps):
                for each in (number, *below(number)):
                    with suppress(ProcessLookupError):
                        os.kill(each, signal.SIGKILL)

    def wait_for_nodes(self) -> None:
        """Raise TimeoutError with what the daemons said where nodes are not idle soon."""
        until = time.monotonic() + START_S
        command = ["sinfo", "-h", "-N", "-p", "main", "-o", "%T"]
        while time.monotonic() < until:
            found = subprocess.run(command, capture_output=True, text=True)
            if found.stdout.split() == ["idle"] * len(NODES):
                return
            time.sleep(0.2)
        said = (self.folder / "output").read_text()
        raise TimeoutError(f"Slurm did not start within {START_S} s: {said}")


@contextmanager
def running(folder: Path) -> Iterator[Machine]:
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
    os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
    machine = Machine(folder)
    try:
        machine.start(*munged)
        until = time.monotonic() + START_S  # slurmctld gives up soon without the socket
        while not (folder / "munge.socket").exists() and time.monotonic() < until:
            time.sleep(0.1)
        time.sleep(0.5)  # each needs the one before
        machine.start("slurmctld", "-D")
        for node in NODES:
            time.sleep(0.5)
            machine.start_node(node)
        machine.wait_for_nodes()
        yield machine
    finally:
        for process in reversed(machine.processes):
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
        host=host,
        controller=controller,
        folder=folder,
        nodes=nodes,
        kill_wait=KILL_WAIT_S,
        lost=LOST_S,
        most=MOST_JOBS,
        grace=GRACE_S,
    )


def _free_ports(n: int) -> list[int]:
    sockets = [socket.socket() for _ in range(n)]
    for each in sockets:
        each.bind(("", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
