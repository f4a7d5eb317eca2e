"""The machine, the versions and the day, in words that name nobody."""

import os
import platform
import re
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch
from ecglens.datamodules.preparation.workers import cores
from ecglens_reproductions.provenance import commit

PACKAGES = ("ecglens", "torch", "captum", "quantus", "numpy", "scipy")
CPUINFO = Path("/proc/cpuinfo")


def facts() -> dict[str, str]:
    """What the times depend on beside the code."""
    return {
        "date": date.today().isoformat(),
        "commit": commit(),
        "processor": f"{processor()}, {cores()} cores",
        "memory": memory(),
        "GPU": torch.cuda.get_device_name() if torch.cuda.is_available() else "none",
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: installed(name) for name in PACKAGES},
    }


def processor() -> str:
    """The model's name, with family and model where the name alone says little."""
    if not CPUINFO.exists():
        return platform.processor() or platform.machine()
    found = dict(re.findall(r"^(model name|cpu family|model)\s*: (.+)$", CPUINFO.read_text(), re.M))
    if "model name" not in found:
        return platform.machine()
    return f"{found['model name']} (family {found['cpu family']}, model {found['model']})"


def memory() -> str:
    """Of the whole machine."""
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def installed(package: str) -> str:
    """The version of a package, or that it is not there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
