"""Evaluations that cannot be asked of a job: found before a network is fitted, told in one way.

Each leaves its reason as an answer, whether it was asked for alone or with others. A run in which
nothing could be asked ends with that reason and status 2, because what follows it in a script would
take status 0 for a result; one with other results, and a job of a sweep, which has others, do not.
"""

from collections.abc import Callable, Sequence
from functools import cache

from ..datamodules import MAY_LEAVE
from ..eval import Answer, Checked, Experiment, NotApplicable, Unanswered
from ..eval.sanity import Setup
from ..report import installed_versions
from .experiments import ANSWERS, setup_of, unanswered
from .job import Job


def none_applies(job: Job, experiments: Sequence[Experiment]) -> list[Answer]:
    """The reasons of all experiments, where none of them can be asked; kept in the job's folder.

    Empty as soon as one can: `experiments.run` finds the reasons of the others.
    """
    setup = cache(lambda: setup_of(job))
    reasons = [_reason(each, setup) for each in experiments]
    if not all(reasons):
        return []
    answers = [_answer(job, reason) for reason in reasons if reason is not None]
    for answer in answers:
        answer.save(job.folder / ANSWERS / answer.finding.experiment)
    return answers


def check_any_answered(job: Job, answers: Sequence[Answer]) -> None:
    """Raise NotApplicable where a run, which is no job of a sweep, has reasons alone."""
    found = [each.finding for each in answers if isinstance(each.finding, Unanswered)]
    if found and len(found) == len(answers) and not job.swept:
        names = " and ".join(each.experiment for each in found)
        raise NotApplicable(f"nothing was answered by {names}. {found[0].sentence}")


def _reason(experiment: Experiment, setup: Callable[[], Setup]) -> Unanswered | None:
    if isinstance(experiment, Checked):
        try:
            experiment.check(setup)
        except NotApplicable as reason:
            return unanswered(experiment, reason)
    return None


def _answer(job: Job, reason: Unanswered) -> Answer:
    """Without numbers of the ECGs, which may not have been prepared, and without a network."""
    data = job.data
    facts = {
        "source": data.records.name,
        MAY_LEAVE: data.may_leave_machine,
        "settings": job.config,
        "versions": installed_versions(),
    }
    return Answer(job.target, job.config["input"]["name"], (), 0, 0, reason, facts)
