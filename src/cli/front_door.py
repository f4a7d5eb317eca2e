"""From the command line to a task: Hydra, and errors that a user can act on."""

import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import hydra
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from ..jobs import (
    MISUSE,
    SweepReport,
    begin,
    note_failure,
    queued_again,
    run_in_first,
    spell_out,
    tasks,
    tell,
)
from ..registry import config_folder
from .own_configs import find_own_configs, search_installed
from .wrong_settings import check_options, spoken

# What a wrong setting, name or file raises; anything else is our own fault and keeps its traceback.
USERS_OWN = (ValueError, OSError, ImportError, HydraException, OmegaConfBaseException)
JOB_FAILED = 1  # status of a sweep in which a job failed


def enter(task: Callable[[DictConfig], None], config_name: str) -> None:
    """Run `task` under Hydra with the words of the command line.

    A user's mistake ends the process with one line and status 2; Ctrl-C and SIGTERM end it with
    the shell's status. HYDRA_FULL_ERROR=1 shows the traceback instead of the line. `task` imports
    what it needs itself, so that --help and a wrong setting are answered before torch is loaded.
    """
    spell_out()
    whole_traceback = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra raises instead of printing; we print
    _heed_signals()
    logging.getLogger("hydra").setLevel(logging.CRITICAL)  # its errors are said once, by us
    run = hydra.main(version_base="1.3", config_path=str(config_folder()), config_name=config_name)
    try:
        check_options()
        find_own_configs()
        run_in_first(run(_noting_failure(task, whole_traceback)))
    except _users_own() as problem:
        if whole_traceback:
            raise
        tell(spoken(problem), file=sys.stderr)
        sys.exit(MISUSE)
    # For a job that was refused, cancelled or killed.
    except _of("submitit.core.utils", "UncompletedJobError") as problem:
        what = ValueError("; ".join(str(problem).splitlines()[:2]))  # an output may follow
        collect = f"ecglens collect {SweepReport.folder}"
        print(
            f"{spoken(what)}; jobs that have begun go on, {collect} gathers them", file=sys.stderr
        )
        sys.exit(JOB_FAILED)
    if SweepReport.failed:
        sys.exit(JOB_FAILED)


def composed(words: Sequence[str]) -> dict[str, Any]:
    """Settings of evaluate.py with these words; ValueError as the command says it."""
    from ..jobs import checked

    GlobalHydra.instance().clear()
    try:
        search_installed()
        with hydra.initialize_config_dir(str(config_folder()), version_base="1.3"):
            return checked(hydra.compose("evaluate", [*words]))
    except (HydraException, OmegaConfBaseException) as problem:
        raise ValueError(spoken(problem).removeprefix("ecglens: ")) from problem


def _noting_failure(
    task: Callable[[DictConfig], None], whole_traceback: bool
) -> Callable[[DictConfig], None]:
    """The task, which leaves its error in the folder of its job.

    A job of a sweep prints it and ends there, so that the other jobs go on.
    """

    def noted(config: DictConfig) -> None:
        _heed_signals()  # a launcher starts processes of its own for jobs
        hydra = HydraConfig.get()
        folder = Path(hydra.runtime.output_dir)
        try:
            _once(partial(_begun, task, config, folder), config, folder)
        except Exception as problem:
            users = isinstance(problem, _users_own())
            line = spoken(problem) if users else f"{type(problem).__name__}: {problem}"
            note_failure(folder, line, problem)
            swept = hydra.mode == RunMode.MULTIRUN
            if users and not whole_traceback:
                tell(line, file=sys.stderr)
                if not swept:
                    sys.exit(MISUSE)  # an error would have Hydra print a line of its own
            elif swept:
                traceback.print_exception(problem)
            else:
                raise

    return noted


def _once(do: Callable[[], None], config: DictConfig, folder: Path) -> None:
    """Do a job, unless it has finished with the same settings, files and code."""
    from ..jobs import complete, decided_by, finished_page, note_finished
    from ..store import Store

    settings = complete(config)
    store = Store.at(settings.get("store", "")).root
    command = HydraConfig.get().job.config_name or ""
    # Several tasks would have to agree on it before the first one begins.
    decided = decided_by(settings, command) if tasks() == 1 else None
    if (page := finished_page(folder, decided, store)) is not None:
        print(f"{page}: finished before, nothing has changed since", file=sys.stderr)
        print(page.resolve())
        return
    _keep_private(config, folder)
    run_in_first(do)
    note_finished(folder, decided, store)


def _begun(task: Callable[[DictConfig], None], config: DictConfig, folder: Path) -> None:
    from ..jobs import FINDINGS, checked

    if "seed" in config:  # of a run; others, such as prepare, have settings of their own
        checked(config)  # a mistyped setting removes nothing
    given, own = OmegaConf.select(config, "fit.start"), folder.resolve()
    start = Path(given or "").expanduser().resolve()
    # begin() would remove it: this run, what lies in its findings, and a folder around this run.
    if given is not None and (own.is_relative_to(start) or start.is_relative_to(own / FINDINGS)):
        raise ValueError(f"expected in fit.start another run than that of {folder}, got {given}")
    begin(folder, config["shard"])
    task(config)


def _keep_private(config: DictConfig, folder: Path) -> None:
    """Let nobody but their owner read files of ECGs that may not leave this machine.

    Hydra has already written the settings, with the path of the data, for anybody.
    """
    from ..datamodules import all_may_leave
    from ..jobs import HYDRA, SWEEP
    from ..store import keep_private

    if not all_may_leave(config["data"]):
        keep_private()
        for kept in (folder / HYDRA, folder.parent / SWEEP):
            if kept.exists():
                kept.chmod(0o700 if kept.is_dir() else 0o600)


def _users_own() -> tuple[type[BaseException], ...]:
    """Errors that a user can mend, among them Lightning's where it is loaded (no GPU there)."""
    return (*USERS_OWN, *_of("lightning_fabric.utilities.exceptions", "MisconfigurationException"))


def _of(module: str, name: str) -> tuple[type[BaseException], ...]:
    """An error's class of a module; none where that is not loaded."""
    return (getattr(sys.modules[module], name),) if module in sys.modules else ()


def _heed_signals() -> None:
    """End this process by Ctrl-C and SIGTERM.

    Not KeyboardInterrupt: Lightning turns it into another status, and SIGTERM into success.
    submitit would have SIGTERM ignored.
    """
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _stop)


def _stop(signum: int, frame: FrameType | None) -> NoReturn:
    resumes = "the same command resumes from here"
    if signum == signal.SIGTERM:
        signal.signal(signum, signal.SIG_IGN)  # queueing again sends one more
        if queued_again():
            resumes = "Slurm has queued it again"
        else:
            signal.signal(signum, _stop)
    print(f"\nstopped; {resumes}", file=sys.stderr)
    status = 128 + signum  # the shell's convention; 0 would let a sweep end in silence
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(status))
    sys.unraisablehook = _exit_later
    sys.exit(status)


def _exit_later(lost: "sys.UnraisableHookArgs") -> None:
    """Ask again for an exit that Python ignored, in a weakref's callback or in `__del__`."""
    if lost.exc_type is SystemExit:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
    else:
        sys.__unraisablehook__(lost)
