"""The networks of a job: trained or the user's own, tested, with the facts of each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from ..datamodules import EcgData
from ..ecg import LEADS
from ..eval import Evaluation, Networks
from ..library import errors_of, own_of
from ..models import Fitting
from ..report import installed_versions
from .job import EXTERNAL, Job
from .loggers import of_numbers
from .training import fitted, is_fitted, own_module


def networks_of(job: Job, evaluations: Sequence[Evaluation], may_fit: bool) -> Networks:
    """The network of each seed, tested, and the one on permuted labels where it is needed.

    Raises ValueError for several seeds of a network of the user's own, and as fitted().
    """
    networks = untested_networks(job, evaluations, may_fit)
    facts = [_facts(each, network_of(each, may_fit)) for each in _of_each_seed(job)]
    return replace(networks, facts=facts)


def untested_networks(job: Job, evaluations: Sequence[Evaluation], may_fit: bool) -> Networks:
    """As `networks_of`, without facts."""
    nets = [_explained(each, network_of(each, may_fit)) for each in _of_each_seed(job)]
    wanted = [each for each in evaluations if each.permuted]
    return Networks(nets, _label_permuted(job, wanted, may_fit) if wanted else None)


def kept_network(job: Job) -> nn.Module:
    """The network that evaluations explain, from the store or the user's own; nothing is fitted.

    Errors as in fitted().
    """
    return _explained(job, network_of(job, may_fit=False))


def _explained(job: Job, module: Fitting) -> nn.Module:
    """The network itself, without the scale of 1 around the user's own."""
    net = module.net.eval()
    return net if job.own_network is None else net.body


def network_of(job: Job, may_fit: bool) -> Fitting:
    """The network of this job, the user's own or a fitted one; errors as in fitted()."""
    net = job.own_network
    if net is None:
        return fitted(job, may_fit)
    x = torch.zeros(2, len(LEADS), job.config["input"]["samples"])
    net = own_of(net, x, job.target, "network.input.column=…")
    # Scaled by 1 on both sides: the user's network reads µV and returns the target's unit.
    return own_module(job, net).eval()


def _of_each_seed(job: Job) -> list[Job]:
    """The job, then those of its other seeds."""
    others = [job.beside(f"seed-{seed}", seed=seed) for seed in job.seeds[1:]]
    if others and job.own_network is not None:
        raise ValueError(
            "expected one seed for a network of your own, which is not trained here, "
            f"got seed={list(job.seeds)}"
        )
    return [job, *others]


def _label_permuted(job: Job, evaluations: Sequence[Evaluation], may_fit: bool) -> nn.Module | None:
    """The network of this job trained on permuted labels, one for all evaluations that need it.

    None for a network of the user's own, and where it is missing and may not be fitted: its
    baseline is then empty. It has a seed of its own: two networks with the same first weights keep
    some of them, and their maps would agree by that, whatever the labels. Where evaluations want
    different ones, it is trained as the network itself.
    """
    if job.own_network is not None:
        return None
    wanted = {(each.permuted_ecgs, each.permuted_epochs) for each in evaluations}
    ecgs, epochs = wanted.pop() if len(wanted) == 1 else (None, None)
    fit = job.config["fit"]
    other = job.beside(
        "permuted",
        permute_labels=True,
        permuted_ecgs=ecgs,
        fit={**fit, "epochs": epochs or fit["epochs"]},
        seed=max(job.seeds) + 1,
    )
    return fitted(other, may_fit).net.eval() if may_fit or is_fitted(other) else None


def _facts(job: Job, module: Fitting) -> dict[str, Any]:
    """How well the network reads its target on both data sets, settings and versions."""
    job.data.prepare_data()
    fit = errors_of(module, job.data, job.config["trainer"]["accelerator"], of_numbers(job.loggers))
    facts = {
        "fit": fit,
        "settings": job.config,
        "command": list(job.words),
        "versions": installed_versions(),
    }
    if job.external is not None:
        facts[EXTERNAL] = _on_second(job, module, job.external)
    return facts


def _on_second(job: Job, module: Fitting, second: EcgData) -> Mapping[str, Any]:
    """Facts of the second data set, with the metrics of the network on it as `fit`."""
    return {**second.counts, "fit": errors_of(module, second, job.config["trainer"]["accelerator"])}
