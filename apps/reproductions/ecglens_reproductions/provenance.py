"""Provenance of a result: what it depends on beside its settings, and its cost."""

import platform
import re
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
# A path from outside the working folder: a word, or a value, an item or an entry within one. A word
# that begins with ~ but no ~/ takes a setting away.
PATH = re.compile(r"""(^|[=:,\[({]\s*)['"]?(?:/|\.\.(?=/|$)|~(?=/|$)|(?<!^)~)[^,})\]]*""")


@dataclass(frozen=True)
class Cost:
    """A clock of wall time and of the CPU time of processes that were started and have ended."""

    wall: float = field(default_factory=time.monotonic)
    cpu: float = field(default_factory=lambda: _cpu_seconds())

    def words(self) -> str:
        """Since the clock was started; less where results were read from the store."""
        wall, cpu = time.monotonic() - self.wall, _cpu_seconds() - self.cpu
        return f"{wall / 60:.1f} min, {cpu / 60:.1f} CPU min"


def provenance() -> dict[str, str]:
    """Command, commit, versions and machine, in words that name nobody: no folder of theirs."""
    from ecglens.datamodules import cores
    from ecglens.report import installed_versions

    return {
        "Command": without_folders(["ecglens", *sys.argv[0].split()[1:], *sys.argv[1:]]),
        "Commit": commit(),
        "Versions": ", ".join(f"{name} {each}" for name, each in installed_versions().items()),
        "Machine": f"{processor()}, {cores()} cores, {platform.system()}",
    }


def without_folders(words: Sequence[str]) -> str:
    """Command of these words, FOLDER in place of each path from outside the working folder."""
    return shlex.join(PATH.sub(r"\1FOLDER", each) for each in words)


def commit() -> str:
    """Commit of the code, "-dirty" with uncommitted changes; "unknown" for an installed package."""
    own = Path(__file__)  # installed packages may lie in the folder of any project
    known = ["git", "ls-files", "--error-unmatch", own.name]
    words = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        for each in (known, words):
            done = subprocess.run(each, cwd=own.parent, capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def processor() -> str:
    """Name of the processor, with the numbers of its family and model where they are known.

    Under one name a cloud has several makes, of which some have wider sums than others: networks
    that were fitted on them differ.
    """
    if not CPUINFO.exists():
        return platform.processor() or platform.machine()
    told = CPUINFO.read_text(encoding="utf-8")
    name, *numbers = (
        re.search(rf"^{field}\s*: (.+)$", told, re.M)
        for field in ("model name", "cpu family", "model")
    )
    if name is None:
        return platform.machine()
    known = [found[1] for found in numbers if found is not None]
    return f"{name[1]} (family {known[0]}, model {known[1]})" if len(known) == 2 else name[1]


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
