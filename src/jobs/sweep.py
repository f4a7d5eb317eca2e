"""One report over all jobs of a sweep, written when the last one has ended."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from .command_line import tell

if TYPE_CHECKING:
    from ..store import Store


class SweepReport(Callback):
    """Callback of Hydra that gathers the findings of all jobs into one report.

    Jobs that failed are named, and `failed` then says to the process that there were some.
    """

    failed = False
    folder = Path()

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Keep the folder of the sweep, for what is said where it never ends."""
        SweepReport.folder = Path(config.hydra.sweep.dir)

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Write the report beside the jobs; the last line printed is its path."""
        from ..store import Store
        from .finished import decided_by_jobs, finished_page, note_finished
        from .folders import failures, jobs_in

        folder, store = Path(config.hydra.sweep.dir), Store.at(config.store)
        jobs = jobs_in(folder)
        for line in failures(jobs):
            SweepReport.failed = True
            tell(line, file=sys.stderr)
        decided = decided_by_jobs(job.folder for job in jobs)
        page = finished_page(folder, decided, store.root)
        if page is None:
            page = self._report(folder, store)
            note_finished(folder, decided, store.root)
        if page is not None:
            print(page.resolve())

    @staticmethod
    def _report(folder: Path, store: "Store") -> Path | None:
        """The page over the findings in the folder, sent to W&B; None where there are none."""
        from ..report import Pseudonyms, write_report
        from .folders import jobs_in
        from .runs import findings_in
        from .sweep_run import send_sweep

        jobs = jobs_in(folder)
        by_job = {job.folder: findings_in(job.folder) for job in jobs}
        found = {folder: findings for folder, findings in by_job.items() if findings}
        if not found:
            return None
        names = Pseudonyms(store)
        page = write_report([each for several in found.values() for each in several], folder, names)
        send_sweep(found, page, names, jobs[0].command.split()[1])
        return page
