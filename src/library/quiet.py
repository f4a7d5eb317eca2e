"""Lightning without what it tells its own developers."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

KNOWN = (
    "Checkpoint directory .* exists and is not empty",  # a fit that goes on
    "`isinstance\\(treespec, LeafSpec\\)` is deprecated",  # Lightning 2.6 on torch 2.13
    "The number of training batches .* is smaller than the logging interval",  # small trials
    "The `srun` command is available",  # on a login node, or before a step begins
    "The '\\w+' does not have many workers",  # batches come from memory-mapped files
)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence Lightning's notes and the KNOWN warnings, and leave its settings as they were."""
    logger = logging.getLogger("pytorch_lightning")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            for known in KNOWN:
                warnings.filterwarnings("ignore", message=f".*{known}")
            yield
    finally:
        logger.setLevel(level)
