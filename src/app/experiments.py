"""The experiments of a job, on networks that differ in their seed and one that knows nothing."""

from collections.abc import Sequence
from typing import Any

from torch import nn

from ..eval import Answer, Experiment, NotApplicable, Panel, Unanswered
from ..eval.evaluations.sanity import Finding, Setup, Weights
from ..eval.heatmaps.attributions import WHOLE
from ..eval.heatmaps.question import CHUNK
from ..models import layers, network_key
from .fit import fitted, is_fitted
from .job import Job

ANSWERS = "answers"


def check(job: Job, experiments: Sequence[Experiment], net: nn.Module) -> None:
    """Raise ValueError where weights cannot be drawn anew: at once, not after all the scores."""
    if any(isinstance(each, Weights) for each in experiments):
        layers(net, job.data.test_batch(1).x)


def run(
    job: Job,
    experiments: Sequence[Experiment],
    nets: Sequence[nn.Module],
    facts: dict[str, Any],
    may_fit: bool,
) -> list[Answer]:
    """What each experiment found on the test ECGs of the job; kept in its folder.

    One that cannot be asked here leaves its reason (see `inapplicable`).
    """
    if not experiments:
        return []
    setup = setup_of(job)
    wanted = any(each.permuted for each in experiments)
    permuted = label_permuted(job, may_fit) if wanted else None
    leads, time = setup.ecgs.x.shape[1:]
    keys = tuple(network_key(net, (leads, time)) for net in nets)
    answers = []
    for each in experiments:
        asked = setup.first(each.ecgs)
        try:
            finding = each(nets, setup, permuted if each.permuted else None)
        except NotApplicable as reason:
            finding = unanswered(each, reason)
        answer = Answer(
            target=job.target,
            input=job.config["input"]["name"],
            networks=keys[: _looked_at(each, finding, len(nets))],
            ecgs=len(asked.ecgs.record),
            patients=len({*asked.patients}),
            finding=finding,
            facts=facts,
        )
        answer.save(job.folder / ANSWERS / each.name)
        answers.append(answer)
    return answers


def _looked_at(asked: Experiment, finding: Finding | Panel | Unanswered, networks: int) -> int:
    """How many of the networks an answer stands on."""
    if isinstance(finding, Panel):
        return finding.networks
    return networks if asked.networks > 1 else 1


def unanswered(experiment: Experiment, reason: NotApplicable) -> Unanswered:
    """The reason in place of a finding."""
    return Unanswered(experiment.name, f"Cannot be asked here: {reason}.")


def label_permuted(job: Job, may_fit: bool) -> nn.Module | None:
    """The network of this job trained on permuted labels.

    None for a network of the user's own, and where it is not there and may not be fitted: its floor
    is then said to be empty.

    It has a seed of its own: two networks that set out from the same weights keep some of them, and
    their maps would agree by that, whatever the labels.
    """
    if job.config["network"]["_target_"] is not None:
        return None
    other = job.beside("permuted", permute_labels=True, seed=max(job.seeds) + 1)
    return fitted(other, may_fit).net.eval() if may_fit or is_fitted(other) else None


def setup_of(job: Job) -> Setup:
    """The ECGs of the job that experiments are asked on, prepared now, with its methods."""
    # Of strips whole heatmaps are kept of the first chunk alone.
    most = CHUNK if job.config["input"]["samples"] > WHOLE else job.config["ecgs"]
    ecgs = job.data.test_batch(min(job.config["ecgs"], most))
    return Setup(
        ecgs=ecgs,
        methods=job.methods(),
        store=job.store,
        patients=job.data.patients_of(ecgs.record),
        target=job.target.index,
        seed=job.config["seed"],
        background=job.data.background,
        label=job.target,
        traits=job.data.traits_of(ecgs.record),
    )
