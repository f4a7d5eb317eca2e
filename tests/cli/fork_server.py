"""Runs front doors in forks of one process, which loads torch once for all of them.

Each line of its input is an order; the answer is the exit status of that fork.
"""

import atexit
import gc
import json
import os
import runpy
import signal
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

# What a job loads anyway, 6 s of CPU time.
LOADED = (
    "ecglens.jobs.pipeline",
    "ecglens_prepare.command",
    "ecglens.cli.train",
    "ecglens.jobs.sweep",
    "ecglens_measure",
    "ecglens_paper.section",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
)

os.fsync = lambda _: None  # as conftest.py has it
LONGEST_S = 1800  # a fork that takes longer hangs, and is ended


def obey(
    script: str, words: Sequence[str], cwd: str, environment: Mapping[str, str], said: Sequence[str]
) -> None:
    """Become `python script words…`, which writes its output and errors to the files `said`.

    A script without an ending is a module: `python -m script words…`.
    """
    signal.alarm(LONGEST_S)
    files = [os.open(os.devnull, os.O_RDONLY)]
    files += [os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC) for path in said]
    for descriptor, file in enumerate(files):
        os.dup2(file, descriptor)
        os.close(file)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    paths = environment.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [os.path.dirname(script), *filter(None, paths)]
    sys.argv = [script, *words]
    sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__
    if script.endswith(".py"):
        runpy.run_path(script, run_name="__main__")
    else:
        runpy.run_module(script, run_name="__main__")


def ended(order: Mapping[str, Any]) -> int:
    """Exit status of an order, after what Python does at the end of a process.

    All but one thing: nothing of what was loaded before the fork is taken apart, 0.4 s.
    """
    status = 0
    try:
        obey(**order)
    except SystemExit as stopped:
        status = stopped.code if isinstance(stopped.code, int) else int(bool(stopped.code))
        if isinstance(stopped.code, str):
            print(stopped.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001 - as Python ends with any error
        traceback.print_exc()
        status = 1
    threading._shutdown()  # pyright: ignore[reportAttributeAccessIssue]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def main() -> None:
    """Fork for each order until the input ends."""
    for name in LOADED:
        import_module(name)
    templates = import_module("ecglens.report.files").environment()
    for name in templates.list_templates(["html"]):
        templates.get_template(name)  # compiled once
    gc.freeze()  # no fork looks at, and so copies, what it has not made
    # Not "for line in sys.stdin": it reads ahead, and a fork would read the rest again.
    while line := os.read(0, 2**20):
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(ended(order))
        _, status = os.waitpid(child, 0)
        os.write(1, f"{os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    main()
