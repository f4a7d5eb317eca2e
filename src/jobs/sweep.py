"""One report over all jobs of a sweep, written when the last one has ended."""

import shlex
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig, OmegaConf, read_write

from .command_line import one_line, tell

if TYPE_CHECKING:
    from ..store import Store
    from .folders import EndedJob, Written


class SweepReport(Callback):
    """Callback of Hydra that gathers the findings of all jobs into one report.

    It also makes the folder of a run or sweep, so that no other has it.
    Jobs that failed are named, and `failed` then says to the process that there were some.
    """

    failed = False
    folder = Path()
    before: "Written" = frozenset()

    def on_run_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Make the folder of the run."""
        _make_own(config, "run")

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Keep the folder of the sweep, for what is said where it never ends, and its jobs."""
        from .folders import written

        _make_own(config, "sweep")
        SweepReport.folder = Path(config.hydra.sweep.dir)
        SweepReport.before = written(SweepReport.folder)
        if _under_slurm(config):
            from .slurm_queue import heed_queue, longest_array

            heed_queue()
            # One array after the other where the sweep has more jobs than an array may have.
            with read_write(config.hydra):
                sweeper = config.hydra.sweeper
                sweeper.max_batch_size = sweeper.max_batch_size or longest_array()

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Write the report beside the jobs; the last line printed is its path."""
        try:
            self._gather(config)
        except Exception as problem:
            SweepReport.failed = True  # Hydra makes a warning of it, and status 0
            if not isinstance(problem, ValueError | OSError):
                raise
            tell(one_line(problem), file=sys.stderr)

    def _gather(self, config: DictConfig) -> None:
        from ..store import Store
        from .finished import decided_by_jobs, finished_page, note_finished
        from .folders import failures, jobs_in

        folder, store = Path(config.hydra.sweep.dir), Store.at(config.store)
        if _under_slurm(config) and not _note_lost(config, folder):
            return  # no job has begun
        jobs = jobs_in(folder, self.before)
        for line in failures(jobs):
            SweepReport.failed = True
            tell(line, file=sys.stderr)
        decided = decided_by_jobs(job.folder for job in jobs)
        page = finished_page(folder, decided, store.root)
        if page is None:
            page = self._report(folder, store, jobs)
            note_finished(folder, decided, store.root)
        if page is not None:
            print(page.resolve())

    @staticmethod
    def _report(folder: Path, store: "Store", jobs: "list[EndedJob]") -> Path | None:
        """The page over the findings of the jobs, sent to W&B; None where there are none."""
        from ..report import Pseudonyms, write_report
        from .folders import forget_page
        from .loggers import send_sweep
        from .runs import findings_of_job

        by_job = {job.folder: findings_of_job(job.folder) for job in jobs}
        found = {folder: findings for folder, findings in by_job.items() if findings}
        if not found:
            return None
        forget_page(folder)
        names = Pseudonyms(store)
        page = write_report([each for several in found.values() for each in several], folder, names)
        send_sweep(found, page, names, jobs[0].command.split()[1])
        return page


def _make_own(config: DictConfig, kind: str) -> None:
    """Make the folder of a run or sweep that is named by the time, with -2, … where it is there.

    One of another name is not made: the user goes on in it.
    """
    from ..store import quoted

    named = config.hydra[kind]
    plain: Any = OmegaConf.to_container(named, resolve=False)
    if "${now:" not in plain["dir"]:
        return
    first = folder = str(named.dir)
    for number in count(2):
        try:
            Path(folder).mkdir(parents=True)
            break
        except OSError:
            if not Path(folder).is_dir():
                return  # Hydra says why
            folder = f"{first}-{number}"
    if folder != first:
        with read_write(config.hydra):
            named.dir = folder
            # Settings of a job are composed again from the words of the command.
            config.hydra.overrides.hydra.append(f"hydra.{kind}.dir={quoted(folder)}")


def _under_slurm(config: DictConfig) -> bool:
    launcher = OmegaConf.select(config, "hydra.launcher._target_", default="")
    return str(launcher).endswith(".SlurmLauncher")


def _note_lost(config: DictConfig, folder: Path) -> bool:
    """Note the jobs that Slurm ended; False where no job of the sweep has begun.

    The reason is left in the folder of a job that has begun, and printed for any other.
    """
    from .folders import HYDRA, command_words, note_failure, read_yaml, written
    from .slurm_queue import QueuedJob

    begun = [path.parent.parent for path, _ in written(folder) - SweepReport.before]
    jobs = {read_yaml(job / HYDRA / "hydra.yaml")["hydra"]["job"].get("id"): job for job in begun}
    for job in QueuedJob.lost.values():
        SweepReport.failed = True
        if job.id in jobs:
            note_failure(jobs[job.id], job.why, RuntimeError(job.why))
        else:
            command = shlex.join(command_words(config.hydra, job.settings))
            tell(f"failed: {job.why}\n  repeat: {command}", file=sys.stderr)
    return bool(begun)
