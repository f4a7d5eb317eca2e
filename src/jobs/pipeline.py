"""From settings to a report: subject, networks, findings, page."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache
from math import nan

from ..datamodules import MAY_LEAVE, all_may_leave
from ..engine import full_precision
from ..eval import (
    FINDING,
    About,
    Evaluation,
    Finding,
    NotApplicable,
    Subject,
    finding_or_reason,
    not_applicable,
    save_finding,
    subject_of,
)
from ..library import plain_trainer, quiet
from ..report import Made, installed_versions, run_views, write_page
from ..store import Shard, begin_job, write_json
from ..trust import sign
from .folders import FINDINGS, SHARD
from .job import Job
from .loggers import Stages, note, print_findings, send
from .networks import check_fit, label_permuted_job, networks_of
from .runs import made_whole
from .start import check_start, say_namesakes


@full_precision()
def run(job: Job, may_fit: bool) -> None:
    """Run one job to its report; the last line printed is the report's path.

    An evaluation that does not apply leaves its reason among the findings. A run in which none
    applies ends with that reason, because a script would take status 0 for a result; a job of a
    sweep, which has others, does not. A shard of a job leaves its share in the store instead.
    """
    begin_job()
    stages, evaluations = Stages(), job.evaluations()
    if job.shard is None:  # a shard fits and tests nothing where the network is in the store
        with quiet():
            plain_trainer(job.config["trainer"]["accelerator"])
    _ = job.own_network  # wrong names should not cost the preparation of ECGs
    check_start(job)
    label_permuted_job(job, evaluations)
    if may_fit:
        check_fit(job)
    if job.shard is not None:
        _make(job, evaluations, job.shard, may_fit)
        return
    subject = cache(stages.stage("ECGs")(lambda: _subject(job)))
    reasons = _reasons(job, evaluations, subject)
    if len(reasons) == len(evaluations):
        _publish(job, [_saved(job, each) for each in reasons], stages)
        return
    _check_data(job)
    if may_fit:  # without a fit, a missing network is found before the ECGs are made
        subject()
    with stages.stage("networks"):
        networks = networks_of(job, evaluations, may_fit)
    for evaluation in evaluations:
        evaluation.check_networks(networks, subject())
    findings = []
    for evaluation in evaluations:
        with stages.stage(f"evaluation {evaluation.name}"):
            findings.append(_saved(job, finding_or_reason(evaluation, networks, subject())))
    _publish(job, findings, stages)


def _make(job: Job, evaluations: Sequence[Evaluation], shard: Shard, may_fit: bool) -> None:
    """Make a shard of the ECGs, maps and curves, for the run that gathers; print that it is done.

    What cannot be divided, the fit of a network, is made by the first process that comes to it.
    """
    job.data.prepare_shard(shard)
    subject = _subject(job)
    networks = networks_of(job, evaluations, may_fit, test=False)
    for evaluation in evaluations:
        with suppress(NotApplicable):  # the run that gathers gives the reason
            evaluation.check(lambda: subject)
            evaluation.check_networks(networks, subject)
            evaluation.make(networks, subject, shard)
    write_json(job.folder / SHARD, {"shard": str(shard)})
    print(f"{shard}: done; the run without shard= gathers")


def _subject(job: Job) -> Subject:
    """The test ECGs of the job with its methods."""
    config = job.config
    subject = subject_of(job.data, job.methods(), config["ecgs"], config["seed"], job.store)
    return replace(subject, gallery=config["gallery"], workers=job.workers)


def _reasons(
    job: Job, evaluations: Sequence[Evaluation], subject: Callable[[], Subject]
) -> list[Finding]:
    """The reasons of evaluations that are known not to apply before a network is fitted."""
    reasons = []
    for evaluation in evaluations:
        try:
            evaluation.check(subject)
        except NotApplicable as reason:
            reasons.append(not_applicable(reason, _about_nothing(job, evaluation)))
    return reasons


def _about_nothing(job: Job, evaluation: Evaluation) -> About:
    """Description of a finding without numbers: no ECGs, which may not have been prepared."""
    data = job.data
    facts = {
        "source": data.records.name,
        MAY_LEAVE: data.may_leave_machine,
        "settings": job.config,
        "versions": installed_versions(),
    }
    return About(
        evaluation=evaluation.name,
        question=evaluation.question,
        source=evaluation.source,
        target=job.target,
        input=job.config["input"]["name"],
        networks=(),
        records=(),
        patients=(),
        data=facts,
    )


def _check_data(job: Job) -> None:
    """Raise, and say, before a network is fitted what would otherwise be found after."""
    if job.external is not None:
        try:
            _ = job.external.cohort.parts  # labels of the second data set
        except ValueError as error:
            raise ValueError(f"of data.external: {error}") from error
    say_namesakes(job)
    if not all_may_leave(job.config["data"]):
        _ = job.names.key  # the key of the pseudonyms can be read


def _saved(job: Job, finding: Finding) -> Finding:
    """The finding, written to the folder of the job, with the numbers of its curves logged."""
    folder = save_finding(finding, job.folder / FINDINGS / finding.about.evaluation)
    sign(folder / FINDING)  # as this user's own it may be opened with what it names
    note(job.loggers, finding)
    return finding


def _publish(job: Job, findings: Sequence[Finding], stages: Stages) -> None:
    """Write the report, log it and print the findings; raise where none applies."""
    with stages.stage("report"):
        whole = made_whole(job.store.root, stages.begun, job.command == "train")
        made = None if job.swept else Made(job.folder, stages.minutes if whole else nan)
        views = run_views(findings, job.names, made)
        page = write_page(views, job.folder, job.names)
        send(job.loggers, views, page, job.store.root, stages)
    stages.total()
    print_findings(views)
    print(page.resolve())
    if all(each.reason for each in findings) and not job.swept:
        names = " and ".join(each.about.evaluation for each in findings)
        raise NotApplicable(f"nothing was answered by {names}. {findings[0].sentence}")
