"""A job from its settings to its page: the pipeline, training, folders of runs, clusters.

The names load on first use, so that a command answers --help before torch is loaded.
"""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..extras import lazy

if TYPE_CHECKING:
    from .command_line import (
        MISUSE,
        add_store,
        add_trust,
        check_alone,
        one_line,
        parser_of,
        spell_out,
        tell,
        user_errors,
    )
    from .finished import SAME_PAGE, decided_by, finished_page, note_finished
    from .folders import (
        FINDINGS,
        FINISHED_JOB,
        HYDRA,
        SWEEP,
        begin,
        command_of,
        failures,
        folders_in,
        in_order,
        jobs_in,
        note_failure,
        overrides_of,
        read_yaml,
    )
    from .job import Job
    from .networks import is_fitted, kept_network
    from .pipeline import run
    from .runs import findings_in, findings_of_job, finished_in, names_of
    from .settings import built, check_share, checked, complete
    from .slurm_step import queued_again, run_in_first, tasks
    from .sweep import SweepReport

# Threads that wait for each other sleep instead of spinning: on busy cores a training step took
# three to seven times the CPU time with spinning. It must be set before torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# On a cluster HOME may be read-only; matplotlib keeps a list of fonts there.
if not os.access(Path.home(), os.W_OK):
    os.environ.setdefault("MPLCONFIGDIR", str(Path(tempfile.gettempdir()) / "ecglens-matplotlib"))

__getattr__, __dir__, __all__ = lazy(__name__)
