"""Test a network, explain it, score every method, and leave a report."""

from collections.abc import Sequence
from pathlib import Path

import pytorch_lightning as pl
from hydra.utils import instantiate

from ..eval import AttributionCallback, Result, rank
from ..models import InUnits, Regression
from ..report import write_report
from .fit import fitted
from .job import Job
from .loggers import loggers

RESULTS = "results"


def evaluate(job: Job, may_fit: bool) -> None:
    """Run one job to its report; the last line printed is the report's path."""
    module = _network(job, may_fit)
    callbacks = [
        AttributionCallback(
            job.methods(),
            protocol,
            n_ecgs=job.config["ecgs"],
            seed=job.config["seed"],
            store=job.store,
            publish=[lambda result: _save(result, job.folder)],
        )
        for protocol in job.protocols()
    ]
    trainer = pl.Trainer(
        accelerator=job.config["trainer"]["accelerator"],
        devices=1,
        inference_mode=False,  # methods need gradients
        callbacks=callbacks,
        logger=loggers(job),
        enable_model_summary=False,
        enable_checkpointing=False,
    )
    trainer.test(module, datamodule=job.data, verbose=False)
    results = saved_results(job.folder)
    page = write_report(results, job.folder)
    print_rankings(results)
    print(page.resolve())


def _network(job: Job, may_fit: bool) -> Regression:
    own = job.config["network"]
    if own["_target_"] is None:
        return fitted(job, may_fit)
    # Scaled by 1 on both sides: the user's network reads µV and returns the target's unit.
    return Regression(InUnits(instantiate(own), x_scale=1.0)).eval()


def _save(result: Result, folder: Path) -> None:
    result.save(folder / RESULTS / result.scores.protocol.name)


def saved_results(folder: Path) -> list[Result]:
    """The results of a run or of all jobs of a sweep, in the order of their folders."""
    return [Result.load(path.parent) for path in sorted(folder.rglob(f"{RESULTS}/*/result.json"))]


def print_rankings(results: Sequence[Result]) -> None:
    """Print each ranking as a table with its answer."""
    for result in results:
        ranking = rank(result)
        columns = ["method", "auc", "low", "high", "difference_low", "beats_controls", "rank"]
        print(f"\n{result.target.name} ({result.input}, {result.scores.protocol.name})")
        print(ranking.table[columns].to_string(index=False, float_format="{:.3g}".format))
        print(ranking.sentence)
