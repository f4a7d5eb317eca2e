"""Test a network, explain it, score every method, and leave a report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd
import pytorch_lightning as pl
import torch
from pytorch_lightning.loggers import WandbLogger

from ..datamodules.may_leave import all_may_leave
from ..ecg import LEADS
from ..eval import AttributionCallback, Result, rank
from ..models import Fitting
from ..report import check_network, installed_versions, log_to_wandb, write_report
from . import external
from .fit import as_it_is, fitted, full_precision, training_module
from .job import EXTERNAL, Job, built

RESULTS = "results"


def evaluate(job: Job, may_fit: bool) -> None:
    """Run one job to its report; the last line printed is the report's path."""
    full_precision()
    results: list[Result] = []
    beside: dict[str, Any] = {}  # facts of the second data set
    # Before the network: a wrong setting of theirs should not cost a fit.
    callbacks: list[pl.Callback] = [
        AttributionCallback(
            job.methods(),
            protocol,
            n_ecgs=job.config["ecgs"],
            seed=job.config["seed"],
            store=job.store,
            gallery=job.config["gallery"],
            publish=[lambda result: results.append(_saved(result, job, beside))],
        )
        for protocol in job.protocols()
    ]
    if job.external is not None:
        _ = job.external.cohort.parts  # without labels there it should not cost a fit either
    if not all_may_leave(job.config["data"]):
        _ = job.names.key  # one that may not be read should not either
    module = _network(job, may_fit)
    beside |= external.tested(job, module)
    trainer = pl.Trainer(
        accelerator=job.config["trainer"]["accelerator"],
        devices=1,
        inference_mode=False,  # methods need gradients
        callbacks=callbacks,
        logger=job.loggers,
        enable_model_summary=False,
        enable_checkpointing=False,
    )
    trainer.test(module, datamodule=job.data, verbose=False)
    page = write_report(results, job.folder, job.names)
    for logger in job.loggers:
        if isinstance(logger, WandbLogger):
            log_to_wandb(results, job.folder, run=logger.experiment)
            logger.experiment.finish()  # the next job of a sweep opens its own
    print_rankings(results)
    print(page.resolve())


def _network(job: Job, may_fit: bool) -> Fitting:
    own = job.config["network"]
    if own["_target_"] is None:
        return fitted(job, may_fit)
    net = built(own, "network")
    check_network(net, torch.zeros(2, len(LEADS), job.config["input"]["samples"]))
    # Scaled by 1 on both sides: the user's network reads µV and returns the target's unit.
    return training_module(job, as_it_is(job, net, x_scale=1.0)).eval()


def _saved(result: Result, job: Job, beside: Mapping[str, Any]) -> Result:
    facts = {**result.facts, "settings": job.config, "versions": installed_versions()}
    if beside:
        facts[EXTERNAL] = dict(beside)
    whole = replace(result, facts=facts)
    whole.save(job.folder / RESULTS / result.scores.protocol.name)
    return whole


def saved_results(folder: Path) -> list[Result]:
    """The results of all jobs of a sweep, in the order of their folders."""
    found = folder.glob(f"*/{RESULTS}/*/result.json")
    by_job = sorted(found, key=lambda path: (int(path.parents[2].name), path.parent.name))
    return [Result.load(path.parent) for path in by_job]


def print_rankings(results: Sequence[Result]) -> None:
    """Print each ranking as a table with its answer."""
    for result in results:
        ranking = rank(result)
        columns = ["method", "auc", "low", "high", "difference_low", "beats_controls", "rank"]
        if len(result.scores.methods) < 2:
            columns.remove("rank")  # ranks exist only where methods are gathered
        print(f"\n{result.target.name} ({result.input}, {result.scores.protocol.name})")
        shown = ranking.table[columns].map(_shown)
        print(shown.to_string(index=False))
        print(ranking.sentence)


def _shown(value: object) -> object:
    """Three digits of a number; nothing for what a control does not have."""
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.3g}"
    return "" if value is pd.NA else value
