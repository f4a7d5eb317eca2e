"""From the command line to a task: Hydra, and errors a person can act on."""

import logging
import os
import signal
import sys
import warnings
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import hydra
from hydra.errors import HydraException
from lightning_fabric.utilities.exceptions import MisconfigurationException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from ..explain import config_folder
from .errors import one_line

# What a wrong setting, name or file raises; anything else is our own fault and keeps its traceback.
USERS_OWN = (
    ValueError,
    OSError,
    ImportError,
    HydraException,
    OmegaConfBaseException,
    MisconfigurationException,  # no GPU there
)


def enter(task: Callable[[DictConfig], None], config_name: str) -> None:
    """Run `task` under Hydra with the words of the command line.

    Ends the process with one clear line for a mistake of the user's (status 2), and with the
    shell's status for Ctrl-C and SIGTERM. HYDRA_FULL_ERROR=1 shows the whole traceback instead.
    """
    whole_traceback = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra raises instead of printing; we print
    # Not KeyboardInterrupt: Lightning turns it into another status, and SIGTERM into success.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _stop)
    _quieten()
    run = hydra.main(version_base="1.3", config_path=str(config_folder()), config_name=config_name)
    try:
        run(task)()
    except USERS_OWN as problem:
        if whole_traceback:
            raise
        print(one_line(problem), file=sys.stderr)
        sys.exit(2)


def _quieten() -> None:
    """Leave out what libraries say to their own developers; our lines and errors stay readable."""
    logging.getLogger("pytorch_lightning").setLevel(logging.WARNING)
    logging.getLogger("hydra").setLevel(logging.CRITICAL)  # its errors are said once, by us
    for known in (
        "Checkpoint directory .* exists and is not empty",  # a fit that goes on
        "`isinstance\\(treespec, LeafSpec\\)` is deprecated",  # Lightning 2.6 on torch 2.13
        "The number of training batches .* is smaller than the logging interval",  # small trials
        "The '\\w+' does not have many workers",  # batches come from memory-mapped files
    ):
        warnings.filterwarnings("ignore", message=known)


def _stop(signum: int, frame: FrameType | None) -> NoReturn:
    print("\nstopped; the same command goes on from here", file=sys.stderr)
    sys.exit(128 + signum)  # the shell's convention; 0 would let a sweep end in silence
