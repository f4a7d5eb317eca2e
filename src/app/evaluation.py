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

from ..datamodules import all_may_leave
from ..ecg import LEADS
from ..eval import Answer, AttributionCallback, Protocol, Result, rank
from ..models import Fitting
from ..report import (
    check_network,
    installed_versions,
    log_to_wandb,
    on_trial,
    same_but_seed,
    write_report,
)
from . import external
from .experiments import ANSWERS, check, run
from .finished import in_order
from .fit import as_it_is, fitted, full_precision, training_module
from .inapplicable import check_any_answered, none_applies
from .job import EXTERNAL, Job, built

RESULTS = "results"


def evaluate(job: Job, may_fit: bool) -> None:
    """Run one job to its report; the last line printed is the report's path."""
    full_precision()
    protocols, experiments = job.evaluations()
    if not protocols and (reasons := none_applies(job, experiments)):
        _publish(job, [], reasons)
        return
    results: list[Result] = []
    jobs = _of_each_seed(job)
    besides: list[dict[str, Any]] = [{} for _ in jobs]  # facts of the second data set
    # Before the networks: a wrong setting of theirs should not cost a fit.
    callbacks = [
        _callbacks(each, protocols, job.folder, beside, results)
        for each, beside in zip(jobs, besides, strict=True)
    ]
    if job.external is not None:
        _ = job.external.cohort.parts  # without labels there it should not cost a fit either
    if not all_may_leave(job.config["data"]):
        _ = job.names.key  # one that may not be read should not either
    modules = [network_of(each, may_fit) for each in jobs]
    check(job, experiments, modules[0].net)
    for each, module, beside, own in zip(jobs, modules, besides, callbacks, strict=True):
        beside |= external.tested(job, module)
        _test(each, module, own)
    nets = [module.net.eval() for module in modules]
    answers = run(job, experiments, nets, _facts(job, job.data.facts, besides[0]), may_fit)
    _publish(job, results, answers)


def _publish(job: Job, results: Sequence[Result], answers: Sequence[Answer]) -> None:
    """Leave the report, tell it, and end as `check_any_answered` says."""
    page = write_report(results, job.folder, job.names, answers)
    for logger in job.loggers:
        if isinstance(logger, WandbLogger):
            log_to_wandb(results, job.folder, run=logger.experiment, answers=answers)
            logger.experiment.finish()  # the next job of a sweep opens its own
    print_rankings(results)
    for answer in answers:
        print(f"\n{answer.finding.experiment}: {answer.finding.sentence}")
    print(page.resolve())
    if not results:
        check_any_answered(job, answers)


def _of_each_seed(job: Job) -> list[Job]:
    """The job, then those of its other seeds."""
    others = [job.beside(f"seed-{seed}", seed=seed) for seed in job.seeds[1:]]
    if others and job.config["network"]["_target_"] is not None:
        raise ValueError(
            "expected one seed for a network of your own, which is not trained here, "
            f"got seed={list(job.seeds)}"
        )
    return [job, *others]


def _callbacks(
    job: Job,
    protocols: Sequence[Protocol],
    folder: Path,
    beside: Mapping[str, Any],
    results: list[Result],
) -> list[pl.Callback]:
    """What explains and scores a network by each protocol, and adds it to the results."""

    def publish(result: Result) -> None:
        results.append(_saved(result, job, folder, beside))

    return [
        AttributionCallback(
            job.methods(),
            protocol,
            n_ecgs=job.config["ecgs"],
            seed=job.seeds[0],  # all networks meet the same noise, and experiments find the maps
            store=job.store,
            gallery=job.config["gallery"],
            publish=[publish],
        )
        for protocol in protocols
    ]


def _test(job: Job, module: Fitting, callbacks: list[pl.Callback]) -> None:
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


def network_of(job: Job, may_fit: bool) -> Fitting:
    """The network of this job, the user's own or a fitted one; errors as in fitted()."""
    own = job.config["network"]
    if own["_target_"] is None:
        return fitted(job, may_fit)
    net = built(own, "network")
    check_network(net, torch.zeros(2, len(LEADS), job.config["input"]["samples"]))
    # Scaled by 1 on both sides: the user's network reads µV and returns the target's unit.
    return training_module(job, as_it_is(job, net, x_scale=1.0)).eval()


def _saved(result: Result, job: Job, folder: Path, beside: Mapping[str, Any]) -> Result:
    whole = replace(result, facts=_facts(job, result.facts, beside))
    name = result.scores.protocol.name
    if job.config["seed"] != job.seeds[0]:
        name += f"-seed-{job.config['seed']}"
    whole.save(folder / RESULTS / name)
    return whole


def _facts(job: Job, facts: Mapping[str, Any], beside: Mapping[str, Any]) -> dict[str, Any]:
    """Facts of the data and the fit with the settings, the versions and the second data set."""
    known = {**facts, "settings": job.config, "versions": installed_versions()}
    return known | ({EXTERNAL: dict(beside)} if beside else {})


def saved_results(folder: Path) -> list[Result]:
    """The results of all jobs of a sweep, in the order of their folders."""
    return [Result.load(path) for path in _saved_folders(folder, RESULTS, "result.json")]


def saved_answers(folder: Path) -> list[Answer]:
    """The answers of all jobs of a sweep, in the order of their folders."""
    return [Answer.load(path) for path in _saved_folders(folder, ANSWERS, "about.json")]


def _saved_folders(folder: Path, kind: str, last: str) -> list[Path]:
    # hydra.sweep.subdir may give a job any name, and folders within folders.
    return in_order(folder, [path.parent for path in folder.rglob(f"{kind}/*/{last}")])


def print_rankings(results: Sequence[Result]) -> None:
    """Print each ranking as a table with its answer."""
    for group in same_but_seed(results):
        result, ranking = group[0], rank(group)
        columns = ["method", "auc", "low", "high", "difference_low", "beats_controls", "rank"]
        if len(result.scores.methods) < 2:
            columns.remove("rank")  # ranks exist only where methods are gathered
        networks = f", {len(group)} networks" if len(group) > 1 else ""
        of = f"{result.input}, {result.scores.protocol.name}{networks}"
        print(f"\n{result.target.name} ({of})")
        shown = ranking.table[columns].map(_shown)
        print(shown.to_string(index=False))
        print(ranking.sentence)
        print(f"This score on trial: {on_trial(result)}.")


def _shown(value: object) -> object:
    """Three digits of a number; nothing for what a control does not have."""
    if isinstance(value, float):
        return "" if isnan(value) else f"{value:.3g}"
    return "" if value is pd.NA else value
