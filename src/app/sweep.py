"""One report over all jobs of a sweep, written when the last one has ended."""

from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig


class SweepReport(Callback):
    """Callback of Hydra that gathers the findings of all jobs into one report."""

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        """Write the report beside the jobs; the last line printed is its path."""
        from ..report import Pseudonyms, write_report
        from ..store import Store
        from .runs import findings_in

        folder = Path(config.hydra.sweep.dir)
        findings = findings_in(folder)
        if findings:
            names = Pseudonyms(Store(Path(config.store).expanduser().resolve()))
            print(write_report(findings, folder, names).resolve())
