"""One report over all jobs of a sweep, written when the last one has ended."""

import sys
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig


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
        from ..report import Pseudonyms, write_report
        from ..store import Store
        from .jobs import failures, jobs_in
        from .runs import findings_in

        folder = Path(config.hydra.sweep.dir)
        for line in failures(jobs_in(folder)):
            SweepReport.failed = True
            print(line, file=sys.stderr)
        findings = findings_in(folder)
        if findings:
            names = Pseudonyms(Store.at(config.store))
            print(write_report(findings, folder, names).resolve())
